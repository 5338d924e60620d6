"""What members and the places of a customer share: languages, hours, working days, and what changes in the weeks ahead. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from regions.calendars import Calendar, Holiday, days_between, holidays_between
from teams.overlap import ClockChange, WorkingTime, clock_changes, common_minutes, shared_languages

ENOUGH_MINUTES = 120
"""Common minutes of a day below which working together is hard."""


@dataclass(frozen=True)
class Place:
    """Units of a customer that work alike: in one country and zone, in the same languages."""

    country: str
    zone: str
    languages: frozenset[str] | None
    works: WorkingTime = field(compare=False)
    units: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Companion:
    """One of us, as far as working together asks."""

    key: int
    name: str
    country: str
    languages: tuple[str, ...]
    works: WorkingTime


@dataclass(frozen=True)
class Shared:
    """What one member shares with one place; None is unknown. `minutes` are of the first day, `later` of the last."""

    languages: tuple[str, ...] | None
    minutes: int | None
    later: int | None
    days: int | None

    @property
    def state(self) -> str:
        """`gap` when there is no language or too little time, `unknown` when that can't be said, else `covered`."""
        if self.languages == () or self.is_short:
            return "gap"
        return "unknown" if self.languages is None or self.minutes is None else "covered"

    @property
    def is_short(self) -> bool:
        return self.minutes is not None and self.minutes < ENOUGH_MINUTES

    @property
    def changes(self) -> bool:
        """Whether the clocks of the two move apart or together in the weeks looked at."""
        return self.minutes is not None and self.later is not None and self.minutes != self.later


@dataclass(frozen=True)
class Weeks:
    """Days from `since` until before `until`."""

    since: dt.date
    until: dt.date

    @property
    def days(self) -> list[dt.date]:
        return list(days_between(self.since, self.until))

    @property
    def last(self) -> dt.date:
        return self.until - dt.timedelta(days=1)


def shared(member: Companion, place: Place, weeks: Weeks) -> Shared:
    """What `member` shares with `place` in the weeks."""
    spoken = shared_languages(member.languages, place.languages)
    mine, theirs = member.works.calendar, place.works.calendar
    return Shared(
        languages=None if spoken is None else tuple(sorted(spoken)),
        minutes=common_minutes(place.works, member.works, weeks.since),
        later=common_minutes(place.works, member.works, weeks.last),
        days=sum(mine.works_on(day) and theirs.works_on(day) for day in weeks.days) if mine and theirs else None,
    )


def grouped(units: Iterable[tuple[Place, str]]) -> list[Place]:
    """Units by how they work, those with the most units first; each place with the names of its units."""
    names: dict[Place, list[str]] = defaultdict(list)
    for place, name in units:
        names[place].append(name)
    found = [Place(p.country, p.zone, p.languages, p.works, tuple(held)) for p, held in names.items()]
    return sorted(
        found, key=lambda place: (-len(place.units), place.country, place.zone, sorted(place.languages or ()))
    )


@dataclass(frozen=True)
class Ahead:
    """What the weeks ahead hold: holidays that are felt by day, and changes of the clocks by day with their zones."""

    holidays: list[Holiday]
    clocks: list[tuple[dt.date, int, list[str]]]


def ahead(calendars: Sequence[Calendar], zones: Iterable[str], weeks: Weeks) -> Ahead:
    """Holidays of `calendars` on days that would be worked, and changes of the clocks in `zones`."""
    moved: dict[tuple[dt.date, int], list[str]] = defaultdict(list)
    for zone in sorted(set(zones)):
        for change in clock_changes(zone, weeks.since, weeks.until):
            moved[_key(change)].append(zone)
    felt = [one for one in holidays_between(calendars, weeks.since, weeks.until) if one.is_felt]
    return Ahead(felt, [(on, minutes, held) for (on, minutes), held in sorted(moved.items())])


def _key(change: ClockChange) -> tuple[dt.date, int]:
    return change.on, change.minutes
