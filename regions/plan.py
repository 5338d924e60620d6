"""A plan of changes of the geography as data: what the tree is with them, and what stands in their way.

No ORM and no clock. Pages draw a plan, the dry run adds figures up under it, and the services that carry it out refuse
exactly what `conflicts` names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from regions.tree import Edge, RegionTree


class Kind(StrEnum):
    ADD = "add_region"
    MOVE = "move_region"
    COUNTRY = "move_country"
    RENAME = "rename_region"
    APPOINT = "appoint_lead"
    END = "end_lead"


@dataclass(frozen=True)
class Change:
    """One change. Regions are named by code: `region` is what changes, or where a country comes to ("": to none), or what
    is led; `parent` ("": a root) is where a region comes to. `email` is a lead's."""

    kind: Kind
    region: str = ""
    parent: str = ""
    country: str = ""
    name: str = ""
    email: str = ""

    @property
    def thing(self) -> tuple[str, ...]:
        """What it changes: a plan changes one thing once."""
        if self.kind is Kind.COUNTRY:
            return ("country", self.country)
        if self.kind in (Kind.APPOINT, Kind.END):
            return ("lead", self.region, self.email)
        return ("name" if self.kind is Kind.RENAME else "place", self.region)


@dataclass(frozen=True)
class Stint:
    """Somebody leads a region (an id) on the days `[since, until)`."""

    region: int
    email: str
    since: dt.date
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Estate:
    """The geography with all its days. `names` are code and name by id; `people` are names by e-mail address."""

    tree: RegionTree
    names: Mapping[int, tuple[str, str]]
    stints: tuple[Stint, ...] = ()
    people: Mapping[str, str] | None = None

    def id_of(self, code: str) -> int | None:
        return next((pk for pk, (known, _name) in self.names.items() if known == code), None)

    def name_of(self, code: str) -> str:
        """The name of a region; the code itself when there is none such."""
        return next((name for known, name in self.names.values() if known == code), code)

    def person(self, email: str) -> str:
        return (self.people or {}).get(email, email)

    def leads_on(self, day: dt.date) -> dict[int, list[str]]:
        """Who leads each region on a day, in the order in which they came."""
        found: dict[int, list[str]] = {}
        for stint in self.stints:
            if stint.holds_on(day):
                found.setdefault(stint.region, []).append(stint.email)
        return found


def in_order(estate: Estate, changes: Iterable[Change], on: dt.date) -> list[Change]:
    """The changes as they can be carried out one by one: new regions and moves from the top of the new tree down, so that
    none stands below itself in between; then all that needs its region to be there."""
    wanted = list(changes)
    after = planned(estate, wanted, on)
    snapshot = after.tree.on(on)
    rank = {Kind.ADD: 0, Kind.MOVE: 0, Kind.COUNTRY: 1, Kind.APPOINT: 2, Kind.END: 2, Kind.RENAME: 3}

    def place(change: Change) -> tuple[int, int]:
        region = after.id_of(change.region) if rank[change.kind] == 0 else None
        return rank[change.kind], len(snapshot.path(region)) if region is not None else 0

    return sorted(wanted, key=place)


def planned(estate: Estate, changes: Sequence[Change], on: dt.date) -> Estate:
    """The geography with the changes from the day `on`. New regions have ids below zero; what names an unknown region is
    left out, as `conflicts` says."""
    names = dict(estate.names)
    for number, change in enumerate((c for c in changes if c.kind is Kind.ADD), start=1):
        names[-number] = (change.region, change.name)
    for change in changes:
        found = estate.id_of(change.region)
        if change.kind is Kind.RENAME and found is not None:
            names[found] = (change.region, change.name)
    after = replace(estate, names=names)
    links, countries, stints = list(estate.tree.links), list(estate.tree.countries), list(estate.stints)
    for change in changes:
        region, parent = after.id_of(change.region), after.id_of(change.parent)
        if change.kind is Kind.COUNTRY and (region is not None or not change.region):
            countries = _moved(countries, change.country, region, on)
        elif region is not None and change.kind in (Kind.ADD, Kind.MOVE):
            links = _moved(links, region, parent, on)
        elif region is not None and change.kind in (Kind.APPOINT, Kind.END):
            stints = _led(stints, region, change, on)
    return replace(after, tree=RegionTree(tuple(links), tuple(countries)), stints=tuple(stints))


def _moved(edges: list[Edge], child: int | str, parent: int | None, on: dt.date) -> list[Edge]:
    kept = [_cut(edge, on) if edge.child == child and edge.holds_on(on) else edge for edge in edges]
    found = [edge for edge in kept if edge is not None]
    return found if parent is None else [*found, Edge(child, parent, on)]


def _cut(edge: Edge, on: dt.date) -> Edge | None:
    return replace(edge, until=on) if edge.since < on else None


def _led(stints: list[Stint], region: int, change: Change, on: dt.date) -> list[Stint]:
    if change.kind is Kind.APPOINT:
        return [*stints, Stint(region, change.email, on)]
    return [
        replace(stint, until=on)
        if (stint.region, stint.email) == (region, change.email) and stint.since < on and stint.holds_on(on)
        else stint
        for stint in stints
    ]


def cycle_in(tree: RegionTree, since: dt.date) -> tuple[dt.date, set[int]] | None:
    """The first day from `since` on which regions stand above themselves, and which they are."""
    for day in [since, *(change for change in tree.changes if change > since)]:
        parents = tree.on(day).parents
        caught = {region for region in parents if _returns(parents, region)}
        if caught:
            return day, caught
    return None


def _returns(parents: Mapping[int, int], region: int) -> bool:
    seen: set[int] = set()
    above = parents.get(region)
    while above is not None and above not in seen:
        if above == region:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
