"""The region tree as pure data: who stands under whom, and which country belongs where, on any day.

No ORM and no clock. Built once from all dated edges (a few thousand at most), then asked about days or months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core import months


@dataclass(frozen=True)
class Edge:
    """`child` belongs to `parent` (a region id) on the days `[since, until)`; `until` None means open."""

    child: int | str
    parent: int
    since: dt.date
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Span:
    """A country inside a subtree from `first` to `last` month, both inclusive, as month numbers."""

    country: str
    first: int
    last: int


@dataclass(frozen=True)
class Snapshot:
    """The tree on one day: each region's parent and each country's region; what has none is absent."""

    parents: Mapping[int, int]
    regions_of_countries: Mapping[str, int]

    def path(self, region: int) -> list[int]:
        """The region and everything above it, nearest first."""
        found = [region]
        while (parent := self.parents.get(found[-1])) is not None and parent not in found:
            found.append(parent)
        return found

    def path_of_country(self, country: str) -> list[int]:
        """The regions above a country, nearest first; empty when it is allocated nowhere."""
        region = self.regions_of_countries.get(country)
        return [] if region is None else self.path(region)

    @cached_property
    def children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for child, parent in self.parents.items():
            found.setdefault(parent, []).append(child)
        return found

    def subtree(self, roots: Iterable[int]) -> set[int]:
        """`roots` and all regions below them."""
        seen: set[int] = set()
        waiting = list(roots)
        while waiting:
            region = waiting.pop()
            if region not in seen:
                seen.add(region)
                waiting.extend(self.children.get(region, ()))
        return seen

    def countries_under(self, roots: Iterable[int]) -> set[str]:
        inside = self.subtree(roots)
        return {country for country, region in self.regions_of_countries.items() if region in inside}


@dataclass(frozen=True)
class RegionTree:
    """All dated edges of the sales geography."""

    links: tuple[Edge, ...]
    countries: tuple[Edge, ...]
    _snapshots: dict[dt.date, Snapshot] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def changes(self) -> list[dt.date]:
        """The days on which any edge starts or ends, ascending."""
        days = {day for edge in (*self.links, *self.countries) for day in (edge.since, edge.until) if day}
        return sorted(days)

    def on(self, day: dt.date) -> Snapshot:
        """The tree on `day`. Days between two changes share one snapshot."""
        key = max((change for change in self.changes if change <= day), default=dt.date.min)
        if key not in self._snapshots:
            self._snapshots[key] = Snapshot(
                parents={int(e.child): e.parent for e in self.links if e.holds_on(key)},
                regions_of_countries={str(e.child): e.parent for e in self.countries if e.holds_on(key)},
            )
        return self._snapshots[key]

    def at_month_end(self, month: int) -> Snapshot:
        return self.on(months.last_day(month))

    def spans_under(self, roots: Iterable[int]) -> list[Span]:
        """For each country, the months on whose last day it stood under `roots`, as the longest runs."""
        roots = list(roots)
        last_month = months.month_of(months.LAST_COUNTED)
        runs: dict[str, list[Span]] = {}
        moves = {months.month_of(day) for day in self.changes if dt.date.min < day <= months.LAST_COUNTED}
        bounds = sorted({0, *moves})
        for first, following in zip(bounds, [*bounds[1:], last_month + 1], strict=True):
            # Edges change only inside the months in `bounds`; at the last day of each the whole run reads the same.
            probe = months.last_day(max(first, months.FIRST))
            for country in self.on(probe).countries_under(roots):
                mine = runs.setdefault(country, [])
                if mine and mine[-1].last == first - 1:
                    mine[-1] = Span(country, mine[-1].first, following - 1)
                else:
                    mine.append(Span(country, first, following - 1))
        return [span for country in sorted(runs) for span in runs[country]]
