"""For how long two people work at the same time, on days before and after changes to summer time."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import Calendars, Decided, SpecialDay
from teams.overlap import (
    WorkingTime,
    common_minutes,
    common_working_minutes,
    languages_of_place,
    shared_languages,
    working_time,
    working_window,
)

BEFORE, BETWEEN = dt.date(2026, 3, 6), dt.date(2026, 3, 20)
"""America's clocks change on 8 March 2026, Europe's on the 29th."""


def at(zone: str, begins: int = 9, ends: int = 17) -> WorkingTime:
    return WorkingTime((zone,), dt.time(begins), dt.time(ends))


def living(country: str, zone: str = "", calendars: Calendars | None = None, **own: object) -> WorkingTime:
    return working_time(calendars or Calendars(), country=country, time_zone=zone, on=BEFORE, **own)  # type: ignore[arg-type]  # her own


NEW_YORK, LONDON = at("America/New_York"), at("Europe/London")


@pytest.mark.parametrize(
    ("a", "b", "on", "minutes"),
    [
        (NEW_YORK, LONDON, BEFORE, 180),
        (NEW_YORK, LONDON, BETWEEN, 240),
        (LONDON, NEW_YORK, BETWEEN, 240),
        (NEW_YORK, LONDON, dt.date(2026, 3, 30), 180),
        (at("Asia/Kolkata"), LONDON, BEFORE, 150),
        (at("Asia/Kathmandu"), LONDON, BEFORE, 135),
        (at("America/Los_Angeles"), at("Australia/Sydney"), BEFORE, 180),
        (at("Australia/Sydney"), at("America/Los_Angeles"), BEFORE, 180),
        (at("Asia/Tokyo"), at("America/New_York"), BEFORE, 0),
        (at("Asia/Manila", 21, 5), NEW_YORK, BEFORE, 420),
        (at("Australia/Lord_Howe"), at("Australia/Sydney"), dt.date(2026, 3, 6), 480),
        (at("Australia/Lord_Howe"), at("Australia/Sydney"), dt.date(2026, 6, 5), 450),
    ],
)
def test_minutes_in_common(a: WorkingTime, b: WorkingTime, on: dt.date, minutes: int) -> None:
    assert common_minutes(a, b, on) == minutes


def test_a_place_without_a_zone_is_in_that_of_its_country() -> None:
    assert common_minutes(living("JP"), at("Asia/Tokyo"), BEFORE) == 480
    assert common_minutes(living("DE"), LONDON, BEFORE) == 420, "Germany's two zones say the same"


def test_zones_of_a_country_that_answer_differently_make_it_unknown_and_never_nothing() -> None:
    assert common_minutes(living("US"), LONDON, BEFORE) is None
    assert common_minutes(LONDON, living("US"), BEFORE) is None
    assert working_window(living("US"), BEFORE) is None
    assert common_minutes(living("US", "America/New_York"), LONDON, BEFORE) == 180
    assert common_minutes(living("ES"), at("Asia/Tokyo"), BEFORE) == 0, "of Madrid, Ceuta and the Canaries alike"


def test_who_has_neither_zone_nor_country_is_unknown() -> None:
    assert common_minutes(living(""), LONDON, BEFORE) is None
    assert common_working_minutes(living("", "Europe/London"), living("GB"), BEFORE) is None
    assert common_working_minutes(living("GB"), living("AQ"), BEFORE) is None


def test_an_administrator_says_where_places_of_a_country_are() -> None:
    decided = Calendars(decided={"US": (Decided(since=dt.date.min, time_zone="America/New_York"),)})
    assert common_minutes(living("US", calendars=decided), LONDON, BEFORE) == 180


def test_own_hours_and_days_stand_in_for_those_of_the_country() -> None:
    early = living("GB", works_from=dt.time(7), works_to=dt.time(15), working_days=["fri", "sun"])
    assert common_minutes(early, LONDON, BEFORE) == 360
    assert common_working_minutes(early, living("SA"), BEFORE) == 0, "Saudi Arabia rests on Friday"
    assert common_working_minutes(early, living("SA"), BEFORE + dt.timedelta(days=2)) == 420
    assert common_working_minutes(early, living("GB"), BEFORE + dt.timedelta(days=3)) == 0, "she rests on Monday"
    half = living("GB", works_from=dt.time(7))
    assert (half.works_from, half.works_to) == (dt.time(7), dt.time(17))


def test_hours_count_on_any_day_and_worked_hours_on_worked_days_only() -> None:
    good_friday = dt.date(2026, 4, 3)
    london, new_york = living("GB"), living("US", "America/New_York")
    assert common_minutes(london, new_york, good_friday) == 180
    assert common_working_minutes(london, new_york, good_friday) == 0
    assert common_working_minutes(new_york, london, good_friday) == 0


def test_a_morning_after_the_other_persons_evening_needs_both_days_worked() -> None:
    los_angeles, sydney = living("US", "America/Los_Angeles"), living("AU", "Australia/Sydney")
    assert common_working_minutes(los_angeles, sydney, dt.date(2026, 3, 5)) == 180
    assert common_working_minutes(los_angeles, sydney, BEFORE) == 0, "Friday there is Saturday in Sydney"
    assert common_working_minutes(sydney, los_angeles, dt.date(2026, 3, 2)) == 0, "and Monday in Sydney is Sunday there"


def test_a_window_is_in_utc() -> None:
    window = working_window(NEW_YORK, BETWEEN)
    assert window is not None
    assert window.minutes == 480
    assert window.begins == dt.datetime(2026, 3, 20, 13, tzinfo=dt.UTC)
    skipped = WorkingTime(("America/New_York",), dt.time(2, 30), dt.time(3))
    gone = working_window(skipped, dt.date(2026, 3, 8))
    assert gone is not None
    assert gone.minutes == 0


@pytest.mark.parametrize(
    ("member", "unit", "shared"),
    [
        (["en:C2", "de:B1"], ["de", "en"], {"en"}),
        (["de:B2"], ["de-CH"], {"de"}),
        (["zh:C1"], ["zh-Hant"], {"zh"}),
        (["no:B2"], ["nb", "nn"], {"no"}),
        (["de:B1", "fr:A2"], ["de", "fr"], set()),
        (["de"], ["de"], None),
        (["de", "en:C1"], ["de", "en"], {"en"}),
        (["de", "en:C1"], ["fr"], set()),
        ([], ["de"], None),
        (["de:C2"], [], None),
        (["de:C2"], None, None),
    ],
)
def test_shared_languages(member: list[str], unit: list[str] | None, shared: set[str] | None) -> None:
    assert shared_languages(member, unit) == shared


def test_a_unit_without_languages_speaks_those_of_its_country() -> None:
    assert languages_of_place([], "BE") == frozenset({"nl", "fr", "de"})
    assert languages_of_place(["en-GB"], "BE") == frozenset({"en"})
    assert languages_of_place([], "") is None


ZONES = st.sampled_from(
    ["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns", "Pacific/Kiritimati"]
)
TIMES = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
PEOPLE = st.builds(lambda zone, begins, ends: WorkingTime((zone,), begins, ends), ZONES, TIMES, TIMES)
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


def minute_by_minute(a: WorkingTime, b: WorkingTime, on: dt.date) -> int:
    """The same by asking every minute of a's day what b's clock says."""
    window = working_window(a, on)
    assert window is not None
    zone = zoneinfo.ZoneInfo(b.zones[0])
    found = 0
    for minute in range(window.minutes):
        local = (window.begins + dt.timedelta(minutes=minute)).astimezone(zone).time().replace(second=0)
        is_day = b.works_from <= local < b.works_to
        is_night = b.works_to <= b.works_from and (local >= b.works_from or local < b.works_to)
        found += is_day or is_night
    return found


def changes_clocks(who: WorkingTime, on: dt.date) -> bool:
    zone = zoneinfo.ZoneInfo(who.zones[0])
    noon = dt.datetime.combine(on, dt.time(12))
    offsets = {(noon + dt.timedelta(days=n)).replace(tzinfo=zone).utcoffset() for n in range(-3, 4)}
    return len(offsets) > 1


@given(PEOPLE, PEOPLE, DAYS)
def test_what_is_counted_by_windows_is_counted_by_minutes_too(a: WorkingTime, b: WorkingTime, on: dt.date) -> None:
    if not (changes_clocks(a, on) or changes_clocks(b, on)):
        assert common_minutes(a, b, on) == minute_by_minute(a, b, on)


@given(PEOPLE, PEOPLE, DAYS)
def test_nobody_shares_more_than_she_works_and_order_makes_no_difference(
    a: WorkingTime, b: WorkingTime, on: dt.date
) -> None:
    shared, window = common_minutes(a, b, on), working_window(a, on)
    assert shared is not None
    assert window is not None
    assert 0 <= shared <= window.minutes
    assert common_minutes(a, a, on) >= window.minutes  # type: ignore[operator]  # her zone is known
    if not (changes_clocks(a, on) or changes_clocks(b, on)):
        assert shared == common_minutes(b, a, on)


@given(DAYS)
def test_worked_hours_are_hours(on: dt.date) -> None:
    calendars = Calendars(special={"GB": {on: SpecialDay(works=False)}})
    london, new_york = living("GB", calendars=calendars), living("US", "America/New_York")
    assert common_working_minutes(london, new_york, on) == 0
    worked, hours = common_working_minutes(living("GB"), new_york, on), common_minutes(living("GB"), new_york, on)
    assert worked in (0, hours)
