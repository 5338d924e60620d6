"""Working days of what has a quota: of a country, of several together, of a member. Pure but for the calendars it is given."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from core import months
from regions.calendars import Calendar, Calendars, days_between
from revenue.quotas import MonthDays, Period

UNKNOWN = ""
"""The calendar of what has no country: Monday to Friday, and no holiday is assumed."""


@dataclass(frozen=True)
class Place:
    """A country whose calendar counts; `week` are the days that a member works instead of the country's."""

    country: str = UNKNOWN
    week: frozenset[str] = frozenset()


@dataclass
class Diary:
    """Which days are worked where, each month of a place looked up once."""

    calendars: Calendars
    _worked: dict[tuple[Place, int], tuple[dt.date, ...]] = field(default_factory=dict)

    def month_days(self, places: Collection[Place], period: Period, month: int, on: dt.date) -> MonthDays:
        """The mean over `places` of the days of `period` that are worked in a month, and of those until the end of `on`.
        Every place counts the same, whatever is sold there; without any, Monday to Friday."""
        since, until = period.part_of(month)
        passed = until if on >= until else max(since, on + dt.timedelta(days=1))
        worked = [self._days(place, month) for place in places or [Place()]]
        return MonthDays(month, _mean(worked, since, until), _mean(worked, since, passed))

    def _days(self, place: Place, month: int) -> tuple[dt.date, ...]:
        calendar = self.calendars.of(place.country) or Calendar(UNKNOWN)
        if not (calendar.decided or calendar.special):
            return _standard_days(calendar.country, place.week, month)
        if (place, month) not in self._worked:
            self._worked[place, month] = _worked_in(replace(calendar, language=_NO_NAMES).in_week(place.week), month)
        return self._worked[place, month]


_NO_NAMES = "en"
"""Days are counted here and none is named: whatever the reader's language, a process looks a year up once."""


@lru_cache(maxsize=32768)
def _standard_days(country: str, week: frozenset[str], month: int) -> tuple[dt.date, ...]:
    """Of a country about which an administrator has decided nothing: the same for good."""
    return _worked_in(Calendar(country, _NO_NAMES).in_week(week), month)


def _worked_in(calendar: Calendar, month: int) -> tuple[dt.date, ...]:
    days = days_between(months.first_day(month), months.last_day(month) + dt.timedelta(days=1))
    return tuple(day for day in days if calendar.works_on(day))


def _mean(worked: Sequence[Sequence[dt.date]], since: dt.date, until: dt.date) -> Fraction:
    """Of days in order, how many lie in `[since, until)`."""
    return Fraction(sum(bisect_left(days, until) - bisect_left(days, since) for days in worked), len(worked))


def calendar_days(period: Period, month: int, on: dt.date) -> MonthDays:
    """All days of `period` in a month: what a quota is spread by where no day of it is worked at all."""
    since, until = period.part_of(month)
    passed = min(max((on - since).days + 1, 0), (until - since).days)
    return MonthDays(month, Fraction((until - since).days), Fraction(passed))
