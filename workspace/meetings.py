"""Windows for a meeting of people in many zones, and a series that shares late and early calls fairly. Pure; no clock.

A window is possible when everybody works on the day it falls on by her own clock. What it costs somebody are the minutes of
it outside her working hours; minutes of her night, from 22:00 to 07:00, count twice. Windows are ranked by
the sum of the squares of what they cost each; of equal ones the one that spares the hardest hit, then the earlier. A series
is chosen by the same rule over what each has carried at its end, so that people take turns: docs/algorithms/meetings.md.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from regions.calendars import days_between
from teams.overlap import WorkingTime, working_window

STEP = 30
"""Minutes from the start of one window that is looked at to that of the next."""
NIGHT_BEGINS, NIGHT_ENDS = dt.time(22), dt.time(7)
NIGHT_COUNTS = 2
"""How many times a minute at night counts."""
MOST_STATES = 400
"""Of more ways to share a series than this, only the fairest so far are followed on."""

_DAY = dt.timedelta(days=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_Spans = list[tuple[int, int]]
_States = dict[tuple[int, ...], tuple["Window", ...]]


@dataclass(frozen=True)
class Attendee:
    """Somebody to meet: her key (`member:7`), name, the one zone she is in, and when she works."""

    key: str
    name: str
    zone: str
    works: WorkingTime


@dataclass(frozen=True)
class Cost:
    """Of one window for one person: minutes outside her working hours, and how many of them at night."""

    outside: int
    night: int

    @property
    def weight(self) -> int:
        """Uncomfortable minutes, those at night counted twice."""
        return self.outside + (NIGHT_COUNTS - 1) * self.night


@dataclass(frozen=True)
class Window:
    """A possible time, from an instant until before another, with what it costs each of the attendees in their order."""

    begins: dt.datetime
    ends: dt.datetime
    costs: tuple[Cost, ...]

    @cached_property
    def weights(self) -> tuple[int, ...]:
        return tuple(cost.weight for cost in self.costs)

    @cached_property
    def rank(self) -> tuple[int, tuple[int, ...], dt.datetime]:
        """What windows are sorted by."""
        return (*fairness(self.weights), self.begins)


def fairness(carried: Iterable[int]) -> tuple[int, tuple[int, ...]]:
    """The order of fairness: the sum of the squares of what each carries, then who is hit hardest, then the second.

    Squares, so that a minute weighs more the more its person carries already: one who got up last time is spared this
    time, but nobody is woken only so that all have suffered alike.
    """
    worst_first = tuple(sorted(carried, reverse=True))
    return sum(minutes * minutes for minutes in worst_first), worst_first


def windows(attendees: Sequence[Attendee], *, minutes: int, since: dt.date, until: dt.date, zone: str) -> list[Window]:
    """Every possible window that begins from `since` until before `until` by the clock of `zone`, the best first."""
    here = zoneinfo.ZoneInfo(zone)
    first, last = _seconds(since, dt.time(), here), _seconds(until, dt.time(), here)
    diaries = [_Diary(one, since - 2 * _DAY, until + 3 * _DAY) for one in attendees]
    found = []
    for begins in range(first, last, STEP * 60):
        ends = begins + minutes * 60
        costs = [diary.cost(begins, ends) for diary in diaries]
        if all(cost is not None for cost in costs):
            found.append(Window(_instant(begins), _instant(ends), tuple(cost for cost in costs if cost is not None)))
    return sorted(found, key=lambda window: window.rank)


class _Diary:
    """Somebody's days as spans of seconds in UTC: when she works, her nights, and which days are worked."""

    def __init__(self, one: Attendee, since: dt.date, until: dt.date) -> None:
        there, days = zoneinfo.ZoneInfo(one.zone), list(days_between(since, until))
        calendar = one.works.calendar
        self._midnights = [_seconds(day, dt.time(), there) for day in days]
        self._worked = [calendar is None or calendar.works_on(day) for day in days]
        self._hours = [_hours(one, day) for day, works in zip(days, self._worked, strict=True) if works]
        nights = [(_seconds(day, NIGHT_BEGINS, there), _seconds(day + _DAY, NIGHT_ENDS, there)) for day in days]
        self._nights: _Spans = nights

    def cost(self, begins: int, ends: int) -> Cost | None:
        """None when she does not work then: her day is off, and she is not at the end of yesterday's hours."""
        inside = _within(self._hours, begins, ends)
        if inside < ends - begins and not (self._works_at(begins) and self._works_at(ends - 1)):
            return None
        outside = [(begins, ends)] if not inside else _without(self._hours, begins, ends)
        night = sum(_within(self._nights, first, last) for first, last in outside)
        return Cost((ends - begins - inside) // 60, night // 60)

    def _works_at(self, second: int) -> bool:
        return self._worked[bisect_right(self._midnights, second) - 1]


def _hours(one: Attendee, day: dt.date) -> tuple[int, int]:
    window = working_window(WorkingTime((one.zone,), one.works.works_from, one.works.works_to), day)
    assert window is not None  # the zone is known
    return _since_epoch(window.begins), _since_epoch(window.ends)


def _within(spans: _Spans, begins: int, ends: int) -> int:
    """Seconds of [begins, ends) that lie in `spans`, which do not overlap and are in order."""
    at, found = max(bisect_right(spans, (begins, begins)) - 1, 0), 0
    while at < len(spans) and spans[at][0] < ends:
        found += max(0, min(spans[at][1], ends) - max(spans[at][0], begins))
        at += 1
    return found


def _without(spans: _Spans, begins: int, ends: int) -> _Spans:
    """What is left of [begins, ends) outside of `spans`."""
    left, at = [], begins
    for start, end in spans[max(bisect_right(spans, (begins, begins)) - 1, 0) :]:
        if start >= ends:
            break
        if end <= at:
            continue
        if start > at:
            left.append((at, start))
        at = max(at, end)
    if at < ends:
        left.append((at, ends))
    return left


@dataclass(frozen=True)
class Series:
    """One window an occurrence, and the uncomfortable minutes that each attendee carries over all of them.

    `is_exact` is whether no other choice of windows is fairer; otherwise none was found to be.
    """

    windows: tuple[Window, ...]
    carried: tuple[int, ...]
    is_exact: bool


def fairest_series(choices: Sequence[Sequence[Window]]) -> Series | None:
    """Of one window from each of `choices` (windows by rank, the same attendees), those that share best.

    None when an occurrence has no window. Of two ways to carry the same, the one whose first windows rank better.
    """
    if not choices or not all(choices):
        return None
    useful = [_useful(offered) for offered in choices]
    states: _States = {(0,) * len(choices[0][0].costs): ()}
    is_exact = True
    for offered in useful:
        grown: _States = {}
        for carried, chosen in states.items():
            for window in offered:
                grown.setdefault(_sum(carried, window.weights), (*chosen, window))
        fairest_first = sorted(grown, key=fairness)
        is_exact = is_exact and len(fairest_first) <= MOST_STATES
        kept = fairest_first[:MOST_STATES] if len(fairest_first) > MOST_STATES else _undominated(fairest_first)
        states = {total: grown[total] for total in kept}
    best = min(states, key=fairness)
    chosen, carried = (states[best], best) if is_exact else _improved(states[best], best, useful)
    return Series(chosen, carried, is_exact)


def _improved(
    chosen: tuple[Window, ...], carried: tuple[int, ...], useful: Sequence[Sequence[Window]]
) -> tuple[tuple[Window, ...], tuple[int, ...]]:
    """The series with single windows exchanged as long as that makes it fairer. Each exchange does, so it ends."""
    for at, offered in enumerate(useful):
        for window in offered:
            total = tuple(a - b + c for a, b, c in zip(carried, chosen[at].weights, window.weights, strict=True))
            if fairness(total) < fairness(carried):
                return _improved((*chosen[:at], window, *chosen[at + 1 :]), total, useful)
    return chosen, carried


def _sum(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _useful(offered: Sequence[Window]) -> list[Window]:
    """The windows that are no worse than another for everybody; of equal ones the first."""
    found: dict[tuple[int, ...], Window] = {}
    for window in offered:
        found.setdefault(window.weights, window)
    return [found[weights] for weights in _undominated(sorted(found, key=fairness))]


def _undominated(vectors: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Those that no other undercuts for everybody. `vectors` are in the order of fairness: what undercuts comes first."""
    kept: list[tuple[int, ...]] = []
    for vector in vectors:
        if not any(all(a <= b for a, b in zip(better, vector, strict=True)) for better in kept):
            kept.append(vector)
    return kept


@dataclass(frozen=True)
class Obstacle:
    """Why somebody can't be met on a day of hers: a holiday's name, or empty for a free day of her week."""

    day: dt.date
    attendee: Attendee
    holiday: str


def obstacles(attendees: Sequence[Attendee], since: dt.date, until: dt.date) -> list[Obstacle]:
    """Days from `since` until before `until` on which somebody does not work, in their order."""
    found = []
    for day in days_between(since, until):
        for one in attendees:
            calendar = one.works.calendar
            if calendar is not None and not calendar.works_on(day):
                found.append(Obstacle(day, one, calendar.holiday(day) or ""))
    return found


def _seconds(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> int:
    return _since_epoch(dt.datetime.combine(day, time, zone))


def _since_epoch(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(seconds=1)


def _instant(seconds: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(seconds=seconds)
