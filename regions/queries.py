from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django_countries import countries as all_countries

from core.periods import BEGINNING
from regions.models import Region, RegionCountry, RegionLead, RegionLink
from regions.tree import Edge, RegionTree
from users.models import User


def region_tree() -> RegionTree:
    """Every dated edge of the sales geography, in two queries."""
    links = RegionLink.objects.values_list("child_id", "parent_id", "valid_from", "valid_to")
    countries = RegionCountry.objects.values_list("country", "region_id", "valid_from", "valid_to")
    return RegionTree(
        links=tuple(Edge(*row) for row in links.order_by("valid_from", "id")),
        countries=tuple(Edge(str(c), r, since, until) for c, r, since, until in countries.order_by("valid_from", "id")),
    )


def regions_led_by(*, viewer: User, on: dt.date) -> dict[int, str]:
    """Ids and codes of the regions that `viewer` leads on a day."""
    leads = RegionLead.objects.filter(user=viewer).as_of(on)
    return dict(leads.values_list("region_id", "region__code"))


def region_names() -> dict[int, tuple[str, str]]:
    """Code and name of every region by id."""
    return {pk: (code, name) for pk, code, name in Region.objects.values_list("id", "code", "name")}


@dataclass(frozen=True)
class RegionRow:
    """A region in the tree of a day, with what belongs to it directly and who leads it. `since`: under its parent."""

    region: Region
    depth: int
    since: dt.date | None
    countries: list[str]
    leads: list[RegionLead]


@dataclass(frozen=True)
class Geography:
    """The tree on a day. `unused` are regions without a parent, part or country then; `changes` the days of change."""

    on: dt.date
    rows: list[RegionRow]
    unused: list[Region]
    unallocated: list[str]
    changes: list[dt.date]


def geography(*, viewer: User, on: dt.date) -> Geography:
    """The region tree as it stands on a day, in a fixed number of statements. Every user may read it."""
    regions = {region.pk: region for region in Region.objects.permitted_to(viewer).order_by("name", "id")}
    tree = region_tree()
    snapshot = tree.on(on)
    since = {int(edge.child): edge.since for edge in tree.links if edge.holds_on(on)}
    leads: dict[int, list[RegionLead]] = {}
    for lead in RegionLead.objects.as_of(on).select_related("user").order_by("valid_from", "id"):
        leads.setdefault(lead.region_id, []).append(lead)
    countries: dict[int, list[str]] = {}
    for country, region in sorted(snapshot.regions_of_countries.items()):
        countries.setdefault(region, []).append(country)
    roots = [pk for pk in regions if pk not in snapshot.parents]
    used = [pk for pk in roots if pk in snapshot.children or pk in countries]
    order = {pk: place for place, pk in enumerate(regions)}
    rows: list[RegionRow] = []
    waiting = [(pk, 0) for pk in reversed(used)]
    while waiting:
        pk, depth = waiting.pop()
        rows.append(RegionRow(regions[pk], depth, since.get(pk), countries.get(pk, []), leads.get(pk, [])))
        below = sorted((child for child in snapshot.children.get(pk, ()) if child in regions), key=order.__getitem__)
        waiting.extend((child, depth + 1) for child in reversed(below))
    known = {str(code) for code, _name in all_countries}
    return Geography(
        on=on,
        rows=rows,
        unused=[regions[pk] for pk in roots if pk not in used],
        unallocated=sorted(known - set(snapshot.regions_of_countries)),
        changes=[day for day in tree.changes if day > BEGINNING],
    )


@dataclass(frozen=True)
class RegionHistory:
    """A region with everything that ever belonged to it, the latest first."""

    region: Region
    places: list[RegionLink]
    parts: list[RegionLink]
    countries: list[RegionCountry]
    leads: list[RegionLead]


def region_history(*, viewer: User, code: str) -> RegionHistory:
    """Region.DoesNotExist when there is none with this code."""
    region = Region.objects.permitted_to(viewer).get(code=code)
    newest = ("-valid_from", "id")
    return RegionHistory(
        region=region,
        places=list(RegionLink.objects.filter(child=region).select_related("parent").order_by(*newest)),
        parts=list(RegionLink.objects.filter(parent=region).select_related("child").order_by(*newest)),
        countries=list(RegionCountry.objects.filter(region=region).order_by("country", *newest)),
        leads=list(RegionLead.objects.filter(region=region).select_related("user").order_by(*newest)),
    )
