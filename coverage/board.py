"""The alignment board of one customer: which units stand as rows, which roles as columns, which slots are shown. Pure.

What a slot is, how well it is filled and what its gap is worth is said by `slots` and `alignment`; here they are only laid out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from accounts.structures import Forest
from coverage.alignment import Alignment, Sums, WeighedSlot, sums_of

#: Orders of the rows: as they stand in the tree, or the largest gap first.
BY_TREE: Final = "tree"
BY_GAP: Final = "gap"


@dataclass(frozen=True)
class Narrowing:
    """Which slots are asked for; what is empty narrows nothing. `countries` None: wherever; `words` are of a unit's name or code."""

    countries: frozenset[str] | None = None
    role: str = ""
    state: str = ""
    member: int | None = None
    words: tuple[str, ...] = ()

    @property
    def is_narrow(self) -> bool:
        return self != Narrowing()


@dataclass(frozen=True)
class Line:
    """What a row says of its unit."""

    code: str
    name: str
    country: str


@dataclass(frozen=True)
class BoardRow:
    """A unit with its slots by role. `cells` are all, `shown` the roles of those that were asked for.

    `depth` counts the rows above it in the tree that are shown too; `above` is the nearest of them.
    """

    unit: int
    depth: int
    above: int | None
    has_below: bool
    cells: Mapping[str, WeighedSlot]
    shown: frozenset[str]

    @property
    def slots(self) -> Iterator[WeighedSlot]:
        return (self.cells[role] for role in self.cells if role in self.shown)

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.slots)

    @property
    def gap(self) -> int:
        return self.sums.gap


@dataclass(frozen=True)
class Board:
    """The rows in their order and the roles that stand as columns. Sums hold the slots that are shown, and no other."""

    rows: tuple[BoardRow, ...]
    roles: tuple[str, ...]
    order: str = BY_TREE
    narrowing: Narrowing = field(default_factory=Narrowing)

    @cached_property
    def slots(self) -> tuple[WeighedSlot, ...]:
        return tuple(slot for row in self.rows for slot in row.slots)

    @cached_property
    def gaps(self) -> tuple[WeighedSlot, ...]:
        """The shown slots that lack something, the largest gap first; what is not known comes last."""
        found = [one for one in self.slots if one.gap is None or one.gap > 0]
        return tuple(sorted(found, key=lambda one: (one.gap is None, -(one.gap or 0))))

    @cached_property
    def sums(self) -> Sums:
        return sum((row.sums for row in self.rows), Sums())

    @cached_property
    def by_role(self) -> dict[str, Sums]:
        found = dict.fromkeys(self.roles, Sums())
        for one in self.slots:
            found[one.slot.role] += one.sums
        return found


def laid_out(
    alignment: Alignment,
    tree: Forest,
    lines: Mapping[int, Line],
    roles: Iterable[str],
    narrowing: Narrowing | None = None,
    order: str = BY_TREE,
) -> Board:
    """The board of an account's alignment. `tree` holds every unit, `roles` the order of columns; a role that no shown unit
    needs is no column."""
    asked = narrowing or Narrowing()
    cells: dict[int, dict[str, WeighedSlot]] = {}
    for one in alignment.slots:
        cells.setdefault(one.slot.unit, {})[one.slot.role] = one
    shown = {
        unit: found
        for unit, line in lines.items()
        if (found := _asked_for(cells.get(unit, {}), line, asked)) or not (asked.is_narrow or cells.get(unit))
    }
    rows = _in_tree(tree, cells, shown)
    if order == BY_GAP:
        rows = [BoardRow(r.unit, 0, None, False, r.cells, r.shown) for r in rows]
        rows.sort(key=lambda row: (-row.gap, -alignment.values.get(row.unit, 0)))
    needed = {one for row in rows for one in row.shown}
    columns = tuple(role for role in roles if role in needed)
    return Board(tuple(rows), columns, order, asked)


def _asked_for(cells: Mapping[str, WeighedSlot], line: Line, asked: Narrowing) -> frozenset[str]:
    """The roles of a unit's slots that were asked for."""
    if asked.countries is not None and line.country not in asked.countries:
        return frozenset()
    said = f"{line.name} {line.code}".casefold()
    if not all(word in said for word in asked.words):
        return frozenset()
    return frozenset(role for role, one in cells.items() if _is_asked_for(one, asked))


def _is_asked_for(one: WeighedSlot, asked: Narrowing) -> bool:
    slot = one.slot
    return (
        (not asked.role or slot.role == asked.role)
        and (not asked.state or slot.state == asked.state)
        and (asked.member is None or any(coverer.member == asked.member for coverer in slot.coverers))
    )


def _in_tree(
    tree: Forest, cells: Mapping[int, Mapping[str, WeighedSlot]], shown: Mapping[int, frozenset[str]]
) -> list[BoardRow]:
    """The shown units in the order of the tree; each hangs below the nearest shown unit above it."""
    above = {unit: next((one for one in tree.ancestors(unit) if one in shown), None) for unit in shown}
    parents = set(above.values())
    depths: dict[int | None, int] = {None: -1}
    rows = []
    for unit, _depth in tree.walk():
        if unit in shown:
            upper = above[unit]
            depths[unit] = depths[upper] + 1
            rows.append(BoardRow(unit, depths[unit], upper, unit in parents, cells.get(unit, {}), shown[unit]))
    return rows
