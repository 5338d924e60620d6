"""The tree as it is drawn on one day: branches with their countries and leads, and what a plan moved. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django_countries import countries as all_countries

from core import formats
from core.periods import BEGINNING
from regions.plan import Estate


@dataclass(frozen=True)
class Chip:
    """A country in its region. `moved_from` is where it stood without the plan, by name; "" where it stood nowhere, None
    where nothing moved."""

    code: str
    moved_from: str | None = None


@dataclass(frozen=True)
class Branch:
    """A region with what belongs to it directly. `since`: under its parent; `is_new`: only the plan makes it."""

    code: str
    name: str
    depth: int
    since: dt.date | None
    leads: list[str]
    countries: list[Chip]
    is_new: bool = False
    moved_from: str | None = None
    parts: list[Branch] = field(default_factory=list)

    @property
    def is_ever(self) -> bool:
        return self.since == BEGINNING


@dataclass(frozen=True)
class Drawing:
    """The tree on a day. `unused` are regions without a parent, part or country then; `changes` the days of change."""

    on: dt.date
    roots: list[Branch]
    unused: list[Branch]
    unallocated: list[Chip]
    changes: list[dt.date]

    @property
    def rows(self) -> list[Branch]:
        """Every branch from the top down."""
        return list(_walk(self.roots))

    def holding(self, country: str) -> str:
        """The code of the region that a country belongs to directly; "" when to none."""
        return next((row.code for row in self.rows for chip in row.countries if chip.code == country), "")


def _walk(branches: Iterable[Branch]) -> Iterator[Branch]:
    waiting = list(reversed(list(branches)))
    while waiting:
        branch = waiting.pop()
        yield branch
        waiting.extend(reversed(branch.parts))


def drawing(estate: Estate, on: dt.date, *, before: Estate | None = None) -> Drawing:
    """The tree of `estate` on a day; beside `before`, the same without a plan, what the plan moved is marked."""
    pen = _Pen(estate, before or estate, on)
    roots = [pk for pk in pen.order if pk not in pen.snapshot.parents]
    used = [pk for pk in roots if pk in pen.snapshot.children or pk in pen.countries]
    known = {str(code) for code, _name in all_countries}
    return Drawing(
        on=on,
        roots=[pen.branch(pk, 0) for pk in used],
        unused=[pen.branch(pk, 0) for pk in roots if pk not in used],
        unallocated=[pen.chip(code) for code in _by_name(known - set(pen.snapshot.regions_of_countries))],
        changes=[day for day in estate.tree.changes if day > BEGINNING],
    )


def _by_name(codes: Iterable[str]) -> list[str]:
    return sorted(codes, key=formats.country)


class _Pen:
    def __init__(self, estate: Estate, before: Estate, on: dt.date) -> None:
        self.estate, self.old, self.on = estate, before, on
        self.snapshot, self.was = estate.tree.on(on), before.tree.on(on)
        self.order = sorted(estate.names, key=lambda pk: (estate.names[pk][1], pk))
        self.since = {int(edge.child): edge.since for edge in estate.tree.links if edge.holds_on(on)}
        self.leads = estate.leads_on(on)
        self.countries: dict[int, list[str]] = {}
        for code in _by_name(self.snapshot.regions_of_countries):
            self.countries.setdefault(self.snapshot.regions_of_countries[code], []).append(code)

    def branch(self, pk: int, depth: int) -> Branch:
        code, name = self.estate.names[pk]
        below = set(self.snapshot.children.get(pk, ()))
        is_new = pk not in self.old.names
        return Branch(
            code=code,
            name=name,
            depth=depth,
            since=self.since.get(pk),
            leads=[self.estate.person(email) for email in self.leads.get(pk, ())],
            countries=[self.chip(country) for country in self.countries.get(pk, ())],
            is_new=is_new,
            moved_from=None if is_new else self._moved(self.was.parents.get(pk), self.snapshot.parents.get(pk)),
            parts=[self.branch(child, depth + 1) for child in self.order if child in below],
        )

    def chip(self, code: str) -> Chip:
        stood = self.was.regions_of_countries.get(code)
        return Chip(code, self._moved(stood, self.snapshot.regions_of_countries.get(code)))

    def _moved(self, stood: int | None, stands: int | None) -> str | None:
        if stood == stands:
            return None
        return self.old.names[stood][1] if stood is not None else ""
