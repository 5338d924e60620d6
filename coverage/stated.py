"""Sums of alignments as pages and history state them: shares as decimals, money in the currency's own decimals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from core import formats
from coverage.alignment import Sums
from money.conversion import from_minor
from money.queries import exponents

DIGITS = Decimal(1).scaleb(-12)


@dataclass(frozen=True)
class Stated:
    """`score` is None while nothing is known; `known_weight` is the share of all weight that it knows of.

    `gap` is money in `currency`, of known slots. `slots` counts all of them, `empty` and `unknown` those. `night` is
    the day of the history that it comes from; None: computed now. Without `has_money` every unit counted the same, because no
    facts are for this reader.
    """

    score: Decimal | None
    known_weight: Decimal
    gap: Decimal
    currency: str
    slots: int
    empty: int
    unknown: int
    night: dt.date | None = None
    has_money: bool = True

    @property
    def known_share(self) -> Decimal:
        """The known weight to a tenth of a per cent, cut and not rounded: what is not all known is never 100 %."""
        return self.known_weight.quantize(Decimal("0.001"), ROUND_DOWN)

    @property
    def gap_shown(self) -> Decimal | formats.Unknown:
        """The gap as pages and files show it."""
        return self.gap if self.has_money else formats.NOT_SHOWN

    @property
    def is_partly_unknown(self) -> bool:
        return self.unknown > 0


def stated(sums: Sums, currency: str, *, night: dt.date | None = None, has_money: bool = True) -> Stated:
    return Stated(
        score=None if sums.score is None else decimal_of(sums.score),
        known_weight=decimal_of(sums.known_weight),
        gap=from_minor(sums.gap, exponents()[currency]),
        currency=currency,
        slots=sums.slots,
        empty=sums.empty,
        unknown=sums.unknown,
        night=night,
        has_money=has_money,
    )


def decimal_of(share: Fraction) -> Decimal:
    """A share to twelve decimals, ties to even."""
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(DIGITS)
