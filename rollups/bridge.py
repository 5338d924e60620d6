"""What lies between two periods of revenue: structure, organic change, what can't be compared, and currencies.

Pure arithmetic over minor units (ROLLUPS, "Bridge"; docs/algorithms/bridge.md): no ORM, no clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from money.conversion import from_minor
from rollups.figures import ScopeOf, Unpriced
from rollups.lens import Lens

PARTS = ("before", "structure", "organic", "unmatched", "fx", "after")
DIFFERENCES = PARTS[1:-1]
LEAST, MOST, USUAL = 1, 120, 12
"""How many months may lie between the two periods."""


@dataclass(frozen=True)
class Side:
    """One period's revenue at a node, in minor units.

    `then`: as reported, each month by the tree of its own last day. `tree`: as reported, by the one tree that the bridge
    holds still. `steady`: at the rates that it holds still, by that tree. `unmatched`: of `tree`, what has no such rate.
    """

    then: int = 0
    tree: int = 0
    steady: int = 0
    unmatched: int = 0

    def __add__(self, other: Side) -> Side:
        return Side(
            self.then + other.then,
            self.tree + other.tree,
            self.steady + other.steady,
            self.unmatched + other.unmatched,
        )


@dataclass(frozen=True)
class Bridge:
    """From `before` to `after`, with the currency's decimals. The four between them add up to the difference exactly."""

    before: Decimal
    structure: Decimal
    organic: Decimal
    unmatched: Decimal
    fx: Decimal
    after: Decimal

    @property
    def amounts(self) -> dict[str, Decimal]:
        """By name, in the order of a waterfall."""
        return {name: getattr(self, name) for name in PARTS}

    @property
    def differences(self) -> dict[str, Decimal]:
        return {name: getattr(self, name) for name in DIFFERENCES}


def bridge(before: Side, after: Side, exponent: int) -> Bridge:
    """The bridge from one period to another, of a currency with `exponent` decimals."""
    structure = (before.tree - before.then) + (after.then - after.tree)
    organic = after.steady - before.steady
    unmatched = after.unmatched - before.unmatched
    fx = (after.then - before.then) - structure - organic - unmatched
    minors = (before.then, structure, organic, unmatched, fx, after.then)
    return Bridge(*(from_minor(minor, exponent) for minor in minors))


@dataclass(frozen=True)
class BridgePart:
    """A direct child's part in the bridge of its parent. `type`: `region`, `country`, `org_unit`; of a country
    `account`."""

    type: str
    code: str
    name: str
    bridge: Bridge


@dataclass(frozen=True)
class BridgeFigure:
    """A node's bridge to the months of `lens` from those `k` months before. Its parts add up to it, each of the six.

    `tree_day` is the day whose tree is held still. `unpriced` are the facts of the earlier and of the later period that
    have no spot rate and are in no number here. `own` stands on org units only. The rest as in a figure.
    """

    scope: ScopeOf
    lens: Lens
    earlier: Lens
    k: int
    tree_day: dt.date
    computed_at: dt.datetime | None
    run: int | None
    fresh: bool
    restricted: bool
    bridge: Bridge
    unpriced: tuple[Unpriced, Unpriced]
    own: Bridge | None
    parts: tuple[BridgePart, ...]
