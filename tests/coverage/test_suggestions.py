"""Who fits a slot best, why, and what it would change."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import Relationship
from coverage.models import Coverage, CoveragePolicy
from coverage.suggestion_queries import NoSlot, SlotSuggestions, suggestions
from coverage.suggestions import fitness_of, ranked
from teams.models import Member
from tests import factories as make
from tests.cast import Cast
from users.models import User

LOCAL = "local_account_manager"
SHARE = st.none() | st.fractions(0, 1)


def test_parts_are_weighed_and_what_is_unknown_weighs_nothing() -> None:
    whole = fitness_of(fill=Fraction(1), room=Fraction(1, 2), contacts=1, same_country=False)
    assert whole.index == Fraction(40 + Fraction(25, 2) + 10, 100)
    assert whole.known_weight == 1
    part = fitness_of(fill=Fraction(1, 2), room=None, contacts=None, same_country=True)
    assert part.index == Fraction(20 + 15, 55)
    assert part.known_weight == Fraction(55, 100)
    assert fitness_of(fill=None, room=None, contacts=None, same_country=None).index is None


@given(SHARE, SHARE, st.none() | st.integers(0, 9), st.none() | st.booleans())
def test_a_better_fill_never_fits_worse(
    fill: Fraction | None, room: Fraction | None, contacts: int, same: bool
) -> None:
    index = fitness_of(fill=fill, room=room, contacts=contacts, same_country=same).index
    best = fitness_of(fill=Fraction(1), room=room, contacts=contacts, same_country=same).index
    assert best is not None
    assert fill is None or (index is not None and index <= best)


def test_an_unknown_fill_comes_after_every_known_one() -> None:
    unknown = fitness_of(fill=None, room=Fraction(1), contacts=9, same_country=True)
    poor = fitness_of(fill=Fraction(1, 4), room=Fraction(0), contacts=0, same_country=False)
    assert ranked([(unknown, "a", "unknown"), (poor, "b", "poor")]) == ["poor", "unknown"]


@pytest.fixture
def slot(cast: Cast) -> Cast:
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id=LOCAL)
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    for name, languages, hours in (("anna", ["de:C1"], 20), ("ben", ["en:C2"], 20)):
        make.MemberFactory(
            email=f"{name}@example.org",
            languages=languages,
            weekly_hours=hours,
            country="DE",
            time_zone="Europe/Berlin",
        )
    return cast


def asked(viewer: User, cast: Cast) -> SlotSuggestions:
    return suggestions(viewer=viewer, account=cast.acme, unit_code="ACME-DE", role=LOCAL)


@pytest.mark.django_db
def test_the_fittest_come_first_with_reasons_and_effects(slot: Cast) -> None:
    found = asked(slot.superuser, slot)
    names = [one.member.email.partition("@")[0] for one in found.found]
    assert names[:2] == ["anna", "ben"]
    anna, ben = found.found[:2]
    assert (anna.fill, anna.score, anna.gap) == (Fraction(1), Fraction(1), 0)
    assert (ben.fill, ben.score) == (Fraction(1, 2), Fraction(1, 2))
    assert ["speaks", "de"] in anna.codes
    assert ["no_language"] in ben.codes
    assert (anna.before.hours, anna.after.hours, anna.after.accounts) == (Decimal(0), Decimal(1), 1)
    assert anna.minutes is not None
    assert 0 < anna.minutes <= 5 * 8 * 60
    assert found.score == 0


@pytest.mark.django_db
def test_whose_fill_is_not_known_changes_nothing_that_is_known(slot: Cast) -> None:
    owner = next(one for one in asked(slot.superuser, slot).found if one.member == slot.owner.member)
    assert (owner.fill, owner.gap, owner.minutes) == (None, None, None)
    assert owner.fitness.known_weight < 1


@pytest.mark.django_db
def test_contacts_count_for_who_sees_them(slot: Cast) -> None:
    contact = make.ContactFactory(account=slot.acme, org_unit=slot.acme.org_units.get())
    Relationship.objects.create(contact=contact, member=Member.objects.get(email="anna@example.org"))
    assert asked(slot.owner, slot).found[0].contacts == 1
    assert all(one.contacts is None for one in asked(slot.europe_lead, slot).found)


@pytest.mark.django_db
def test_a_full_band_leaves_no_room(slot: Cast) -> None:
    anna = Member.objects.get(email="anna@example.org")
    for _each in range(8):
        make.TeamMemberFactory(team=make.AccountFactory().team, member=anna)
    found = next(one for one in asked(slot.superuser, slot).found if one.member == anna)
    assert not found.has_room
    assert found.fitness.parts[1].value == 0


@pytest.mark.django_db
def test_what_is_no_slot_has_no_suggestions(slot: Cast) -> None:
    for unit, role in (("NONE", LOCAL), ("ACME-DE", "legal"), ("\0", "\0")):
        with pytest.raises(NoSlot):
            suggestions(viewer=slot.superuser, account=slot.acme, unit_code=unit, role=role)


@pytest.mark.django_db
def test_the_panel_assigns_and_leaves_the_next_ones(slot: Cast) -> None:
    client = Client()
    client.force_login(slot.superuser)
    page = client.get(f"/accounts/ACME/suggestions/?unit=ACME-DE&role={LOCAL}").content.decode()
    assert "Assign anna@example.org" in page
    assert "no shared language at B2 or better" in page
    given = {"unit": "ACME-DE", "role": LOCAL, "member": "anna@example.org"}
    url = "/accounts/ACME/suggestions/fill/"
    assert client.post(url, {**given, "valid_from": "never"}).status_code == 200
    assert client.post(url, {**given, "member": "nobody", "valid_from": "2024-06-01"}).status_code == 404
    assert Coverage.objects.count() == 0
    answer = client.post(url, {**given, "valid_from": "2024-06-01"})
    assert answer.headers["HX-Trigger"] == "coverage-changed"
    assert Coverage.objects.get().member.email == "anna@example.org"
    Member.objects.filter(email="ben@example.org").update(weekly_hours=Decimal("0.1"))
    again = client.post(url, {**given, "member": "ben@example.org", "valid_from": "2024-06-01"})
    assert "has somebody in the role" in again.content.decode()


@pytest.mark.django_db
def test_the_endpoint_says_what_the_panel_says(slot: Cast) -> None:
    client = APIClient()
    client.force_authenticate(slot.superuser)
    url = "/api/v1/accounts/ACME/suggestions/"
    found = client.get(url, {"unit": "ACME-DE", "role": LOCAL}).json()
    assert [one["member"] for one in found["results"]][:2] == ["anna@example.org", "ben@example.org"]
    assert found["results"][0]["score_after"] == 1.0
    assert found["results"][0]["parts"]["fill"] == 1.0
    assert client.get(url, {"unit": "NONE", "role": LOCAL}).status_code == 404
    assert client.get(url, {"unit": "ACME-DE", "role": LOCAL, "on": "x"}).status_code == 400
    assert client.get(url, {"unit": "ACME-DE", "role": LOCAL, "x": "1"}).status_code == 400
