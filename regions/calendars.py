"""Which days are worked in a country, and what the others are called. Pure: no tables of ours and no clock.

A day is worked when it is no day of the week-end and no public holiday. The week-end is CLDR's and public holidays are
those of the whole country; days that a country declares worked to make up for a long holiday are worked. Over that lies
what an administrator decided: another week-end or time zone from a day on, single days that are worked or off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from core.weekdays import WEEKDAYS
from regions.standards import standard_of

_NOWHERE = "ZZ"
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class SpecialDay:
    """A day that an administrator decided about: worked, or off under a name (which may be empty)."""

    works: bool
    name: str = ""


@dataclass(frozen=True)
class Decided:
    """What holds in a country from `since` until before `until` (None: for good) instead of the standard.

    An empty `weekend` leaves the standard one; `time_zone` is where places of the country are that have none of their own.
    """

    since: dt.date
    until: dt.date | None = None
    weekend: tuple[str, ...] = ()
    time_zone: str = ""

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Calendar:
    """The working days of a country. `week` is a person's own working week, which stands in for the country's."""

    country: str
    language: str = "en"
    decided: tuple[Decided, ...] = ()
    special: Mapping[dt.date, SpecialDay] = field(default_factory=dict)
    week: frozenset[str] | None = None

    def in_week(self, week: Collection[str]) -> Calendar:
        """The same for somebody who works on these days of the week; an empty `week` leaves the country's."""
        return replace(self, week=frozenset(week)) if week else self

    def weekend_on(self, day: dt.date) -> frozenset[str]:
        """The days of the week that are not worked in the country, as it is decided for `day`."""
        for period in self.decided:
            if period.weekend and period.holds_on(day):
                return frozenset(period.weekend)
        standard = standard_of(self.country)
        return standard.weekend if standard else frozenset(WEEKDAYS[5:])

    def zones_on(self, day: dt.date) -> tuple[str, ...]:
        """The zones a place of the country may be in: the one that was decided, else all that it has."""
        for period in self.decided:
            if period.time_zone and period.holds_on(day):
                return (period.time_zone,)
        standard = standard_of(self.country)
        return standard.zones if standard else ()

    def is_free_weekday(self, day: dt.date) -> bool:
        """Whether `day` falls on a day of the week that is not worked, holidays apart."""
        name = WEEKDAYS[day.weekday()]
        return name not in self.week if self.week is not None else name in self.weekend_on(day)

    def holiday(self, day: dt.date) -> str | None:
        """The name of the holiday on `day`, worked or not on its weekday; empty when it has none; None on other days."""
        special = self.special.get(day)
        if special is not None:
            return None if special.works else special.name
        return _year(self.country, day.year, self.language).names.get(day)

    def works_on(self, day: dt.date) -> bool:
        """Whether `day` is worked. Days that make up for others count in the country's own week only."""
        if self.holiday(day) is not None:
            return False
        if not self.is_free_weekday(day):
            return True
        if self.week is not None:
            return False
        special = self.special.get(day)
        return special.works if special else day in _year(self.country, day.year, self.language).made_up


def personal_calendar(country: Calendar | None, week: Collection[str]) -> Calendar:
    """Somebody's working days: her own `week` over her country's; Monday to Friday without holidays where it is not known."""
    return (country or Calendar(_NOWHERE)).in_week(week)


@dataclass(frozen=True)
class Calendars:
    """The calendars of all countries, with what was decided about them, in one language."""

    language: str = "en"
    decided: Mapping[str, tuple[Decided, ...]] = field(default_factory=dict)
    special: Mapping[str, Mapping[dt.date, SpecialDay]] = field(default_factory=dict)

    def of(self, country: str) -> Calendar | None:
        """None where the country is not known: then it is not known either which days are worked."""
        if standard_of(country) is None:
            return None
        return Calendar(country, self.language, self.decided.get(country, ()), self.special.get(country, {}))


@dataclass(frozen=True)
class _Year:
    names: Mapping[dt.date, str]
    made_up: frozenset[dt.date]


_NOTHING = _Year({}, frozenset())


def _package() -> Any:
    """The holidays of the world. Loaded when they are first asked for: that takes most of a second."""
    import holidays

    return holidays


@lru_cache(maxsize=4096)
def _year(country: str, year: int, language: str) -> _Year:
    if not has_holidays(country):
        return _NOTHING
    spoken = _spoken(country, language)
    found = _package().country_holidays(country, years=year, language=spoken, expand=False)
    return _Year(dict(found), frozenset(found.weekend_workdays))


@lru_cache(maxsize=1)
def _languages() -> dict[str, list[str]]:
    found: dict[str, list[str]] = _package().list_localized_countries(include_aliases=False)
    return found


@lru_cache(maxsize=1)
def _covered() -> frozenset[str]:
    return frozenset(_package().list_supported_countries(include_aliases=False))


def has_holidays(country: str) -> bool:
    """Whether anything is known about the public holidays of a country; if not, none are assumed."""
    return country in _covered()


def _spoken(country: str, language: str) -> str | None:
    """The language to name holidays in: the reader's where it can be had, else English, else the country's own."""
    offered = _languages().get(country, [])
    base = language.split("-", 1)[0].split("_", 1)[0]
    for wanted in (language.replace("-", "_"), base, "en_US", "en"):
        found = next((name for name in offered if name == wanted or name.split("_", 1)[0] == wanted), None)
        if found:
            return found
    return None


def days_between(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Every day from `since` until before `until`."""
    for number in range((until - since).days):
        yield since + dt.timedelta(days=number)


def common_working_days(calendars: Sequence[Calendar], since: dt.date, until: dt.date) -> list[dt.date]:
    """The days from `since` until before `until` that are worked in all of them."""
    return [day for day in days_between(since, until) if all(calendar.works_on(day) for calendar in calendars)]


def next_working_day(calendar: Calendar, day: dt.date) -> dt.date | None:
    """The first worked day on or after `day`; None when a whole year has none."""
    ahead = days_between(day, day + 366 * ONE_DAY) if day < dt.date(9998, 1, 1) else iter(())
    return next((one for one in ahead if calendar.works_on(one)), None)


@dataclass(frozen=True)
class Holiday:
    """A public holiday: its day, its name, and whether it falls on a day that would be worked without it."""

    country: str
    day: dt.date
    name: str
    is_felt: bool


def holidays_between(calendars: Iterable[Calendar], since: dt.date, until: dt.date) -> list[Holiday]:
    """Holidays from `since` until before `until`, by day, then country."""
    found = [
        Holiday(calendar.country, day, name, not calendar.is_free_weekday(day))
        for calendar in calendars
        for day in days_between(since, until)
        if (name := calendar.holiday(day)) is not None
    ]
    return sorted(found, key=lambda one: (one.day, one.country))
