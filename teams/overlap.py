"""When people and places work, in UTC, and for how long they do at the same time. Pure: no tables and no clock.

A place without a time zone of its own may be in any zone of its country. Where those zones answer a question
differently the answer is None, unknown; never 0. Hours are those of the wall clock, so that a change to or from summer
time moves them in UTC. Working hours that end before they begin run into the next day.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from core.languages import CEFR
from regions.calendars import Calendar, Calendars
from regions.standards import official_languages

DAY_BEGINS = dt.time(9)
DAY_ENDS = dt.time(17)
WORKING_LEVEL = "B2"
"""The level of mastery from which on two people work in a language."""

_DAY = dt.timedelta(days=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_T = TypeVar("_T")
# Clocks differ by 26 hours at most, and hours that run into the next day begin the day before.
_AROUND = (-3, -2, -1, 0, 1, 2, 3)
_Span = tuple[int, int]
"""Seconds since 1970, half-open."""


@dataclass(frozen=True)
class WorkingTime:
    """When somebody works: the zones she may be in (none: unknown), her hours, and the calendar that she keeps.

    Without a calendar it is not known which days are worked.
    """

    zones: tuple[str, ...]
    works_from: dt.time = DAY_BEGINS
    works_to: dt.time = DAY_ENDS
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Window:
    """From an instant until before another, both in UTC."""

    begins: dt.datetime
    ends: dt.datetime

    @property
    def minutes(self) -> int:
        return (self.ends - self.begins) // dt.timedelta(minutes=1)


def working_time(
    calendars: Calendars,
    *,
    country: str,
    time_zone: str,
    on: dt.date,
    works_from: dt.time | None = None,
    works_to: dt.time | None = None,
    working_days: Collection[str] = (),
) -> WorkingTime:
    """The working time of a member or a unit: her own zone, hours and days of the week, else the country's on `on`."""
    calendar = calendars.of(country)
    zones = (time_zone,) if time_zone else calendar.zones_on(on) if calendar else ()
    return WorkingTime(
        zones=zones,
        works_from=DAY_BEGINS if works_from is None else works_from,
        works_to=DAY_ENDS if works_to is None else works_to,
        calendar=calendar.in_week(working_days) if calendar else None,
    )


