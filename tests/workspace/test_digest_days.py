"""On which day and from when on a digest is due, by the reader's own clock and working days."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from regions.calendars import Calendar, personal_calendar
from workspace.digest_days import day_due, is_over, zone_of


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(text: str, *, zone: str, hour: int, country: str, week: tuple[str, ...] = ()) -> dt.date | None:
    return day_due(at(text), zone=ZoneInfo(zone), hour=hour, calendar=personal_calendar(Calendar(country), week))


def test_a_reader_in_tokyo_has_her_morning_while_it_is_yesterday_in_europe() -> None:
    # 22:30 UTC on Wednesday is Thursday 07:30 in Tokyo.
    assert due("2026-11-25T22:30", zone="Asia/Tokyo", hour=7, country="JP") == dt.date(2026, 11, 26)
    assert due("2026-11-25T21:59", zone="Asia/Tokyo", hour=7, country="JP") is None
    # Monday the 23rd is Labour Thanksgiving Day.
    assert due("2026-11-22T22:30", zone="Asia/Tokyo", hour=7, country="JP") is None


def test_a_reader_in_riyadh_works_on_sunday_and_rests_on_friday_and_saturday() -> None:
    days = {f"2026-11-{n}": due(f"2026-11-{n}T05:00", zone="Asia/Riyadh", hour=7, country="SA") for n in range(26, 31)}
    assert [day is not None for day in days.values()] == [True, False, False, True, True]


def test_her_own_week_stands_in_for_her_country_s() -> None:
    week = ("sun", "mon", "tue", "wed")
    assert due("2026-11-29T09:00", zone="Europe/Berlin", hour=7, country="DE", week=week) == dt.date(2026, 11, 29)
    assert due("2026-11-26T09:00", zone="Europe/Berlin", hour=7, country="DE", week=week) is None


def test_a_public_holiday_is_no_working_day() -> None:
    assert due("2026-12-25T09:00", zone="Europe/Berlin", hour=7, country="DE") is None


def test_without_a_country_monday_to_friday_count() -> None:
    calendar = personal_calendar(None, ())
    works = [calendar.works_on(dt.date(2026, 11, 23) + dt.timedelta(days=n)) for n in range(7)]
    assert works == [True] * 5 + [False] * 2


def test_an_hour_that_the_clock_leaps_over_is_reached_with_the_next() -> None:
    # On Sunday 29 March 2026 clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC.
    week = ("sun",)
    assert due("2026-03-29T00:59", zone="Europe/Berlin", hour=2, country="DE", week=week) is None
    assert due("2026-03-29T01:00", zone="Europe/Berlin", hour=2, country="DE", week=week) == dt.date(2026, 3, 29)


def test_an_hour_that_comes_twice_is_reached_the_first_time_and_is_the_same_day() -> None:
    # On Sunday 25 October 2026 02:00 to 03:00 is shown twice: from 00:00 and from 01:00 UTC.
    for first_and_second in ("2026-10-25T00:10", "2026-10-25T01:10"):
        found = due(first_and_second, zone="Europe/Berlin", hour=2, country="DE", week=("sun",))
        assert found == dt.date(2026, 10, 25)


def test_a_clock_of_quarter_hours_is_her_clock_too() -> None:
    assert due("2026-11-26T01:14", zone="Asia/Kathmandu", hour=7, country="NP") is None
    assert due("2026-11-26T01:15", zone="Asia/Kathmandu", hour=7, country="NP") == dt.date(2026, 11, 26)


@pytest.mark.parametrize(("zone", "is_past"), [("Pacific/Auckland", True), ("America/Los_Angeles", False)])
def test_a_day_is_over_when_it_is_over_for_her(zone: str, is_past: bool) -> None:
    assert is_over(at("2026-11-26T12:00"), zone=ZoneInfo(zone), day=dt.date(2026, 11, 26)) is is_past


def test_the_first_zone_that_there_is_counts() -> None:
    assert zone_of("", "Moon/Crater", "Asia/Tokyo").key == "Asia/Tokyo"
    assert zone_of("").key == "UTC"
