"""Days and seeded chance. The demo never reads the clock: its last day is the last day of the rates."""

import datetime as dt
import random
from collections.abc import Iterator

#: Revenue begins here; deals are created from some months before.
FIRST_DAY = dt.date(2021, 10, 1)
#: The day on which our own regions were re-organised.
REORGANISED_ON = dt.date(2025, 4, 1)
#: Sanctions: the Russian entities are closed and nothing is sold there any more.
RUSSIA_CLOSED_ON = dt.date(2022, 7, 1)

_SEED = "meridian"


def chance(*parts: object) -> random.Random:
    """A generator of its own for each subject, so that adding one customer leaves every other one as it was."""
    return random.Random(":".join([_SEED, *map(str, parts)]))  # noqa: S311 -- invented data, not a secret


def months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The first day of every month from `first` to `last`, both months included."""
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield dt.date(year, month, 1)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def month_end(day: dt.date) -> dt.date:
    """The last day of the month of `day`."""
    following = day.replace(day=28) + dt.timedelta(days=4)
    return following - dt.timedelta(days=following.day)


def quarter_start(rng: random.Random, first_year: int, last_year: int) -> dt.date:
    """The first day of some quarter."""
    return dt.date(rng.randint(first_year, last_year), rng.choice((1, 4, 7, 10)), 1)


def years_after_2022(day: dt.date) -> float:
    """Years since mid-2022, the year for which a customer's base is stated."""
    return (day - dt.date(2022, 7, 1)).days / 365.25