def certain_zone(who: WorkingTime, since: dt.date, until: dt.date) -> str | None:
    """The zone that somebody is in, or one of several whose clocks agree at noon of every day from `since` until before
    `until`. None when they differ, or none is known."""
    if len(who.zones) < 2:
        return next(iter(who.zones), None)
    noons = [dt.datetime.combine(since, dt.time(12)) + n * _DAY for n in range((until - since).days)]
    clocks = {tuple(noon.replace(tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset() for noon in noons) for zone in who.zones}
    return who.zones[0] if len(clocks) == 1 else None


@dataclass(frozen=True)
class ClockChange:
    """On the night to `on` the clocks of a zone move by so many minutes: 60 forward, -60 back."""

    zone: str
    on: dt.date
    minutes: int


def clock_changes(zone: str, since: dt.date, until: dt.date) -> list[ClockChange]:
    """The changes of a zone's clocks from `since` until before `until`. A change counts on the day it happens."""
    there = zoneinfo.ZoneInfo(zone)
    found = []
    for number in range((until - since).days):
        day = since + number * _DAY
        before, after = (_offset(one, there) for one in (day, day + _DAY))
        if before != after:
            found.append(ClockChange(zone, day, (after - before) // dt.timedelta(minutes=1)))
    return found


def _offset(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.timedelta:
    offset = dt.datetime.combine(day, dt.time(), zone).utcoffset()
    assert offset is not None  # a zone says it of every day
    return offset


def working_window(who: WorkingTime, on: dt.date) -> Window | None:
    """Her hours of the day `on` in UTC, whether that day is worked or not. None when her zone is not known."""
    span = _only(_spans(who, on))
    return None if span is None else Window(_instant(span[0]), _instant(span[1]))


def common_minutes(a: WorkingTime, b: WorkingTime, on: dt.date) -> int | None:
    """Minutes of a's hours of the day `on` that lie in hours of b, whatever the weekday or holiday.

    The hours of b may be those of the day before or after: an afternoon in Los Angeles is the next morning in Sydney.
    None when a zone is not known, or when zones that come into question answer differently.
    """
    return _only(_answers(a.zones, a.works_from, a.works_to, b.zones, b.works_from, b.works_to, on, _AROUND))


def has_common_minutes(a: WorkingTime, b: WorkingTime, on: dt.date, least: int) -> bool | None:
    """Whether `common_minutes` are at least so many. None when a zone is not known, or when zones that come into question
    answer this differently: they may lie hours apart and agree that there is time enough."""
    found = _answers(a.zones, a.works_from, a.works_to, b.zones, b.works_from, b.works_to, on, _AROUND)
    return _only({minutes >= least for minutes in found})


def common_working_minutes(a: WorkingTime, b: WorkingTime, on: dt.date) -> int | None:
    """As `common_minutes`, of hours that are worked: 0 when a does not work on `on`; only days that b works count."""
    if a.calendar is None or b.calendar is None:
        return None
    if not a.zones or not b.zones:
        return None
    if not a.calendar.works_on(on):
        return 0
    worked = tuple(shift for shift in _AROUND if b.calendar.works_on(on + shift * _DAY))
    return _only(_answers(a.zones, a.works_from, a.works_to, b.zones, b.works_from, b.works_to, on, worked))


@lru_cache(maxsize=65536)
def _answers(
    a_zones: tuple[str, ...],
    a_from: dt.time,
    a_to: dt.time,
    b_zones: tuple[str, ...],
    b_from: dt.time,
    b_to: dt.time,
    on: dt.date,
    shifts: tuple[int, ...],
) -> frozenset[int]:
    """The common minutes that come into question: one answer for each pair of zones."""
    mine = {_span(zone, a_from, a_to, on) for zone in a_zones}
    theirs = {tuple(_span(zone, b_from, b_to, on + shift * _DAY) for shift in shifts) for zone in b_zones}
    return frozenset(sum(_shared(one, other) for other in others) // 60 for one in mine for others in theirs)


def _spans(who: WorkingTime, on: dt.date) -> set[_Span]:
    return {_span(zone, who.works_from, who.works_to, on) for zone in who.zones}


@lru_cache(maxsize=65536)
def _span(zone: str, works_from: dt.time, works_to: dt.time, on: dt.date) -> _Span:
    there = zoneinfo.ZoneInfo(zone)
    last = on if works_from < works_to else on + _DAY
    begins, ends = _seconds(on, works_from, there), _seconds(last, works_to, there)
    return begins, max(begins, ends)  # hours may lie within the one that summer time skips


def _seconds(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> int:
    return (dt.datetime.combine(day, time, zone) - _EPOCH) // dt.timedelta(seconds=1)


def _instant(seconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=seconds)


def _shared(one: _Span, other: _Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _only(answers: Iterable[_T]) -> _T | None:
    """The answer, when all that come into question agree on it."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None


# Codes that stand for one language to those who speak it: ISO 639 names some twice, and Norwegian three times.
_SAME = {"nb": "no", "nn": "no", "tl": "fil", "iw": "he", "in": "id", "cmn": "zh", "ji": "yi", "mo": "ro", "sh": "sr"}


def base_language(code: str) -> str:
    """The language itself of a code: `en` of `en-GB`, `zh` of `zh-Hant`, `no` of `nb`."""
    base = code.split("-", 1)[0].lower()
    return _SAME.get(base, base)


def languages_of_place(own: Iterable[str], country: str) -> frozenset[str] | None:
    """The languages of a unit: its own, else the official ones of its country. None when neither is known."""
    found = frozenset(map(base_language, own)) or frozenset(map(base_language, official_languages(country)))
    return found or None


def shared_languages(member_languages: Iterable[str], unit_languages: Iterable[str] | None) -> set[str] | None:
    """Languages of a unit that a member masters at B2 or better, from codes such as `en:C2`.

    None, unknown, when either has no languages, and when none is certain but one is named without a level.
    """
    spoken = [code.partition(":")[::2] for code in member_languages]
    wanted = set(map(base_language, unit_languages or ()))
    if not spoken or not wanted:
        return None
    sure = {base for code, level in spoken if level >= WORKING_LEVEL and (base := base_language(code)) in wanted}
    if sure:
        return sure
    return None if any(not level and base_language(code) in wanted for code, level in spoken) else set()


assert CEFR.index(WORKING_LEVEL) == 3  # levels are compared as texts: A1 < A2 < B1 < …
