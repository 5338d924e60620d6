"""How a quota is spread over months, and whose days are worked."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import Calendars, Decided, SpecialDay
from revenue.quotas import Attained, MonthDays, Period, apart, spread
from revenue.working_days import Diary, Place, calendar_days

JANUARY = 2025 * 12
QUARTERS = st.integers(0, 124)
YEAR = Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1))


def _parts(drawn: list[tuple[int, int]]) -> list[MonthDays]:
    """Quarters of days, as a mean over countries has; of each so many have passed as it holds at most."""
    found = [
        MonthDays(JANUARY + at, Fraction(days, 4), Fraction(min(gone, days), 4))
        for at, (days, gone) in enumerate(drawn)
    ]
    return found if any(one.days for one in found) else [*found, MonthDays(JANUARY + 99, Fraction(1), Fraction(0))]


def months() -> st.SearchStrategy[list[MonthDays]]:
    return st.lists(st.tuples(QUARTERS, QUARTERS), max_size=14).map(_parts)


@given(st.integers(-(10**15), 10**15), months())
def test_the_months_add_up_to_the_quota(target: int, parts: list[MonthDays]) -> None:
    found = spread(target, parts)
    whole = sum(part.days for part in parts)
    assert sum(month.target for month in found) == target
    for month in found:
        assert abs(month.target - target * month.days / whole) < 1
        assert abs(month.due) <= abs(month.target)
        assert month.target == 0 or month.days > 0


@given(st.integers(0, 10**12), months())
def test_what_is_due_grows_to_the_quota(target: int, parts: list[MonthDays]) -> None:
    over = [MonthDays(part.month, part.days, part.days) for part in parts]
    assert sum(month.due for month in spread(target, over)) == target
    assert 0 <= sum(month.due for month in spread(target, parts)) <= target


@given(st.integers(-(10**9), 10**9), st.none() | st.integers(-(10**9), 10**9), st.none() | st.integers(-(10**9), 10**9))
def test_coverage_is_never_negative_nor_infinite(target: int, actual: int | None, pending: int | None) -> None:
    found = Attained(spread(target, [MonthDays(JANUARY, Fraction(20), Fraction(3))]), actual, actual, pending)
    assert found.coverage is None or found.coverage >= 0
    assert not (found.is_met and found.coverage is not None)
    assert (found.left is None) == (actual is None)


PERIODS = st.builds(
    lambda at, days: Period(
        dt.date(2025, 1, 1) + dt.timedelta(days=at), dt.date(2025, 1, 1) + dt.timedelta(days=at + days)
    ),
    st.integers(-60, 400),
    st.integers(1, 400),
)


@given(st.lists(PERIODS, max_size=8))
def test_what_is_added_up_shares_no_day(periods: list[Period]) -> None:
    found = apart(periods, YEAR)
    assert all(YEAR.holds(one) for one in found)
    assert not any(one.overlaps(other) for one in found for other in found if one != other)
    left = [one for one in periods if YEAR.holds(one) and one not in found]
    assert all(any(one.overlaps(other) for other in found) for one in left)


def test_a_quota_over_no_day_can_not_be_spread() -> None:
    with pytest.raises(ValueError, match="no day"):
        spread(100, [MonthDays(JANUARY, Fraction(0), Fraction(0))])


def day_counts(*places: Place, on: dt.date = dt.date(2024, 1, 1), diary: Diary | None = None) -> list[Fraction]:
    known = diary or Diary(Calendars())
    return [known.month_days(places, YEAR, JANUARY + at, on).days for at in range(5)]


def test_a_region_counts_the_mean_of_its_countries() -> None:
    """January to May 2025: Germany has New Year, Easter, Labour Day and Ascension, the United States New Year, two Mondays."""
    germany, states = day_counts(Place("DE")), day_counts(Place("US"))
    assert germany == [22, 20, 21, 20, 20]
    assert states == [21, 19, 21, 22, 21]
    together = day_counts(Place("DE"), Place("US"))
    assert together == [(one + other) / 2 for one, other in zip(germany, states, strict=True)]


def test_days_that_have_passed_are_counted_with_the_day_itself() -> None:
    friday = dt.date(2025, 1, 10)
    found = Diary(Calendars()).month_days([Place("DE")], YEAR, JANUARY, friday)
    assert (found.passed, found.days) == (Fraction(7), Fraction(22))
    assert Diary(Calendars()).month_days([Place("DE")], YEAR, JANUARY + 1, friday).passed == 0


def test_a_member_works_her_own_week_and_an_administrator_decides() -> None:
    mondays = Place("DE", frozenset({"mon"}))
    assert day_counts(mondays) == [4, 4, 5, 3, 4]
    decided = Calendars(
        decided={"DE": (Decided(dt.date(2025, 2, 1), None, ("fri", "sat", "sun")),)},
        special={"DE": {dt.date(2025, 1, 2): SpecialDay(works=False)}},
    )
    assert day_counts(Place("DE"), diary=Diary(decided))[:2] == [21, 16]


def test_without_a_country_monday_to_friday_are_worked() -> None:
    assert day_counts() == [23, 20, 21, 22, 22] == day_counts(Place("ZZ"))


def test_a_cut_month_counts_its_part() -> None:
    half = Period(dt.date(2025, 1, 15), dt.date(2025, 2, 1))
    assert half.cut_months == {JANUARY}
    assert Diary(Calendars()).month_days([Place("DE")], half, JANUARY, dt.date(2025, 1, 20)) == MonthDays(
        JANUARY, Fraction(13), Fraction(4)
    )
    assert calendar_days(half, JANUARY, dt.date(2025, 1, 20)) == MonthDays(JANUARY, Fraction(17), Fraction(6))
    assert calendar_days(half, JANUARY, dt.date(2025, 1, 2)).passed == 0
