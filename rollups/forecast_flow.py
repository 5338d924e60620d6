"""What happened to an open pipeline between two moments: line by line, each in exactly one movement, currencies apart.

Pure arithmetic over minor units (docs/algorithms/forecast.md): no ORM, no clock.

Opening + new + grown + shrunk + pushed + pulled + won + lost + omitted + moved + FX = closing: movements carry their sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

MOVEMENTS = ("new", "grown", "pulled", "moved", "omitted", "shrunk", "pushed", "won", "lost")
"""In the order in which they are told: what came, what went either way, what went."""
FX = "fx"


@dataclass(frozen=True)
class Position:
    """A line at one moment, as far as one node is concerned. `minor` is its amount there in the flow's currency (of a member
    her part), 0 without a rate. `is_here`: it lies at the node, in the reader's sight. `shares` says who has it."""

    outcome: str
    category: str
    month: int
    native: Decimal | None
    currency: str
    minor: int
    is_here: bool
    shares: object = None


@dataclass(frozen=True)
class Step:
    """One line between two moments. `steady` is what it comes to at the later one, told at the rates of the earlier one."""

    movement: str
    opening: int
    steady: int
    closing: int
    opened_as: str = ""
    closed_as: str = ""

    @property
    def change(self) -> int:
        return self.steady - self.opening

    @property
    def fx(self) -> int:
        return self.closing - self.steady


def step(
    before: Position | None,
    after: Position | None,
    steady: int,
    *,
    first: int,
    last: int,
    deal_was: bool = True,
    deal_is: bool = True,
) -> Step | None:
    """The line's step within the months `first` to `last`; None when it is in neither moment's open pipeline there. `steady` is
    its later amount at the earlier rates. `deal_was`, `deal_is`: whether its deal is known at either moment."""
    was = before if before is not None and _is_in(before, first, last) else None
    is_ = after if after is not None and _is_in(after, first, last) else None
    if was is None and is_ is None:
        return None
    if is_ is None:
        assert was is not None
        return Step(_left(after, first, last, deal_is), was.minor, 0, 0, was.category)
    if was is None:
        return Step(_came(before, first, last, deal_was), 0, steady, is_.minor, "", is_.category)
    return Step(_stayed(was, is_, steady), was.minor, steady, is_.minor, was.category, is_.category)


def _is_in(line: Position, first: int, last: int) -> bool:
    return line.outcome == "open" and line.category != "omitted" and line.is_here and first <= line.month <= last


def _left(after: Position | None, first: int, last: int, deal_is: bool) -> str:
    """Why a line is not there any more: what became of the deal comes before when, and when before where."""
    if after is None:
        return "shrunk" if deal_is else "lost"
    if after.outcome in ("won", "lost"):
        return after.outcome
    if after.category == "omitted":
        return "omitted"
    return "moved" if first <= after.month <= last else "pushed"


def _came(before: Position | None, first: int, last: int, deal_was: bool) -> str:
    if before is None:
        return "grown" if deal_was else "new"
    if before.outcome != "open":
        return "new"
    if before.category == "omitted":
        return "omitted"
    return "moved" if first <= before.month <= last else "pulled"


def _stayed(was: Position, is_: Position, steady: int) -> str:
    if steady == was.minor:
        return ""
    if was.shares != is_.shares and (was.native, was.currency) == (is_.native, is_.currency):
        return "moved"
    return "grown" if steady > was.minor else "shrunk"


@dataclass
class Flow:
    """The sums of a node. `movements` and `fx` carry their sign; opening and closing stand by category too, and `links` say how
    much went from what to what."""

    opening: int = 0
    closing: int = 0
    fx: int = 0
    movements: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MOVEMENTS, 0))
    opened: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    links: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, one: Step) -> None:
        self.opening += one.opening
        self.closing += one.closing
        self.fx += one.fx
        if one.movement:
            self.movements[one.movement] += one.change
        for category, sums, minor in (
            (one.opened_as, self.opened, one.opening),
            (one.closed_as, self.closed, one.closing),
        ):
            if category:
                sums[category] = sums.get(category, 0) + minor
        for source, sink, minor in links(one):
            self.links[source, sink] = self.links.get((source, sink), 0) + minor

    @property
    def adds_up(self) -> bool:
        return self.opening + sum(self.movements.values()) + self.fx == self.closing


def flow(steps: Iterable[Step]) -> Flow:
    found = Flow()
    for one in steps:
        found.add(one)
    return found


def links(one: Step) -> Iterator[tuple[str, str, int]]:
    """How much of a line went from what it was (`open:commit`), or from what added to it, to what it is (`close:commit`) or to what
    took from it. Lines with an amount below zero are in the sums, not in the picture."""
    if min(one.opening, one.steady, one.closing) < 0:
        return
    sources = [(f"open:{one.opened_as}", one.opening), (one.movement, max(one.change, 0)), (FX, max(one.fx, 0))]
    sinks = [(f"close:{one.closed_as}", one.closing), (one.movement, max(-one.change, 0)), (FX, max(-one.fx, 0))]
    at, left = 0, [amount for _, amount in sinks]
    for source, amount in sources:
        rest = amount
        while rest and at < len(sinks):
            taken = min(rest, left[at])
            if taken:
                yield source, sinks[at][0], taken
            rest, left[at] = rest - taken, left[at] - taken
            if not left[at]:
                at += 1
