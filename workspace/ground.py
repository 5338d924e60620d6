"""Which countries a page's node holds in which months, and under which of its parts. Pure: the tree is an argument."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from core import months
from regions.tree import RegionTree, Snapshot, Span

#: The part for countries that no region holds: a code, not a region.
UNALLOCATED = "unallocated"
_FIRST, _LAST = 0, 32767


@dataclass(frozen=True)
class Ground:
    """The facts of one node: a region, everything (`region` None), or what is `unallocated`.

    `day` fixes the tree on one day; None reads each month's facts by the tree on its last day. Everything's parts are the
    roots; `through` names the one root whose own parts are shown in its place. `country` narrows a region to one country
    that stands in it directly.
    """

    tree: RegionTree
    region: int | None
    day: dt.date | None
    is_unallocated: bool = False
    through: int | None = None
    country: str = ""
    _parts: dict[tuple[str, dt.date], int | str | None] = field(
        default_factory=dict, compare=False, repr=False, init=False
    )

    @property
    def is_everything(self) -> bool:
        """Whether every fact lies inside, wherever it is."""
        return self.region is None and not self.is_unallocated and not self.country

    def part(self, country: str, month: int) -> int | str | None:
        """The part under which a country's facts of a month count: a region's id, the country, `unallocated`, or
        None when they lie outside this node."""
        day = self.day or months.last_day(month)
        key = (country, day)
        if key not in self._parts:
            self._parts[key] = self._find(self.tree.on(day), country)
        return self._parts[key]

    def holds(self, country: str, month: int) -> bool:
        return self.part(country, month) is not None

    def _find(self, snapshot: Snapshot, country: str) -> int | str | None:
        path = snapshot.path_of_country(country)
        if self.country:
            above = None if self.is_unallocated else self.region
            return country if country == self.country and (path[0] if path else None) == above else None
        if self.is_unallocated:
            return None if path else country
        if self.region is None and not path:
            return UNALLOCATED
        stop = self.through if self.region is None else self.region
        if stop in path:
            at = path.index(stop)
            return path[at - 1] if at else country
        return path[-1] if self.region is None else None

    def spans(self) -> list[Span]:
        """The countries of a region with the months in which they count there; not for everything or unallocated."""
        assert self.region is not None
        if self.day is None:
            return self.tree.spans_under([self.region])
        return [
            Span(country, _FIRST, _LAST) for country in sorted(self.tree.on(self.day).countries_under([self.region]))
        ]

    def allocated_spans(self) -> list[Span]:
        """The countries that stand in any region, with their months."""
        regions = {edge.parent for edge in self.tree.countries}
        if self.day is None:
            return self.tree.spans_under(regions)
        return [Span(country, _FIRST, _LAST) for country in sorted(self.tree.on(self.day).countries_under(regions))]


def by_run(spans: Iterable[Span]) -> dict[tuple[int, int], list[str]]:
    """Countries grouped by the months they share, which keeps a statement short."""
    runs: dict[tuple[int, int], list[str]] = {}
    for span in spans:
        runs.setdefault((span.first, min(span.last, _LAST)), []).append(span.country)
    return runs
