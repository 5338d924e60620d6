"""What managers' adjustments make of a computed forecast. Pure: whole minor units, no ORM, no clock.

An adjustment replaces the figure of its node. The nodes above follow by the difference that it makes, until one of them is
adjusted itself: its figure is what its own manager says, whatever those below say.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

Source = Literal["computed", "below", "here"]
_Node = TypeVar("_Node", bound=Hashable)


@dataclass(frozen=True)
class Standing:
    """One node's figure of one category: as computed from the deals, with the adjustments below it, and as adjusted here."""

    computed: int
    below: int
    here: int | None = None

    @property
    def forecast(self) -> int:
        return self.below if self.here is None else self.here

    @property
    def difference(self) -> int:
        """What the adjustments make of the computed figure."""
        return self.forecast - self.computed

    @property
    def source(self) -> Source:
        if self.here is not None:
            return "here"
        return "below" if self.below != self.computed else "computed"


def standings(
    computed: Mapping[_Node, int], parents: Mapping[_Node, _Node], adjusted: Mapping[_Node, int]
) -> dict[_Node, Standing]:
    """Every node that has a figure or an adjustment, or stands above one. `parents` names each node's parent, if it has one;
    a circle ends where it meets itself."""
    paths = {node: _path(node, parents) for node in {*computed, *adjusted}}
    nodes = {node for path in paths.values() for node in path}
    depths = {node: len(_path(node, parents)) for node in nodes}
    below = {node: computed.get(node, 0) for node in nodes}
    found: dict[_Node, Standing] = {}
    for node in sorted(nodes, key=lambda node: -depths[node]):
        found[node] = Standing(computed.get(node, 0), below[node], adjusted.get(node))
        parent = parents.get(node)
        if parent is not None and depths[parent] < depths[node]:
            below[parent] += found[node].difference
    return found


def _path(node: _Node, parents: Mapping[_Node, _Node]) -> list[_Node]:
    found = [node]
    while (parent := parents.get(found[-1])) is not None and parent not in found:
        found.append(parent)
    return found
