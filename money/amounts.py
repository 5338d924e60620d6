"""How a native amount is written: with its currency's own decimals, and with more only where it has more."""

from __future__ import annotations

from decimal import Decimal


def trimmed(amount: Decimal, exponent: int) -> Decimal:
    """`amount`, kept to four decimals in the tables, without the zeros beyond its currency's `exponent`. Exact."""
    places = amount.normalize().as_tuple().exponent
    own = -places if isinstance(places, int) and places < 0 else 0
    return amount.quantize(Decimal(1).scaleb(-max(own, exponent)))
