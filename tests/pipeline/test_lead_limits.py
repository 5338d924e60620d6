"""By when a lead is to be accepted: in the receiver's working days, and what is overdue is found from one day."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from pipeline.lead_limits import due_on, overdue_before
from regions.calendars import Calendar, personal_calendar

GERMANY, EMIRATES = Calendar("DE"), Calendar("SA")
THURSDAY = dt.date(2024, 6, 6)


def test_two_working_days_after_a_thursday_are_monday() -> None:
    assert due_on(GERMANY, THURSDAY, 2) == dt.date(2024, 6, 10)


def test_a_week_that_ends_on_thursday_has_other_days() -> None:
    """Friday and Saturday are free there: Sunday and Monday are the two."""
    assert due_on(EMIRATES, dt.date(2024, 6, 27), 2) == dt.date(2024, 7, 1)
    assert due_on(EMIRATES, dt.date(2024, 6, 26), 2) == dt.date(2024, 6, 30)


def test_a_holiday_does_not_count() -> None:
    """Unity Day, 3 October 2024, is a Thursday."""
    assert due_on(GERMANY, dt.date(2024, 10, 2), 1) == dt.date(2024, 10, 4)


def test_her_own_week_stands_in_for_the_countrys() -> None:
    assert due_on(personal_calendar(GERMANY, ["mon", "tue"]), THURSDAY, 2) == dt.date(2024, 6, 11)


def test_an_unknown_country_works_from_monday_to_friday() -> None:
    assert due_on(personal_calendar(None, []), dt.date(2024, 6, 7), 1) == dt.date(2024, 6, 10)


@given(
    st.sampled_from([GERMANY, EMIRATES, GERMANY.in_week(["sat"]), personal_calendar(None, [])]),
    st.dates(min_value=dt.date(2023, 1, 1), max_value=dt.date(2025, 12, 31)),
    st.integers(0, 40),
    st.integers(1, 10),
)
def test_what_is_overdue_is_what_was_handed_over_before_one_day(
    calendar: Calendar, on: dt.date, ago: int, limit: int
) -> None:
    handed_on = on - dt.timedelta(days=ago)
    assert (due_on(calendar, handed_on, limit) < on) == (handed_on < overdue_before(calendar, on, limit))
