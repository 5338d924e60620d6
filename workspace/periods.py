"""The months that a page is about, and what they may fairly be compared with.

No ORM and no clock: the business date is an argument. Months are numbered as in `core.months`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core import months

YEAR = 12

#: The periods that move with the business date, in the order of the menu.
NAMED = (
    "fiscal_year",
    "last_fiscal_year",
    "calendar_year",
    "last_calendar_year",
    "quarter",
    "last_quarter",
    "month",
    "twelve_months",
)
DEFAULT = "fiscal_year"
LONGEST = 60
#: Months outside these years are a slip of the pen; the columns of the facts hold no later ones.
_EARLIEST, _LATEST = 1900 * YEAR, 2700 * YEAR


@dataclass(frozen=True)
class Period:
    """Whole calendar months, `first` to `last`, both included."""

    first: int
    last: int

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def shifted(self, by: int) -> Period:
        return Period(self.first + by, self.last + by)


@dataclass(frozen=True)
class Elapsed:
    """The part of a period that has passed when a day is over.

    `whole` are its whole months, None when there are none; `month` is the month under way and `days` how many of its
    days have passed; 0 when the last of them ends with that day.
    """

    whole: Period | None
    month: int
    days: int

    @property
    def is_nothing(self) -> bool:
        return self.whole is None and not self.days

    @property
    def first_day(self) -> dt.date:
        return months.first_day(self.whole.first if self.whole else self.month)

    @property
    def last_day(self) -> dt.date:
        return self._in_month(self.month) if self.days else months.last_day(self.month)

    def year_before(self) -> Elapsed:
        """The same months and days of the year before; a 29 February stands for the whole of February."""
        whole = self.whole.shifted(-YEAR) if self.whole else None
        return Elapsed(whole, self.month - YEAR, self.days)

    def _in_month(self, month: int) -> dt.date:
        return min(months.first_day(month) + dt.timedelta(days=self.days - 1), months.last_day(month))


def elapsed(period: Period, on: dt.date) -> Elapsed:
    """What of `period` has passed at the end of `on`. A period that lies ahead has nothing."""
    current = months.month_of(on)
    if period.last < current or (period.last == current and on == months.last_day(current)):
        return Elapsed(period, period.last, 0)
    if period.first > current:
        return Elapsed(None, period.first, 0)
    ends_here = on == months.last_day(current)
    last_whole = current if ends_here else current - 1
    whole = Period(period.first, last_whole) if last_whole >= period.first else None
    return Elapsed(whole, current, 0 if ends_here else on.day)


def is_partial(period: Period, on: dt.date) -> bool:
    """Whether some day of `period` has not passed yet when `on` is over."""
    return on < months.last_day(period.last)


def fiscal_year(on: dt.date, start_month: int) -> Period:
    """The fiscal year that contains `on`."""
    month = months.month_of(on)
    first = month - (month % YEAR - (start_month - 1)) % YEAR
    return Period(first, first + YEAR - 1)


def named(name: str, on: dt.date, start_month: int) -> Period:
    """The period of one of `NAMED` on a day; a name that is none of them is the fiscal year."""
    current = months.month_of(on)
    year = fiscal_year(on, start_month)
    quarter_first = year.first + (current - year.first) // 3 * 3
    last_whole = current if on == months.last_day(current) else current - 1
    calendar = Period(current - current % YEAR, current - current % YEAR + YEAR - 1)
    found = {
        "last_fiscal_year": year.shifted(-YEAR),
        "calendar_year": calendar,
        "last_calendar_year": calendar.shifted(-YEAR),
        "quarter": Period(quarter_first, quarter_first + 2),
        "last_quarter": Period(quarter_first - 3, quarter_first - 1),
        "month": Period(current, current),
        "twelve_months": Period(last_whole - YEAR + 1, last_whole),
    }
    return found.get(name, year)


def between(first: str, last: str) -> Period | None:
    """The period from month `2024-01` to `2024-12`; None where that is no period of at most five years."""
    try:
        period = Period(months.parse(first), months.parse(last))
    except ValueError:
        return None
    is_sane = 0 < period.length <= LONGEST and period.first >= _EARLIEST and period.last <= _LATEST
    return period if is_sane else None


def fiscal_year_of(period: Period, start_month: int) -> int | None:
    """The year that names `period` if it is one fiscal year: the calendar year in which it ends."""
    if period.length != YEAR or period.first % YEAR != start_month - 1:
        return None
    return months.last_day(period.last).year
