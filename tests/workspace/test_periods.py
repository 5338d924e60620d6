from __future__ import annotations

import datetime as dt

import pytest

from core import months
from workspace import periods
from workspace.periods import Period


def month(text: str) -> int:
    return months.parse(text)


def span(first: str, last: str) -> Period:
    return Period(month(first), month(last))


@pytest.mark.parametrize(
    ("day", "start", "expected"),
    [
        (dt.date(2026, 10, 30), 1, span("2026-01", "2026-12")),
        (dt.date(2026, 3, 31), 4, span("2025-04", "2026-03")),
        (dt.date(2026, 4, 1), 4, span("2026-04", "2027-03")),
        (dt.date(2026, 12, 31), 12, span("2026-12", "2027-11")),
    ],
)
def test_a_fiscal_year_begins_in_its_own_month(day: dt.date, start: int, expected: Period) -> None:
    assert periods.fiscal_year(day, start) == expected


def test_quarters_are_those_of_the_fiscal_year() -> None:
    assert periods.named("quarter", dt.date(2026, 1, 10), 2) == span("2025-11", "2026-01")
    assert periods.named("last_quarter", dt.date(2026, 1, 10), 2) == span("2025-08", "2025-10")


def test_twelve_months_are_whole_ones() -> None:
    assert periods.named("twelve_months", dt.date(2026, 10, 30), 1) == span("2025-10", "2026-09")
    assert periods.named("twelve_months", dt.date(2026, 10, 31), 1) == span("2025-11", "2026-10")


def test_a_partial_year_is_compared_with_the_same_months_and_days() -> None:
    passed = periods.elapsed(span("2026-01", "2026-12"), dt.date(2026, 10, 30))
    assert (passed.whole, passed.month, passed.days) == (span("2026-01", "2026-09"), month("2026-10"), 30)
    before = passed.year_before()
    assert (before.first_day, before.last_day) == (dt.date(2025, 1, 1), dt.date(2025, 10, 30))


def test_a_month_that_ends_today_is_whole() -> None:
    passed = periods.elapsed(span("2026-01", "2026-12"), dt.date(2026, 9, 30))
    assert (passed.whole, passed.days) == (span("2026-01", "2026-09"), 0)
    assert passed.year_before().last_day == dt.date(2025, 9, 30)


def test_the_first_days_of_a_period_have_no_whole_month() -> None:
    passed = periods.elapsed(span("2026-10", "2026-12"), dt.date(2026, 10, 5))
    assert (passed.whole, passed.days, passed.first_day) == (None, 5, dt.date(2026, 10, 1))


def test_the_twenty_ninth_of_february_meets_a_shorter_month() -> None:
    passed = periods.elapsed(span("2024-01", "2024-12"), dt.date(2024, 2, 28))
    assert passed.year_before().last_day == dt.date(2023, 2, 28)


def test_a_period_behind_us_has_passed_whole_and_one_ahead_not_at_all() -> None:
    assert periods.elapsed(span("2025-01", "2025-12"), dt.date(2026, 1, 1)).whole == span("2025-01", "2025-12")
    assert periods.elapsed(span("2027-01", "2027-12"), dt.date(2026, 1, 1)).is_nothing


@pytest.mark.parametrize(
    ("first", "last"), [("2024-13", "2025-01"), ("", ""), ("2025-02", "2025-01"), ("1000-01", "2025-01")]
)
def test_what_is_no_period_is_none(first: str, last: str) -> None:
    assert periods.between(first, last) is None


def test_a_calendar_year_is_named_by_itself_and_a_fiscal_one_by_its_end() -> None:
    assert periods.fiscal_year_of(span("2026-01", "2026-12"), 1) == 2026
    assert periods.fiscal_year_of(span("2025-04", "2026-03"), 4) == 2026
    assert periods.fiscal_year_of(span("2026-02", "2027-01"), 1) is None
