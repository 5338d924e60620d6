"""The one conversion of the product, in Python. `money_half_even`, `money_leg` and `money_quote` (this room's migrations
0003 and 0004) are the same three definitions for the database; a test compares them. Pure: no ORM, no clock.

Everything is exact: a rate is a fraction of two published numbers, and a remainder decides a tie, never a rounded quotient.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Published = Mapping[str, Sequence[tuple[dt.date, Decimal]]]
"""Rates of one set by currency: (date, units of the currency for one base), dates ascending."""


@dataclass(frozen=True)
class Quote:
    """Units of a goal currency for one unit of a source currency, and the date of the older leg (None: no leg has one)."""

    rate: Fraction
    oldest: dt.date | None


def half_even(value: Fraction) -> int:
    """The nearest whole number, ties to the even one."""
    return round(value)  # exact for fractions


def to_minor(amount: Decimal, rate: Fraction, exponent: int, *, share: Decimal = Decimal(1)) -> int:
    """`amount` × `share` × `rate` in minor units of a currency with `exponent` decimals, rounded once, half-even."""
    return half_even(Fraction(amount) * Fraction(share) * rate * 10**exponent)


def from_minor(minor: int | Decimal, exponent: int) -> Decimal:
    """Minor units as an amount with the currency's own number of decimals."""
    return Decimal(f"{int(minor)}E-{exponent}")  # exact at any length, which arithmetic on decimals is not


def months_back(rates: str) -> int | None:
    """How many months before a day the month lies whose mean spot rate a computed set takes; None for a published set."""
    name, _, back = rates.partition(":")
    if name == "constant":
        return 12
    return int(back or 0) if name == "month_average" else None


def leg(
    published: Published, base: str, currency: str, day: dt.date, max_age: int | None, *, back: int | None = None
) -> tuple[Fraction, dt.date | None] | None:
    """Units of `currency` for one `base`: the latest rate on or before `day`, at most `max_age` days old (None: any age);
    or, with `back`, the mean over the published days of the month so many months before.

    The base itself is 1 and has no date; a mean has its oldest day's. None when there is no such rate.
    """
    if currency == base:
        return Fraction(1), None
    rates = published.get(currency, ())
    if back is not None:
        return _mean(rates, day.year * 12 + day.month - 1 - back)
    at = bisect_right(rates, day, key=lambda dated: dated[0]) - 1
    if at < 0:
        return None
    dated, rate = rates[at]
    if max_age is not None and (day - dated).days > max_age:
        return None
    return Fraction(rate), dated


def _mean(rates: Sequence[tuple[dt.date, Decimal]], month: int) -> tuple[Fraction, dt.date] | None:
    found = [(dated, rate) for dated, rate in rates if dated.year * 12 + dated.month - 1 == month]
    if not found:
        return None
    return sum((Fraction(rate) for _, rate in found), Fraction(0)) / len(found), found[0][0]


def quote(
    published: Published,
    base: str,
    source: str,
    goal: str,
    day: dt.date,
    max_age: int | None,
    *,
    back: int | None = None,
) -> Quote | None:
    """The price of `source` in `goal` on `day`; None when a leg is missing. A currency needs no rate to itself."""
    if source == goal:
        return Quote(Fraction(1), None)
    one = leg(published, base, source, day, max_age, back=back)
    other = leg(published, base, goal, day, max_age, back=back)
    if one is None or other is None:
        return None
    dates = [dated for _, dated in (one, other) if dated]
    return Quote(other[0] / one[0], min(dates, default=None))
