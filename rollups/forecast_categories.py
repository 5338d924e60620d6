"""The categories of a forecast and the periods that it is made for. Pure: no ORM, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from django.utils.translation import gettext as _

from core import months
from rollups.lens import LensError

YEAR, QUARTER = 12, 3


class Category(IntEnum):
    """Where a deal stands in the forecast, as the reading statements number it. Omitted and lost deals stand nowhere."""

    CLOSED = 1
    COMMIT = 2
    BEST_CASE = 3
    PIPELINE = 4

    @property
    def key(self) -> str:
        return self.name.lower()


KEYS = tuple(category.key for category in Category)
COUNTED = ("closed", "commit")
"""What the forecast of a node is made of: what was won, and what its owner commits to."""
ADJUSTABLE = ("commit", "best_case", "pipeline")
"""What is won is won: a judgement is about what is open."""

# Of an open line: its deal's own category, else its stage's. Nothing open is closed: what is marked so is as good as committed.
CATEGORY_SQL = """CASE WHEN {outcome} = 'won' THEN 1 ELSE
    CASE COALESCE(NULLIF({own}, ''), {stage}) WHEN 'pipeline' THEN 4 WHEN 'best_case' THEN 3 ELSE 2 END END"""


@dataclass(frozen=True)
class ForecastPeriod:
    """A month or a quarter of the fiscal calendar: months `first` to `last` (core.months), both inclusive."""

    first: int
    last: int
    code: str

    @property
    def is_month(self) -> bool:
        return self.first == self.last

    @property
    def range(self) -> dict[str, str]:
        """As the parameters of a lens."""
        return {"from": months.label(self.first), "to": months.label(self.last)}


_QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")


def quarter_at(month: int, start_month: int) -> ForecastPeriod:
    """The quarter that holds a month, in a fiscal year that starts in `start_month`. A fiscal year has the number of the
    calendar year in which it ends."""
    year_first = month - (month % YEAR - (start_month - 1)) % YEAR
    number = (month - year_first) // QUARTER
    first = year_first + number * QUARTER
    return ForecastPeriod(first, first + QUARTER - 1, f"{(year_first + YEAR - 1) // YEAR:04d}-Q{number + 1}")


def period_at(month: int, start_month: int, *, like: ForecastPeriod) -> ForecastPeriod:
    """The period of the same length as `like` that holds a month."""
    return month_period(month) if like.is_month else quarter_at(month, start_month)


def month_period(month: int) -> ForecastPeriod:
    return ForecastPeriod(month, month, months.label(month))


def parse_period(text: str, start_month: int) -> ForecastPeriod:
    """The period that `2026-Q4` or `2026-11` names. LensError for what names none."""
    found = _QUARTER.fullmatch(text)
    if found:
        year_first = int(found[1]) * YEAR + start_month - 1 - (YEAR if start_month > 1 else 0)
        return quarter_at(year_first + (int(found[2]) - 1) * QUARTER, start_month)
    try:
        month = months.parse(text)
    except ValueError as error:
        words = _("“%(wrong)s” is neither a quarter such as 2024-Q1 nor a month such as 2024-01.")
        raise LensError(words % {"wrong": text}, field="period") from error
    return month_period(month)


def category_words() -> Mapping[str, str]:
    return {"closed": _("Closed"), "commit": _("Commit"), "best_case": _("Best case"), "pipeline": _("Pipeline")}


def period_words(period: ForecastPeriod) -> str:
    """Q4 2026; a month is written by the page in the reader's form."""
    year, _sign, quarter = period.code.partition("-")
    return _("%(quarter)s %(year)s") % {"quarter": quarter, "year": year}
