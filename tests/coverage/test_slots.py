"""Which slots are covered, inherited or empty."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.structures import Forest
from coverage.models import CoveragePolicy
from coverage.slots import COVERED, GAP, INHERITED, UNKNOWN, Fit, Post, Rule, not_asked, slots_of
from teams.models import Member
from tests import factories as make
from tests.cast import Cast

ABOVE = Forest.of([1, 2, 3], [(2, 1), (3, 2)])
KINDS = {1: "group", 2: "division", 3: "site"}
SITE_NEEDS = [Rule("site", "manager", True)]


def perfect(member: int, unit: int) -> Fit:
    return Fit(shares_language=True, shares_hours=True)


def state(posts: list[Post], rules: list[Rule] = SITE_NEEDS, unit: int = 3) -> str:
    return slots_of(KINDS, ABOVE, rules, posts, perfect).state_of(unit)


def test_a_required_role_that_nobody_holds_is_a_gap() -> None:
    assert state([]) == GAP


def test_somebody_on_the_unit_covers_it() -> None:
    assert state([Post(3, "manager", 7, False)]) == COVERED


def test_coverage_is_inherited_only_where_it_reaches_down_and_the_policy_lets_it() -> None:
    assert state([Post(1, "manager", 7, True)]) == INHERITED
    assert state([Post(1, "manager", 7, False)]) == GAP
    assert state([Post(1, "manager", 7, True)], [Rule("site", "manager", False)]) == GAP
    assert state([Post(1, "sponsor", 7, True)]) == GAP


def test_the_nearest_unit_above_lends_its_members() -> None:
    found = slots_of(KINDS, ABOVE, SITE_NEEDS, [Post(1, "manager", 7, True), Post(2, "manager", 8, True)], perfect)
    assert (found.by_unit[3][0].members, found.by_unit[3][0].source) == ((8,), 2)


def test_without_any_policy_coverage_is_unknown_and_never_a_gap() -> None:
    assert state([], []) == UNKNOWN
    assert state([], [Rule("group", "manager", True)]) == ""


def test_a_slot_whose_fill_nobody_knows_is_unknown_and_no_gap() -> None:
    found = slots_of(KINDS, ABOVE, SITE_NEEDS, [Post(3, "manager", 7)], not_asked)
    assert (found.by_unit[3][0].state, found.state_of(3), found.gaps) == (UNKNOWN, UNKNOWN, [])


@pytest.mark.django_db
def test_the_pages_show_gaps_in_words(cast: Cast) -> None:
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="local_account_manager")
    client = Client()
    client.force_login(cast.owner)
    assert client.get("/accounts/ACME/structure/").context["nodes"][0]["gapText"] == "Local account manager"
    panel = client.get("/accounts/ACME/unit/?unit=ACME-DE").content.decode()
    assert "Nobody" in panel
    assert client.get("/accounts/ACME/alignment/").context["screen"].sums.empty == 1
    unit = cast.acme.org_units.get()
    make.CoverageFactory(org_unit=unit, member=cast.owner.member)
    assert client.get("/accounts/ACME/structure/").context["nodes"][0]["state"] == UNKNOWN, (
        "her languages are not known"
    )
    Member.objects.update(languages=["de:C1"], country="FR")
    assert client.get("/accounts/ACME/structure/").context["nodes"][0]["state"] == COVERED
    assert client.get("/accounts/ACME/alignment/").context["screen"].sums.empty == 0


@pytest.mark.django_db
def test_an_unknown_unit_or_day_does_not_break_the_pages(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.owner)
    assert client.get("/accounts/ACME/unit/?unit=NONE").status_code == 404
    assert client.get("/accounts/ACME/structure/?on=tomorrow&structure=x&month=999999").status_code == 200
    for day in (dt.date.min, dt.date.max):
        for page in ("structure/", "unit/", "alignment/"):
            assert client.get(f"/accounts/ACME/{page}?unit=ACME-DE&on={day}").status_code == 200, (page, day)
