"""A customer's structure on one day as pure data: which unit stands under which. No ORM and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Forest:
    """The units of one structure on one day; `parents` names only parents that are units of that day too."""

    units: tuple[int, ...]
    parents: Mapping[int, int]

    @classmethod
    def of(cls, units: Iterable[int], links: Iterable[tuple[int, int]]) -> Forest:
        """From unit ids in the order to show them and (child, parent) pairs; a unit without its parent is a root."""
        order = tuple(units)
        known = set(order)
        return cls(order, {child: parent for child, parent in links if child in known and parent in known})

    @cached_property
    def children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for unit in self.units:
            if unit in self.parents:
                found.setdefault(self.parents[unit], []).append(unit)
        return found

    @property
    def roots(self) -> list[int]:
        return [unit for unit in self.units if unit not in self.parents]

    def ancestors(self, unit: int) -> Iterator[int]:
        """The units above, nearest first."""
        seen = {unit}
        while (above := self.parents.get(unit)) is not None and above not in seen:
            yield above
            seen.add(above)
            unit = above

    def walk(self) -> Iterator[tuple[int, int]]:
        """Every unit with its depth, each parent before its children."""
        waiting = [(unit, 0) for unit in reversed(self.roots)]
        while waiting:
            unit, depth = waiting.pop()
            yield unit, depth
            waiting.extend((child, depth + 1) for child in reversed(self.children.get(unit, ())))
