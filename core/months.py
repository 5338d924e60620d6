"""Calendar months as integers: `year * 12 + month - 1`. The database stores the same number (int2) beside a fact's date."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import cache

from django.db import models
from django.db.models.functions import ExtractMonth, ExtractYear

FIRST = dt.date.min.year * 12
"""The first month of the calendar."""
LAST_COUNTED = dt.date(2730, 8, 31)
"""The last day whose month fits."""


def month_of(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


@cache
def last_day(month: int) -> dt.date:
    year, number = month // 12, month % 12 + 1
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def label(month: int) -> str:
    """ISO form, e.g. `2024-03`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def parse(text: str) -> int:
    """The month that `2024-03` names. ValueError when it names none."""
    day = dt.date.fromisoformat(f"{text}-01")
    return month_of(day)


def month_column(date_column: str) -> models.GeneratedField:
    """A stored column that holds the month of `date_column`."""
    return models.GeneratedField(
        expression=ExtractYear(date_column) * 12 + ExtractMonth(date_column) - 1,
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
