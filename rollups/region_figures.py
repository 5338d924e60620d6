"""Figures of regions. The tree is never stored: country × month cells climb it here, at reading, so that a re-drawn region
costs nothing to recompute and a planned move takes effect on its day."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from django.http import Http404
from django.utils.translation import gettext as _
from django_countries import countries as names_of_countries

from core.snapshots import one_snapshot
from regions.models import UNALLOCATED
from regions.queries import region_names, region_tree
from regions.tree import RegionTree, Snapshot
from rollups.figures import Child, CountryFigure, Figure, ScopeOf
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.lots import PlaceOf, lots_of
from rollups.measures import NO_COUNTRY
from rollups.reading import deals_by_country, rows_by_country, rows_by_lot
from rollups.tally import Node, Tally, climb
from users.models import User


class Place(NamedTuple):
    """A direct child of a region: a region by its id, or a country by its code; or a country and the child it lies in."""

    region: int | None
    country: str = ""


_TWO_LETTERS = re.compile("[A-Z]{2}")


@dataclass(frozen=True)
class Geography:
    """The region tree under a lens: each month read on its own last day, or all on one day."""

    tree: RegionTree
    lens: Lens
    names: dict[int, tuple[str, str]]
    _paths: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def on(self, month: int) -> Snapshot:
        day = self.lens.tree_day
        return self.tree.on(day) if day else self.tree.at_month_end(month)

    def path(self, country: Hashable, month: int) -> list[int]:
        """The regions above a country in a month, nearest first; empty when it is unallocated."""
        key = (month, str(country))
        if key not in self._paths:
            self._paths[key] = self.on(month).path_of_country(str(country))
        return self._paths[key]

    def child_of(self, region: int | None, country: Hashable, month: int) -> Place | None:
        """The direct child of `region` (None: of `unallocated`) that holds a country in a month, if any does."""
        path = self.path(country, month)
        if region is None:
            return None if path else Place(None, str(country))
        if region not in path:
            return None
        below = path.index(region) - 1
        return Place(None, str(country)) if below < 0 else Place(path[below])

    def roots(self) -> list[int]:
        """Regions that stand under no other on some day that the lens reads."""
        snapshots = {id(s): s for s in map(self.on, self.lens.months)}.values()
        found = {region for region in self.names for s in snapshots if region not in s.parents}
        return sorted(found, key=lambda region: self.names[region])

    def root_months(self, region: int) -> set[int]:
        return {month for month in self.lens.months if region not in self.on(month).parents}

    def countries_of(self, region: int | None, month: int) -> set[str]:
        """The countries under a region in a month; of None, those that lie in any region."""
        snapshot = self.on(month)
        return set(snapshot.regions_of_countries) if region is None else snapshot.countries_under([region])


def geography(lens: Lens) -> Geography:
    return Geography(region_tree(), lens, region_names())


def region_figures(*, viewer: User, code: str, lens: Lens) -> Figure:
    """The figure of one region, or of `unallocated`. Http404 when no region has the code."""
    with one_snapshot():
        where, frame = geography(lens), frame_for(viewer, lens)
        region = region_id(where, code)
        (node,) = _climbed(frame, where, [partial(where.child_of, region)])
        return _figure(where, frame, region, node)


def regions_list(*, viewer: User, lens: Lens) -> list[Figure]:
    """Roots, then `unallocated`: together all facts in sight, each month once. A region that is a root for a part of the
    range holds that part here."""
    return world_figures(viewer=viewer, lens=lens)[1]


def world_figures(*, viewer: User, lens: Lens) -> tuple[Figure, list[Figure]]:
    """All facts in sight as one node, and its parts as `regions_list` gives them. Money of the parts adds up to the node;
    a deal that lies in two of them counts in each, and once in the node."""
    with one_snapshot():
        where, frame = geography(lens), frame_for(viewer, lens)
        regions = [*where.roots(), None]
        everything, *nodes = _climbed(frame, where, [_anywhere, *(_as_root(where, region) for region in regions)])
        scope = ScopeOf("world", "", _("World"))
        whole = frame.figure(scope, everything, (), restricted=not frame.sight.is_everything)
        return whole, [_figure(where, frame, region, node) for region, node in zip(regions, nodes, strict=True)]


def _anywhere(_country: Hashable, _month: int) -> Place | None:
    return Place(None)


def _as_root(where: Geography, region: int | None) -> PlaceOf:
    """The parts of a region in the months in which it is a root."""
    standing = set(where.lens.months) if region is None else where.root_months(region)
    return lambda country, month: where.child_of(region, country, month) if month in standing else None


def _climbed(frame: Frame, where: Geography, nodes: Sequence[PlaceOf]) -> list[Node]:
    """The tallies of each node, from one read of the cells and one of the deals."""
    lots = lots_of(where.lens, where.on, nodes, lambda part: isinstance(part, Place) and bool(part.country))
    rows, deals = rows_by_lot(frame.source, frame.sight, lots), deals_by_country(frame.source, frame.sight, lots)
    return [climb(rows, deals, lots.place_of(at, node)) for at, node in enumerate(nodes)]


def region_id(where: Geography, code: str) -> int | None:
    if code == UNALLOCATED:
        return None
    for region, (known, _name) in where.names.items():
        if known == code:
            return region
    raise Http404(code)


def _figure(where: Geography, frame: Frame, region: int | None, node: Node) -> Figure:
    code, name = where.names[region] if region is not None else (UNALLOCATED, _("Unallocated"))
    children = sorted((_child(where, frame, key, node) for key in node.children), key=lambda c: (c.type, c.code))
    return frame.figure(
        ScopeOf("region", code, name),
        node,
        sorted(children, key=lambda child: child.type != "region"),
        restricted=is_restricted(where, frame, region),
    )


def _child(where: Geography, frame: Frame, key: Hashable, node: Node) -> Child:
    assert isinstance(key, Place)  # what child_of named
    if key.region is not None:
        return frame.child("region", *where.names[key.region], node.children[key])
    return frame.child("country", key.country, country_name(key.country), node.children[key])


def country_name(code: str) -> str:
    return str(_("No country")) if code == NO_COUNTRY else str(names_of_countries.name(code) or code)


def is_country(code: str) -> bool:
    """Whether a fact can have this code, of a country that is no more too; ZZ is none."""
    return bool(_TWO_LETTERS.fullmatch(code))


def is_restricted(where: Geography, frame: Frame, region: int | None) -> bool:
    """Whether the node may hold facts that the reader does not see."""
    if frame.sight.is_everything:
        return False
    if region is None:
        return True
    return any(
        not frame.sight.sees(country, month)
        for month in where.lens.months
        for country in where.countries_of(region, month)
    )


def country_figures(*, viewer: User, code: str, lens: Lens) -> list[CountryFigure]:
    """Every country below a region at any depth (or of `unallocated`), with the child of the region it counts under."""
    with one_snapshot():
        where, frame = geography(lens), frame_for(viewer, lens)
        region = region_id(where, code)
        rows, deals = rows_by_country(frame.source, frame.sight), deals_by_country(frame.source, frame.sight)

    def place_of(country: Hashable, month: int) -> Place | None:
        child = where.child_of(region, country, month)
        return child and Place(child.region, str(country))

    node = climb(rows, deals, place_of)
    found = [_country_figure(where, frame, key, tally) for key, tally in node.children.items()]
    return sorted(found, key=lambda row: (row.country, row.child_code))


def _country_figure(where: Geography, frame: Frame, key: Hashable, tally: Tally) -> CountryFigure:
    assert isinstance(key, Place)
    return CountryFigure(
        country=key.country,
        name=country_name(key.country),
        child_code=key.country if key.region is None else where.names[key.region][0],
        measures=frame.shape.measures(tally),
        unpriced=frame.shape.unpriced(tally),
    )
