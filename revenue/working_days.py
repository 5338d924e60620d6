"""Working days of what has a quota: of a country, of several together, of a member. Pure but for the calendars it is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

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
        asked = sorted(places, key=lambda place: (place.country, sorted(place.week))) or [Place()]
        worked = [[day for day in self._days(place, month) if since <= day < until] for place in asked]
        return MonthDays(
            month, _mean(map(len, worked), asked), _mean((sum(d <= on for d in ds) for ds in worked), asked)
        )

    def _days(self, place: Place, month: int) -> tuple[dt.date, ...]:
        if (place, month) not in self._worked:
            calendar = (self.calendars.of(place.country) or Calendar(UNKNOWN)).in_week(place.week)
            following = months.last_day(month) + dt.timedelta(days=1)
            days = days_between(months.first_day(month), following)
            self._worked[place, month] = tuple(day for day in days if calendar.works_on(day))
        return self._worked[place, month]


def _mean(counts: Iterable[int], of: Sequence[Place]) -> Fraction:
    return Fraction(sum(counts), len(of))


def calendar_days(period: Period, month: int, on: dt.date) -> MonthDays:
    """All days of `period` in a month: what a quota is spread by where no day of it is worked at all."""
    since, until = period.part_of(month)
    passed = min(max((on - since).days + 1, 0), (until - since).days)
    return MonthDays(month, Fraction((until - since).days), Fraction(passed))
