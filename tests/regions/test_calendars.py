"""Which days are worked in a country: facts that were looked up, and what an administrator decides over them."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from regions.calendars import (
    Calendar,
    Calendars,
    Decided,
    SpecialDay,
    common_working_days,
    days_between,
    holidays_between,
    next_working_day,
)
from regions.standards import countries, official_languages, zones_of

MAY = (dt.date(2025, 5, 1), dt.date(2025, 6, 1))


def of(country: str, **decided: object) -> Calendar:
    found = Calendars(**decided).of(country)  # type: ignore[arg-type]  # the test's own words
    assert found is not None
    return found


def test_four_countries_share_twelve_working_days_in_may_2025() -> None:
    shared = common_working_days([of(country) for country in ("DE", "US", "SA", "JP")], *MAY)
    assert len(shared) == 12
    assert all(day.weekday() in (0, 1, 2, 3) for day in shared)  # Saudi Arabia rests on Friday, Japan on Sunday


def test_a_weekend_is_that_of_the_country() -> None:
    sunday, friday = dt.date(2025, 5, 11), dt.date(2025, 5, 9)
    assert of("SA").works_on(sunday)
    assert not of("SA").works_on(friday)
    assert of("AE").works_on(friday)
    assert not of("AE").works_on(sunday)
    assert [day.isoweekday() for day in days_between(*MAY) if of("IR").is_free_weekday(day)] == [5] * 5
    assert [day.isoweekday() for day in days_between(*MAY) if of("IN").is_free_weekday(day)] == [7] * 4


def test_an_administrator_gives_bangladesh_its_own_weekend_from_a_day_on() -> None:
    friday, sunday = dt.date(2025, 5, 9), dt.date(2025, 5, 4)
    assert of("BD").works_on(friday), "CLDR's week-end is Saturday and Sunday"
    decided = {"BD": (Decided(since=dt.date(2025, 5, 9), weekend=("fri", "sat")),)}
    ours = of("BD", decided=decided)
    assert not ours.works_on(friday)
    assert not ours.works_on(sunday)
    assert ours.works_on(sunday + dt.timedelta(days=14))
    assert of("DE", decided=decided).works_on(friday)


def test_a_period_ends_before_its_last_day() -> None:
    period = Decided(since=dt.date(2025, 1, 1), until=dt.date(2025, 5, 9), weekend=("mon",))
    ours = of("DE", decided={"DE": (period,)})
    assert ours.weekend_on(dt.date(2025, 5, 8)) == {"mon"}
    assert ours.weekend_on(dt.date(2025, 5, 9)) == {"sat", "sun"}


def test_single_days_are_added_and_taken_away() -> None:
    bridge, labour_day, saturday = dt.date(2025, 5, 2), dt.date(2025, 5, 1), dt.date(2025, 5, 10)
    days = {bridge: SpecialDay(False, "Bridge"), labour_day: SpecialDay(True), saturday: SpecialDay(True)}
    ours = of("DE", special={"DE": days})
    assert not ours.works_on(bridge)
    assert ours.holiday(bridge) == "Bridge"
    assert ours.works_on(labour_day)
    assert ours.holiday(labour_day) is None
    assert ours.works_on(saturday)


def test_a_day_that_makes_up_for_a_long_holiday_is_worked() -> None:
    made_up = dt.date(2025, 1, 26)  # a Sunday before the Spring Festival
    assert of("CN").works_on(made_up)
    assert not of("CN").in_week(["mon", "tue"]).works_on(made_up), "who has days of her own keeps to them"


def test_a_persons_week_stands_in_for_the_countrys_and_holidays_stay() -> None:
    part_time = of("DE").in_week(["thu", "sun"])
    assert part_time.works_on(dt.date(2025, 5, 4))
    assert not part_time.works_on(dt.date(2025, 5, 1)), "a Thursday, and Labour Day"
    assert not part_time.works_on(dt.date(2025, 5, 2))
    assert of("DE").in_week([]) == of("DE")


def test_holidays_have_names_in_the_readers_language_or_in_english() -> None:
    day = dt.date(2025, 5, 1)
    assert [of("DE", language=language).holiday(day) for language in ("de", "en", "ar")] == [
        "Erster Mai",
        "Labor Day",
        "Labor Day",
    ]
    new_year = of("JP", language="de").holiday(dt.date(2025, 1, 1))
    assert new_year == "New Year's Day"
    assert of("SA", language="ar").holiday(dt.date(2025, 9, 23)) == "اليوم الوطني"


def test_a_holiday_on_a_free_day_is_named_and_not_felt() -> None:
    found = holidays_between([of("JP"), of("DE")], dt.date(2025, 5, 1), dt.date(2025, 5, 7))
    assert [(one.country, one.day.day, one.is_felt) for one in found] == [
        ("DE", 1, True),
        ("JP", 3, False),
        ("JP", 4, False),
        ("JP", 5, True),
        ("JP", 6, True),
    ]


def test_what_is_no_country_has_no_calendar_and_one_without_holidays_has_its_weekend() -> None:
    assert Calendars().of("") is None
    assert Calendars().of("XX") is None
    assert all(of(country).weekend_on(MAY[0]) for country in countries())


def test_the_next_working_day_passes_over_weekends_and_holidays() -> None:
    assert next_working_day(of("DE"), dt.date(2025, 5, 1)) == dt.date(2025, 5, 2)
    assert next_working_day(of("JP"), dt.date(2025, 5, 3)) == dt.date(2025, 5, 7)
    assert next_working_day(of("DE").in_week(["thu"]), dt.date(2025, 5, 1)) == dt.date(2025, 5, 8)
    never = {dt.date(2025, 1, 1) + dt.timedelta(days=n): SpecialDay(False) for n in range(800)}
    assert next_working_day(of("DE", special={"DE": never}), dt.date(2025, 1, 1)) is None


def test_languages_and_zones_of_a_country() -> None:
    assert official_languages("US") == ("en",)
    assert official_languages("BE") == ("nl", "fr", "de")
    assert official_languages("XX") == ()
    assert zones_of("XX") == ()
    assert zones_of("JP") == ("Asia/Tokyo",)
    assert len(zones_of("US")) > 20
    ours = of("ES", decided={"ES": (Decided(since=dt.date.min, time_zone="Europe/Madrid"),)})
    assert len(of("ES").zones_on(MAY[0])) == 3
    assert ours.zones_on(MAY[0]) == ("Europe/Madrid",)
    assert ours.weekend_on(MAY[0]) == {"sat", "sun"}, "a decision about the zone leaves the week-end"


@given(st.sampled_from(countries()), st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
def test_a_worked_day_is_no_holiday_and_every_country_works_within_a_fortnight(country: str, day: dt.date) -> None:
    calendar = of(country)
    assert not (calendar.works_on(day) and calendar.holiday(day) is not None)
    following = next_working_day(calendar, day)
    assert following is not None
    assert (following - day).days < 15
