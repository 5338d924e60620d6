"""Windows to meet, and series that share late and early calls: against counting by hand and trying every way."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from regions.calendars import Calendars, SpecialDay
from teams.overlap import WorkingTime, working_time
from workspace import meetings
from workspace.meetings import Attendee, Cost, Window, fairest_series, fairness, obstacles, windows

MONDAY = dt.date(2026, 3, 2)
FRIDAY = dt.date(2026, 3, 6)
WEEK = (MONDAY, MONDAY + dt.timedelta(days=5))


def attendee(country: str, zone: str, calendars: Calendars | None = None, **own: object) -> Attendee:
    works = working_time(calendars or Calendars(), country=country, time_zone=zone, on=MONDAY, **own)  # type: ignore[arg-type]  # her own
    return Attendee(zone, zone, zone, works)


NEW_YORK = attendee("US", "America/New_York")
LONDON = attendee("GB", "Europe/London")
TOKYO = attendee("JP", "Asia/Tokyo")
RIYADH = attendee("SA", "Asia/Riyadh")


def found(*people: Attendee, minutes: int = 60, since: dt.date = MONDAY, days: int = 5) -> list[Window]:
    return windows(people, minutes=minutes, since=since, until=since + dt.timedelta(days=days), zone="UTC")


def test_the_best_window_lies_in_everybodys_hours_and_is_the_first_of_them() -> None:
    best = found(NEW_YORK, LONDON)[0]
    assert best.begins == dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC)
    assert best.weights == (0, 0)


def test_a_window_costs_the_minutes_outside_hours_and_nights_twice() -> None:
    at_22 = next(one for one in found(LONDON) if one.begins.hour == 21 and one.begins.minute == 30)
    assert at_22.costs == (Cost(outside=60, night=30),)
    assert at_22.weights == (90,)
    early = next(one for one in found(LONDON) if one.begins.hour == 8 and one.begins.minute == 30)
    assert early.costs == (Cost(outside=30, night=0),)


def test_nobody_is_called_on_a_day_off() -> None:
    both = found(RIYADH, LONDON, days=7)
    assert {one.begins.date() for one in both} == {MONDAY + dt.timedelta(days=n) for n in range(4)}
    assert all(one.begins.astimezone(zoneinfo.ZoneInfo("Asia/Riyadh")).weekday() in (6, 0, 1, 2, 3) for one in both)
    alone = found(RIYADH, since=FRIDAY, days=2)
    assert [one for one in alone if one.begins < dt.datetime(2026, 3, 6, 21, tzinfo=dt.UTC)] == []


def test_an_evening_call_on_friday_is_a_saturday_elsewhere() -> None:
    friday = found(NEW_YORK, TOKYO, since=FRIDAY, days=1)
    assert friday
    assert max(one.ends for one in friday) <= dt.datetime(2026, 3, 6, 15, tzinfo=dt.UTC), (
        "then Saturday begins in Tokyo"
    )


def test_hours_that_run_into_the_next_day_are_worked_to_their_end() -> None:
    manila = attendee("PH", "Asia/Manila", works_from=dt.time(21), works_to=dt.time(5))
    on_saturday = [one for one in found(manila, since=FRIDAY, days=1) if one.begins.hour >= 16]
    assert on_saturday
    assert {one.weights for one in on_saturday} == {(0,)}
    assert max(one.ends for one in on_saturday) == dt.datetime(2026, 3, 6, 21, tzinfo=dt.UTC)


def test_days_off_are_named() -> None:
    easter = obstacles([LONDON, NEW_YORK], dt.date(2026, 4, 2), dt.date(2026, 4, 7))
    assert [(one.day.day, one.attendee.key, one.holiday) for one in easter if one.day.weekday() < 5] == [
        (3, "Europe/London", "Good Friday"),
    ]


def test_a_series_takes_turns() -> None:
    weeks = [found(NEW_YORK, TOKYO, since=MONDAY + dt.timedelta(weeks=n)) for n in range(4)]
    series = fairest_series(weeks)
    assert series is not None
    assert series.is_exact
    alone = [weeks[0][0].weights[at] * 4 for at in (0, 1)]
    assert max(series.carried) < max(alone), "the same window four times burdens one of them more"


def test_a_time_without_any_window_makes_no_series() -> None:
    never = Calendars(special={"GB": {MONDAY + dt.timedelta(days=n): SpecialDay(False) for n in range(5)}})
    holiday = found(attendee("GB", "Europe/London", never))
    assert holiday == []
    assert fairest_series([found(LONDON), holiday]) is None
    assert fairest_series([]) is None


COSTS = st.integers(0, 4).map(lambda n: 30 * n)
PEOPLE = st.integers(1, 3)


@st.composite
def offers(draw: st.DrawFn) -> list[list[Window]]:
    """Up to four times with up to five windows each, of up to three people."""
    people, number = draw(PEOPLE), 0
    found = []
    for _time in range(draw(st.integers(1, 4))):
        offered = []
        for _window in range(draw(st.integers(1, 5))):
            begins = dt.datetime(2026, 3, 2, tzinfo=dt.UTC) + dt.timedelta(hours=number)
            costs = tuple(Cost(draw(COSTS), 0) for _person in range(people))
            offered.append(Window(begins, begins + dt.timedelta(hours=1), costs))
            number += 1
        found.append(sorted(offered, key=lambda window: window.rank))
    return found


def carried(chosen: tuple[Window, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(window.weights for window in chosen), strict=True)))


@given(offers())
@settings(max_examples=150)
def test_no_way_to_choose_is_fairer_than_the_one_found(choices: list[list[Window]]) -> None:
    series = fairest_series(choices)
    assert series is not None
    assert series.is_exact
    assert series.carried == carried(series.windows)
    assert fairness(series.carried) == min(fairness(carried(chosen)) for chosen in product(*choices))


@given(offers())
@settings(max_examples=60)
def test_names_and_their_order_decide_nothing(choices: list[list[Window]]) -> None:
    turned = [[Window(one.begins, one.ends, tuple(reversed(one.costs))) for one in offered] for offered in choices]
    one, other = fairest_series(choices), fairest_series(turned)
    assert one is not None
    assert other is not None
    assert fairness(one.carried) == fairness(other.carried)
    assert fairest_series(choices) == one, "the same question has the same answer"


@given(offers())
@settings(max_examples=60)
def test_with_few_ways_followed_the_series_is_still_one_and_says_so(choices: list[list[Window]]) -> None:
    held, meetings.MOST_STATES = meetings.MOST_STATES, 2
    try:
        series = fairest_series(choices)
    finally:
        meetings.MOST_STATES = held
    assert series is not None
    assert len(series.windows) == len(choices)
    assert all(window in offered for window, offered in zip(series.windows, choices, strict=True))
    best = min(fairness(carried(chosen)) for chosen in product(*choices))
    assert not series.is_exact or fairness(series.carried) == best


ZONES = st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns"])
TIMES = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 30]))


@given(ZONES, TIMES, TIMES, st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 1)))
@settings(max_examples=30)
def test_costs_are_what_the_clock_says_minute_by_minute(
    zone: str, works_from: dt.time, works_to: dt.time, day: dt.date
) -> None:
    there = zoneinfo.ZoneInfo(zone)
    noons = [dt.datetime.combine(day + dt.timedelta(days=n), dt.time(12), there).utcoffset() for n in range(-3, 4)]
    if len(set(noons)) > 1 or works_from == works_to:
        return
    person = Attendee("x", "x", zone, WorkingTime((zone,), works_from, works_to))
    for window in windows([person], minutes=60, since=day, until=day + dt.timedelta(days=1), zone="UTC"):
        minutes = [(window.begins + dt.timedelta(minutes=n)).astimezone(there).time() for n in range(60)]
        outside = [time for time in minutes if not _works(time, works_from, works_to)]
        night = [time for time in outside if time >= dt.time(22) or time < dt.time(7)]
        assert window.costs == (Cost(len(outside), len(night)),)


def _works(time: dt.time, begins: dt.time, ends: dt.time) -> bool:
    return begins <= time < ends if begins < ends else time >= begins or time < ends
