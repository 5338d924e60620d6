"""The rules of slots, values, mirrors, levels and bridges, one by one. No test here needs a database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.structures import Forest
from coverage import alignment, bridges, fits, mirrors, parity, slots
from coverage.alignment import Sums, UnitFacts, alignment_of, values_of, whitespace
from coverage.bridges import Strength, bridges_of
from coverage.fits import Person, Place, fit_of, fits_on
from coverage.mirrors import Mirror, mirror_of
from coverage.parity import KeyContact, Parity, Tie, is_active, parity_of
from coverage.slots import EMPTY, FILLED, HALF, INHERITED, UNKNOWN, Fit, Fits, Post, Rule, Slot, Slots, slots_of
from teams.overlap import WorkingTime
from tests.coverage.branches import Branches

DAY = dt.date(2026, 3, 6)
ABOVE = Forest.of([1, 2, 3], [(2, 1), (3, 2)])
KINDS = {1: "group", 2: "division", 3: "site"}
SITE_NEEDS = Rule("site", "manager")
PERFECT, MUTE, ASLEEP, LOST = Fit(True, True), Fit(False, True), Fit(True, False), Fit(None, True)


def fitting(**by_member: Fit) -> Fits:
    """The fits of members 7, 8 and 9, everywhere; perfect unless given as `m7=`."""
    return lambda member, _unit: by_member.get(f"m{member}", PERFECT)


def told(*values: Any) -> tuple[Any, ...]:
    """Several values, to compare at once."""
    return values


def slot(*posts: Post, rule: Rule = SITE_NEEDS, **by_member: Fit) -> Slot:
    return slots_of(KINDS, ABOVE, [rule], posts, fitting(**by_member)).by_unit[3][0]


def on(unit: int, member: int = 7, *, role: str = "manager", reaches_down: bool = True) -> Post:
    return Post(unit, role, member, reaches_down)


def test_a_slot_is_filled_on_the_unit_and_halved_with_every_link_above_it() -> None:
    found = [slot(on(3)), slot(on(2)), slot(on(1)), slot()]
    assert [s.state for s in found] == [FILLED, INHERITED, INHERITED, EMPTY]
    assert [s.fill for s in found] == [1, HALF, Fraction(1, 4), 0]
    assert [s.source for s in found] == [None, 2, 1, None]


def test_only_what_reaches_down_in_a_role_that_may_be_inherited_is() -> None:
    assert slot(on(2, reaches_down=False)).state == EMPTY
    assert slot(on(2), rule=Rule("site", "manager", is_inheritable=False)).state == EMPTY
    assert slot(on(2, role="sponsor"), on(3, role="sponsor")).state == EMPTY
    assert slot(on(3, reaches_down=False)).state == FILLED


def test_a_missing_language_and_missing_hours_halve_each() -> None:
    assert slot(on(3), m7=MUTE).fill == HALF
    assert slot(on(3), m7=ASLEEP).fill == HALF
    assert slot(on(2), m7=Fit(False, False)).fill == Fraction(1, 8)


def test_an_unknown_fit_makes_an_unknown_fill_and_never_a_gap() -> None:
    for fit in (LOST, Fit(True, None), Fit(None, None), Fit(False, None)):
        assert (slot(on(3), m7=fit).state, slot(on(3), m7=fit).fill) == (UNKNOWN, None)


def test_of_several_coverers_the_largest_known_fill_counts() -> None:
    both = slot(on(3, 7), on(2, 8), m7=Fit(False, False))
    assert (both.fill, both.state, both.decisive and both.decisive.member, both.members) == (HALF, INHERITED, 8, (8,))
    assert slot(on(3, 7), on(1, 8), m7=LOST).fill == Fraction(1, 4), "a known fill, however small"
    assert slot(on(3, 7), on(3, 8)).members == (7, 8)


def test_among_equal_fills_the_nearer_coverer_decides_and_then_the_first() -> None:
    near = slot(on(2, 8), on(3, 7), m7=MUTE)
    assert (near.fill, near.source, near.decisive and near.decisive.member) == (HALF, None, 7)
    assert [c.member for c in slot(on(2, 9), on(3, 8), m8=LOST, m9=LOST).coverers] == [8, 9]


def test_a_slot_without_anybody_has_nobody_who_decides() -> None:
    assert (slot().decisive, slot().members) == (None, ())


def all_slots(*posts: Post, rules: tuple[Rule, ...] = (Rule("site", "manager"),), **by_member: Fit) -> Slots:
    return slots_of(KINDS, ABOVE, rules, [*posts, on(99)], fitting(**by_member))


def test_a_unit_shows_the_worst_of_its_slots() -> None:
    assert all_slots().state_of(3) == slots.GAP
    assert all_slots(on(3), m7=LOST).state_of(3) == UNKNOWN
    assert all_slots(on(3)).state_of(3) == slots.COVERED
    assert all_slots(on(1)).state_of(3) == INHERITED
    assert all_slots().state_of(1) == ""
    assert all_slots(rules=()).state_of(1) == UNKNOWN
    assert (all_slots().gaps_of(3), all_slots(on(3)).gaps_of(3), all_slots().gaps_of(99)) == (["manager"], [], [])
    assert ([s.role for s in all_slots().gaps], all_slots(on(3)).gaps) == (["manager"], [])


def test_people_on_a_unit_that_is_not_open_cover_nothing() -> None:
    assert 99 not in all_slots().posts


def test_who_is_not_asked_is_not_known() -> None:
    assert slots.not_asked(7, 3).factor is None


def test_a_value_is_at_least_a_hundredth_of_the_mean_and_at_least_one() -> None:
    facts = {1: UnitFacts(revenue=500_000, weighted=300_000, whitespace=200_000), 2: UnitFacts(revenue=-400)}
    assert values_of([1, 2, 3], facts, one=100) == {1: 1_000_000, 2: Fraction(999_600, 300), 3: Fraction(999_600, 300)}
    assert values_of([1, 2], {1: UnitFacts(revenue=300)}, one=100) == {1: 300, 2: 100}
    assert values_of([1], {1: UnitFacts(revenue=-300)}, one=100) == {1: 100}
    assert values_of([], {}, one=100) == {}


def test_whitespace_is_never_below_nothing() -> None:
    assert (whitespace(1000, 300, 200), whitespace(100, 300, 0), whitespace(100, -50, 0)) == (500, 0, 150)


def test_the_score_weighs_by_value_and_policy_and_leaves_the_unknown_out() -> None:
    rules = [Rule("site", "manager", weight=Decimal(3)), Rule("site", "sponsor"), Rule("group", "manager")]
    posts = [on(3, 7), on(1, 8, reaches_down=False)]
    found = alignment_of(
        slots_of(KINDS, ABOVE, rules, posts, fitting(m8=LOST)).all, {1: Fraction(100), 3: Fraction(400)}
    )
    assert (found.score, found.known_weight) == (Fraction(1200, 1600), Fraction(1600, 1700))
    assert [one.gap for one in found.slots] == [None, 0, 100], "of what the site is worth, a quarter is the sponsor's"
    assert (found.gap, found.sums.slots, found.sums.empty, found.sums.unknown) == (100, 3, 1, 1)


def test_gaps_are_rounded_one_by_one_to_the_even_minor_unit() -> None:
    rules = [Rule("site", role) for role in ("manager", "sponsor")]
    found = alignment_of(slots_of(KINDS, ABOVE, rules, [], fitting()).all, {3: Fraction(101)})
    assert ([one.gap for one in found.slots], found.gap) == ([50, 50], 100)


def test_nothing_known_has_no_score() -> None:
    assert told(Sums().score, Sums().known_weight) == (None, 0)
    unknown = alignment_of([slot(on(3), m7=LOST)], {3: Fraction(5)})
    assert told(unknown.score, unknown.known_weight, unknown.gap) == (None, 0, 0)


def test_slots_that_weigh_nothing_are_no_gap() -> None:
    found = alignment_of([slot(rule=Rule("site", "manager", weight=Decimal(0)))], {3: Fraction(5)})
    assert (found.score, found.gap) == (None, 0)


def test_a_region_and_a_member_have_sums_of_their_own() -> None:
    rules = [Rule("site", "manager"), Rule("division", "manager")]
    held = slots_of(KINDS, ABOVE, rules, [on(2, 7), on(3, 8)], fitting(m8=MUTE)).all
    found = alignment_of(held, {2: Fraction(100), 3: Fraction(300)})
    assert told(found.of_units([2]).score, found.of_units([3]).score, found.of_units([1]).score) == (1, HALF, None)
    assert found.of_member(7).score == Fraction(100 + 150, 400), "on the division, and on the site from above"
    assert (found.of_member(8).gap, found.of_member(9)) == (150, Sums())


def test_a_link_is_mirrored_when_who_is_above_is_or_leads_who_is_below() -> None:
    chart = Forest.of([1, 2, 3, 4], [(2, 1), (3, 1), (4, 1)])
    covers = {1: {7}, 2: {7, 9}, 3: {8}, 4: set[int]()}
    assert mirror_of(chart, covers, {}) == Mirror(2, 1)
    assert mirror_of(chart, covers, {8: 6, 6: 7}).ratio == 1, "through others"
    assert mirror_of(chart, {1: {7}, 3: {8}}, {8: 6, 6: 8}).ratio == 0, "two who lead each other"
    assert mirror_of(chart, {2: {7}}, {}).ratio is None


def test_key_contacts_are_met_at_their_level_or_one_below() -> None:
    def met(level: str, ours: str = "director", *, active: bool | None = True) -> bool | None:
        return KeyContact([level], ["decision_maker"], [Tie(ours, active)]).has_parity

    assert [met(level) for level in parity.LEVELS] == [False, True, True, False, False]
    assert (met("director", active=False), met("director", active=None), met("staff", active=None)) == (
        False,
        None,
        False,
    )
    assert (met("director", ""), KeyContact([], ["decision_maker"], [Tie("staff", True)]).has_parity) == (None, None)
    assert KeyContact(["staff", "executive"], [], [Tie("", True), Tie("director", True)]).has_parity is True
    assert KeyContact(["executive"], []).has_parity is False


def test_parity_is_the_share_of_key_contacts_of_whom_it_is_known() -> None:
    met, missed = Tie("executive", True), Tie("staff", True)
    people = [
        KeyContact(["executive"], [], [met]),
        KeyContact(["board"], ["economic_buyer"], [missed]),
        KeyContact(["board"], ["decision_maker"], [Tie("board", None)]),
        KeyContact(["staff"], ["user"], [met]),
    ]
    assert parity_of(people) == Parity(contacts=3, met=1, unknown=1)
    assert (parity_of(people).share, parity_of([]).share) == (HALF, None)


def test_a_relationship_is_active_for_a_year() -> None:
    strong, day = Decimal("0.5"), dt.date(2024, 12, 31)
    assert is_active(None, dt.date(2024, 1, 1), day) is True
    assert is_active(strong, dt.date(2023, 12, 31), day) is False
    assert (is_active(Decimal(0), day, day), is_active(strong, None, day), is_active(None, None, day)) == (
        False,
        True,
        None,
    )


def test_ninety_five_five_is_a_bow_tie() -> None:
    found = bridges_of([Strength(1, Decimal("0.9")), Strength(2, Decimal("0.05")), Strength(3, Decimal("0.05"))])
    assert found.effective == Fraction(100**2, 90**2 + 5**2 + 5**2)
    assert (found.first, found.is_bow_tie, found.at_risk(1000), found.at_risk(-5)) == (1, True, 900, 0)


def test_equal_strengths_are_as_many_bridges_as_people() -> None:
    found = bridges_of(
        [Strength(1, Decimal("0.3")), Strength(2, Decimal("0.1")), Strength(2, Decimal("0.2")), Strength(3, None)]
    )
    assert told(found.effective, found.is_bow_tie, found.at_risk(1000), found.unknown) == (2, False, 0, 1)


def test_without_a_known_strength_bridges_are_unknown() -> None:
    for given in ([], [Strength(1, None)], [Strength(1, Decimal(0))]):
        found = bridges_of(given)
        assert (found.effective, found.is_bow_tie, found.at_risk(10)) == (None, False, 0)


BERLIN, LONDON, NEW_YORK, TOKYO = (
    WorkingTime((z,)) for z in ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")
)
GERMAN = frozenset({"de"})


def test_a_fit_is_of_language_and_hours() -> None:
    speaker = Person(("de:B2",), BERLIN)
    assert fit_of(speaker, Place(GERMAN, LONDON), DAY) == PERFECT
    assert fit_of(Person(("de:B1",), TOKYO), Place(GERMAN, BERLIN), DAY) == Fit(False, False)
    assert fit_of(Person(), Place(GERMAN, BERLIN), DAY) == Fit(None, None)
    assert fit_of(speaker, Place(None, WorkingTime(())), DAY) == Fit(None, None)


def test_two_hours_are_enough_and_the_day_decides_the_clocks() -> None:
    early = WorkingTime(("America/New_York",), works_from=dt.time(6), works_to=dt.time(11))
    assert fit_of(Person(("en:C1",), early), Place(frozenset({"en"}), BERLIN), DAY).shares_hours is True
    los_angeles = WorkingTime(("America/Los_Angeles",), works_from=dt.time(7), works_to=dt.time(15))
    meets = {
        day: fit_of(Person(("en:C1",), los_angeles), Place(None, LONDON), day).shares_hours
        for day in (DAY, dt.date(2026, 3, 20))
    }
    assert meets == {DAY: True, dt.date(2026, 3, 20): True}
    assert fit_of(Person((), NEW_YORK), Place(None, BERLIN), DAY).shares_hours is True, "15:00 to 17:00 in Berlin"
    assert fit_of(Person((), NEW_YORK), Place(None, WorkingTime(("Europe/Helsinki",))), DAY).shares_hours is False
    assert (
        fit_of(Person((), NEW_YORK), Place(None, WorkingTime(("Europe/Helsinki",))), dt.date(2026, 3, 20)).shares_hours
        is True
    )


def test_zones_of_a_country_that_agree_are_as_good_as_one() -> None:
    anywhere = WorkingTime(("America/New_York", "America/Los_Angeles"))
    assert fit_of(Person((), TOKYO), Place(None, anywhere), DAY).shares_hours is False
    assert fit_of(Person((), WorkingTime(("America/Santiago",))), Place(None, anywhere), DAY).shares_hours is True
    assert fit_of(Person((), BERLIN), Place(None, anywhere), DAY).shares_hours is None


def test_the_ends_of_the_calendar_have_clocks_too() -> None:
    for day in (dt.date.min, dt.date.max):
        assert fit_of(Person((), BERLIN), Place(None, BERLIN), day).shares_hours is True


def test_each_kind_of_place_is_asked_once() -> None:
    fits_of = fits_on(DAY, {7: Person(("de:C1",), BERLIN)}, {1: Place(GERMAN, BERLIN), 2: Place(GERMAN, BERLIN)})
    assert fits_of(7, 1) is fits_of(7, 2)


def test_every_branch_of_the_rules_is_taken_both_ways() -> None:
    found = Branches([slots, alignment, mirrors, parity, bridges, fits])
    for name, test in list(globals().items()):
        if name.startswith("test_") and name != "test_every_branch_of_the_rules_is_taken_both_ways":
            found.watch(test)
    assert found.not_taken() == []
