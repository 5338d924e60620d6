"""From the open pipeline of an earlier day to that of today: what is new, won, lost, grown, shrunk or gone. Pure.

Both sides are priced on one day at one rate set, so that no exchange rate moves anything. Every part of a deal falls in
exactly one movement, so the movements add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction

OPEN, WON, LOST, GONE = "open", "won", "lost", "gone"
Key = tuple[int, str]
"""A deal and a country: what of the deal lies there."""


@dataclass(frozen=True)
class Growth:
    """Minor units. `before` + `new` + `grown` − `shrunk` − `won` − `lost` − `gone` = `after`."""

    before: int = 0
    new: int = 0
    grown: int = 0
    shrunk: int = 0
    won: int = 0
    lost: int = 0
    gone: int = 0
    after: int = 0

    def __add__(self, other: Growth) -> Growth:
        return Growth(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def rate(self) -> Fraction | None:
        """The change as a share of what stood before; None where nothing did."""
        return Fraction(self.change, self.before) if self.before else None


def movement(before: int | None, after: int | None, outcome: str) -> Growth:
    """What became of one part of a deal. None: it was, or is, not open. `outcome` is that of the deal today."""
    if before is None:
        return Growth(new=after or 0, after=after or 0)
    if after is not None:
        change = after - before
        return Growth(before=before, grown=max(0, change), shrunk=max(0, -change), after=after)
    left = {WON: "won", LOST: "lost"}.get(outcome, "gone")
    return Growth(before=before, **{left: before})


def growth(
    then: Mapping[Key, int], now: Mapping[Key, int], outcomes: Mapping[int, str], keys: Iterable[Key] | None = None
) -> Growth:
    """The movements of these parts of deals, of all without `keys`. A deal that `outcomes` does not name is gone."""
    parts = {*then, *now} if keys is None else set(keys)
    found = (movement(then.get(key), now.get(key), outcomes.get(key[0], GONE)) for key in parts)
    return sum(found, Growth())


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` over parts in proportion to `weights` by largest remainder, to four decimals: they add up to it exactly.

    Where the weights add up to nothing, the first part has all of it.
    """
    whole = sum(weights, Decimal(0))
    if whole == amount:
        return list(weights)
    if not whole or any(weight < 0 for weight in weights):
        return [amount, *([Decimal(0)] * (len(weights) - 1))]
    units = int(amount.scaleb(4))
    exact = [Fraction(abs(units)) * Fraction(weight) / Fraction(whole) for weight in weights]
    shares = [int(one) for one in exact]
    order = sorted(range(len(weights)), key=lambda at: (shares[at] - exact[at], at))
    for at in order[: abs(units) - sum(shares)]:
        shares[at] += 1
    sign = -1 if units < 0 else 1
    return [Decimal(sign * share).scaleb(-4) for share in shares]
