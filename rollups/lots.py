"""Countries that count alike: under the same parts of every node that is asked about, in the same months. They are read as one
place, so that what comes back has the size of the answer and not of the world. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from regions.tree import Snapshot
from rollups.lens import Lens

#: Which part of a node holds a country in a month; None: it lies outside.
PlaceOf = Callable[[Hashable, int], Hashable | None]
_OUTSIDE = ""


@dataclass(frozen=True)
class Lots:
    """A lot is named so that no country is: `#3`. Its `parts` are one for each node. `runs` say which country lies in which
    lot from one month to another; a country without a run is a place of its own, and one in `_OUTSIDE` is not read."""

    runs: tuple[tuple[str, int, int, str], ...]
    parts: Mapping[str, tuple[Hashable | None, ...]]

    #: A FROM item with the alias `l`, and the name of the place at which a row with the alias `x` is read.
    JOIN = (
        "LEFT JOIN unnest(%(lot_countries)s::text[], %(lot_firsts)s::int[], %(lot_lasts)s::int[], %(lots)s::text[]) "
        "l (country, first, last, lot) ON l.country = {country} AND {month} BETWEEN l.first AND l.last"
    )
    IS_ASKED = f"l.lot IS DISTINCT FROM '{_OUTSIDE}'"

    def given(self) -> dict[str, Any]:
        names = ("lot_countries", "lot_firsts", "lot_lasts", "lots")
        return {name: [run[at] for run in self.runs] for at, name in enumerate(names)}

    def place_of(self, node: int, otherwise: PlaceOf) -> PlaceOf:
        """Which part of the node numbered `node` holds a place; of a country that is its own place, `otherwise` says."""

        def found(place: Hashable, month: int) -> Hashable | None:
            parts = self.parts.get(str(place))
            return parts[node] if parts is not None else otherwise(place, month)

        return found


def lots_of(
    lens: Lens, on: Callable[[int], Snapshot], nodes: Sequence[PlaceOf], is_country: Callable[[Hashable], bool]
) -> Lots:
    """The lots of the tree that `on` (a month) gives, for `nodes`. A country that is a part by itself (`is_country`) stays one."""
    runs: list[tuple[str, int, int, str]] = []
    names: dict[tuple[Hashable | None, ...], str] = {}
    for first, last, snapshot in _spells(lens, on):
        for country in sorted(snapshot.regions_of_countries):
            parts = tuple(node(country, first) for node in nodes)
            if any(part is not None and is_country(part) for part in parts):
                continue
            is_outside = all(part is None for part in parts)
            runs.append((country, first, last, _OUTSIDE if is_outside else names.setdefault(parts, f"#{len(names)}")))
    return Lots(tuple(runs), {name: parts for parts, name in names.items()})


def _spells(lens: Lens, on: Callable[[int], Snapshot]) -> Iterator[tuple[int, int, Snapshot]]:
    """The runs of months in which the tree stays the same."""
    for _, months in groupby(lens.months, key=lambda month: id(on(month))):
        held = list(months)
        yield held[0], held[-1], on(held[0])
