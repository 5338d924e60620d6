"""Load: accounts against the band, hours against capacity, and what a re-assignment would change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from core.errors import DomainError, NotPermitted
from coverage import load_services, reassigning, reassigning_services
from coverage.load import ABOVE, BELOW, WITHIN, Held, Place, Rates, Seat, load_of, spread
from coverage.load_queries import Carrier, Chosen, load_rates, team_load
from coverage.models import Coverage, CoveragePolicy
from tests import factories as make
from tests.cast import Cast
from users.models import User

LOCAL, SPONSOR = "local_account_manager", "executive_sponsor"
RATES = Rates(by_role={SPONSOR: Decimal("0.5")}, by_type={"global": Decimal(2)}, manages=frozenset({LOCAL}))


def test_hours_are_relationships_times_hours_each() -> None:
    held = Held(frozenset({Seat(1, LOCAL)}), frozenset({Place(1, 7, LOCAL), Place(2, 8, SPONSOR)}), {1: 3, 2: 4})
    load = load_of(held, {1: "global", 2: None}, RATES, Decimal(10))
    assert (load.accounts, load.contacts, load.units, load.relationships) == (1, 7, 2, 9)
    # A unit 1 h and a sponsor's ½ h, a contact ¼ h; at a global account twice as much.
    assert load.hours == 2 * 1 + Decimal("0.5") + 3 * Decimal("0.5") + 4 * Decimal("0.25")
    assert (load.share, load.left, load.is_over) == (Fraction(1, 2), Decimal(5), False)


def test_an_unknown_capacity_is_neither_enough_nor_too_little() -> None:
    load = load_of(Held(places=frozenset({Place(1, 7, LOCAL)})), {}, RATES, None)
    assert (load.share, load.left, load.is_over) == (None, None, None)


def test_the_band_has_two_ends_and_no_place_for_who_manages_nothing() -> None:
    assert [RATES.band(many) for many in (0, 1, 3, 4, 8, 9)] == ["", BELOW, BELOW, WITHIN, WITHIN, ABOVE]


def test_a_sponsor_manages_no_account() -> None:
    assert Held(frozenset({Seat(1, SPONSOR)})).managed(RATES) == frozenset()


def test_managers_are_counted_by_their_accounts_without_a_hole() -> None:
    assert spread([0, 2, 2, 4]) == {1: 0, 2: 2, 3: 0, 4: 1}


def carrier(viewer: User, email: str, **chosen: str) -> Carrier | None:
    found = team_load(viewer=viewer, chosen=Chosen(**chosen))  # type: ignore[arg-type]  # texts only
    return next((one for one in found.shown if one.member.email == email), None)


@pytest.mark.django_db
def test_a_reader_sees_the_load_of_accounts_that_she_sees_and_is_told_of_more(cast: Cast) -> None:
    owner = cast.owner.member
    make.TeamMemberFactory(team=cast.other.team, member=owner)
    make.CoverageFactory(org_unit=cast.acme.org_units.get(), member=owner)
    make.CoverageFactory(org_unit=cast.other.org_units.get(), member=owner)
    whole, part = carrier(cast.executive, owner.email), carrier(cast.europe_lead, owner.email)
    assert whole is not None
    assert part is not None
    assert (whole.load.accounts, whole.load.units, whole.is_part) == (2, 2, False)
    assert (part.load.accounts, part.load.units, part.is_part) == (1, 1, True)


@pytest.mark.django_db
def test_filters_leave_who_stands_so(cast: Cast) -> None:
    owner = cast.owner.member
    make.CoverageFactory(org_unit=cast.acme.org_units.get(), member=owner)
    assert carrier(cast.executive, owner.email, show="outside") is not None  # one account, the band begins at 4
    assert carrier(cast.executive, owner.email, show="unknown") is not None
    assert carrier(cast.executive, owner.email, show="over") is None
    owner.weekly_hours, owner.country = Decimal("0.5"), "JP"
    owner.save()
    assert carrier(cast.executive, owner.email, show="over") is not None
    assert carrier(cast.executive, owner.email, show="unknown") is None
    assert carrier(cast.executive, owner.email, region="ASIA") is not None
    assert carrier(cast.executive, owner.email, region="EUROPE") is None
    assert carrier(cast.executive, owner.email, search="nobody") is None


def change_settings(by: User, **changed: int) -> None:
    given = {"least": 4, "most": 8, **changed}
    load_services.change_settings(
        by=by,
        per_contact=Decimal("0.5"),
        per_unit=Decimal(2),
        roles={LOCAL: (Decimal(3), True)},
        types={"global": Decimal("1.5")},
        **given,
    )


@pytest.mark.django_db
def test_an_administrator_sets_band_and_hours_and_nobody_else_does(cast: Cast) -> None:
    change_settings(cast.administrator, least=2, most=5)
    rates = load_rates()
    assert (rates.least, rates.most, rates.per_contact, rates.of_unit(LOCAL, "global")) == (
        2,
        5,
        Decimal("0.5"),
        Decimal("4.5"),
    )
    with pytest.raises(NotPermitted):
        change_settings(cast.owner)
    with pytest.raises(DomainError):
        change_settings(cast.administrator, least=6, most=5)
    assert load_rates().most == 5


@pytest.mark.django_db
def test_the_settings_page_saves_and_says_what_is_wrong(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.administrator)
    form = client.get("/load/settings/").context["form"]
    given = {name: form[name].value() or "" for name in form.fields if form[name].value() not in (None, False)}
    answer = client.post("/load/settings/", {**given, "least": 3, "most": 2})
    assert "most" in answer.context["form"].errors
    assert client.post("/load/settings/", {**given, "least": 3, "most": 6}).status_code == 302
    assert (load_rates().least, load_rates().most) == (3, 6)


@pytest.mark.django_db
def test_pages_of_load_open_narrowed_exported_and_with_nonsense(cast: Cast) -> None:
    make.CoverageFactory(org_unit=cast.acme.org_units.get(), member=cast.owner.member)
    client = Client()
    client.force_login(cast.executive)
    for query in ("", "?show=outside&region=EUROPE", "?accounts=x&show=x&region=x&sort=x", "?search=%00&after=nobody"):
        assert client.get(f"/load/{query}").status_code == 200, query
    answer: Any = client.get("/load/?format=csv")
    text = b"".join(answer.streaming_content).decode()
    assert "owner@example.org" in text
    assert "healthy band 4 to 8" in text


FROM = dt.date(2024, 6, 1)


def place_of(cast: Cast, **more: object) -> Coverage:
    return make.CoverageFactory(org_unit=cast.acme.org_units.get(), member=cast.owner.member, **more)


@pytest.mark.django_db
def test_what_a_re_assignment_would_change_is_what_it_changes(cast: Cast) -> None:
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id=LOCAL)
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    place = place_of(cast)
    speaker = {"country": "DE", "time_zone": "Europe/Berlin"}
    for user, languages in ((cast.owner, ["en:C2"]), (cast.outsider, ["de:C2"])):
        for name, value in {**speaker, "languages": languages}.items():
            setattr(user.member, name, value)
        user.member.save()
    names = {"giver": "owner@example.org", "taker": "outsider@example.org", "account": "ACME"}
    asked = reassigning.what_if(viewer=cast.executive, keys=None, on=FROM, **names)
    giver, taker = asked.changes
    assert (giver.before.accounts, giver.after.accounts, giver.after.units) == (1, 0, 0)
    assert (taker.before.accounts, taker.after.accounts, taker.after.units) == (1, 2, 1)
    assert asked.alignment is not None
    assert asked.alignment.score == (Fraction(1, 2), Fraction(1))
    assert Coverage.objects.get() == place  # nothing is written by asking
    keys = [item.key for item in asked.items]
    assert reassigning_services.reassign(by=cast.superuser, keys=keys, on=FROM, **names) == 2
    found = {one.member.email: one.load for one in team_load(viewer=cast.executive, chosen=Chosen(), on=FROM).shown}
    assert found["owner@example.org"] == giver.after
    assert found["outsider@example.org"] == taker.after
    before = team_load(viewer=cast.executive, chosen=Chosen(), on=FROM - dt.timedelta(days=1))
    assert {one.member.email: one.load.units for one in before.shown}["owner@example.org"] == 1


@pytest.mark.django_db
def test_only_what_is_chosen_changes_hands_and_the_taker_joins_the_team(cast: Cast) -> None:
    place = place_of(cast, covers_descendants=True)
    key = f"p-{place.org_unit_id}-{LOCAL}"
    names = {"giver": "owner@example.org", "taker": "outsider@example.org", "account": "ACME"}
    assert reassigning_services.reassign(by=cast.superuser, keys=[key], on=FROM, **names) == 1
    rows = Coverage.objects.order_by("valid_from").values_list("member__email", "valid_to", "covers_descendants")
    assert list(rows) == [("owner@example.org", FROM, True), ("outsider@example.org", None, True)]
    team = cast.acme.team.memberships.as_of(FROM).values_list("member__email", flat=True)
    assert sorted(team) == ["outsider@example.org", "owner@example.org"]


@pytest.mark.django_db
def test_a_re_assignment_that_can_not_be_is_refused_whole(cast: Cast) -> None:
    place_of(cast, valid_from=FROM)
    names = {"giver": "owner@example.org", "taker": "outsider@example.org", "account": "ACME"}
    keys = [item.key for item in reassigning.what_if(viewer=cast.owner, keys=None, on=FROM, **names).items]
    for given, reason in (
        ({"keys": keys, "on": FROM, **names}, "begins on this very day"),
        ({"keys": [], "on": FROM, **names}, "what is given"),
        ({"keys": keys, "on": FROM, **names, "taker": "nobody"}, "who takes"),
        ({"keys": keys, "on": None, **names}, "day"),
    ):
        with pytest.raises(DomainError, match=reason):
            reassigning_services.reassign(by=cast.superuser, **given)
    with pytest.raises(DomainError, match="who takes"):
        reassigning_services.reassign(by=cast.asia_lead, keys=keys, on=FROM, **names)
    with pytest.raises(NotPermitted):
        reassigning_services.reassign(by=cast.executive, keys=keys, on=FROM, **names)
    assert Coverage.objects.get().valid_to is None


@pytest.mark.django_db
def test_the_page_of_a_re_assignment_shows_both_and_saves(cast: Cast) -> None:
    place_of(cast)
    client = Client()
    client.force_login(cast.owner)
    query = {"from": "owner@example.org", "to": "outsider@example.org", "account": "ACME", "on": "2024-06-01"}
    answer = client.get("/load/what-if/", query)
    assert len(answer.context["view"].changes) == 2
    assert client.get("/load/what-if/?from=%00&to=x&account=%00&on=never").status_code == 200
    items = [item.key for item in answer.context["view"].items]
    saved = client.post("/load/what-if/", {**query, "of": "owner@example.org/ACME", "item": items})
    assert saved.status_code == 302
    assert Coverage.objects.filter(member=cast.outsider.member, valid_from=FROM).exists()


@pytest.mark.django_db
def test_as_many_statements_for_forty_members_as_for_two(
    cast: Cast, django_assert_num_queries: Any, client: Client
) -> None:
    """Session and user are two of each."""
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id=LOCAL)
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    client.force_login(cast.executive)
    pages = {
        "/load/": 11,
        "/load/what-if/?from=owner@example.org&to=outsider@example.org&account=ACME": 24,
        f"/accounts/ACME/suggestions/?unit=ACME-DE&role={LOCAL}": 31,
    }
    for many in (0, 40):
        for _each in range(many):
            member = make.MemberFactory(languages=["de:C1"], country="DE", weekly_hours=20)
            make.CoverageFactory(org_unit=cast.other.org_units.get(), member=member)
        for page, number in pages.items():
            client.get(page)
            with django_assert_num_queries(number, info=page):
                client.get(page)
