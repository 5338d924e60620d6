"""A customer's units and all their dated places as pure data, by code: what restructurings are planned over. No ORM, no clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True)
class Unit:
    """An org unit. It exists on the days `[opened, closed)`; None leaves that side open."""

    code: str
    name: str
    kind: str = "legal_entity"
    country: str = ""
    city: str = ""
    opened: dt.date | None = None
    closed: dt.date | None = None
    lei: str = ""
    registry_id: str = ""

    def exists_on(self, day: dt.date) -> bool:
        return (self.opened is None or self.opened <= day) and (self.closed is None or day < self.closed)


@dataclass(frozen=True)
class Place:
    """In a structure, `child` stands below `parent` on the days `[since, until)`; `until` None means open."""

    structure: str
    child: str
    parent: str
    since: dt.date
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def reaches(self, day: dt.date) -> bool:
        """Whether it holds on `day` or on any later one."""
        return self.until is None or self.until > day


@dataclass(frozen=True)
class Plan:
    """What a restructuring does from one day on: units that open, close or are called otherwise, and new places.

    `placed` names a unit's new parent in a structure; "" means that it stands below nothing there.
    """

    opened: tuple[Unit, ...] = ()
    closed: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    placed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def then(self, later: Plan) -> Plan:
        """Both as one; what the later one says of the same place or name counts."""
        return Plan(
            (*self.opened, *later.opened),
            self.closed | later.closed,
            {**self.renamed, **later.renamed},
            {**self.placed, **later.placed},
        )

    @property
    def touches(self) -> set[str]:
        """The codes of every unit that it changes."""
        moved = {child for _structure, child in self.placed}
        return moved | {unit.code for unit in self.opened} | set(self.closed) | set(self.renamed)


@dataclass(frozen=True)
class Estate:
    """Every unit of one account, and every place that one of them has, had or will have."""

    units: Mapping[str, Unit]
    places: tuple[Place, ...]

    @cached_property
    def _of_child(self) -> dict[tuple[str, str], list[Place]]:
        found: dict[tuple[str, str], list[Place]] = {}
        for place in sorted(self.places, key=lambda one: one.since):
            found.setdefault((place.structure, place.child), []).append(place)
        return found

    @cached_property
    def _of_parent(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.parent, []).append(place)
        return found

    @cached_property
    def structures(self) -> list[str]:
        return sorted({place.structure for place in self.places})

    def name_of(self, code: str) -> str:
        unit = self.units.get(code)
        return unit.name if unit else code

    def places_of(self, structure: str, child: str) -> list[Place]:
        """All places of a unit in a structure, the earliest first."""
        return self._of_child.get((structure, child), [])

    def standing(self, structure: str, child: str, day: dt.date) -> Place | None:
        return next((place for place in self.places_of(structure, child) if place.holds_on(day)), None)

    def later(self, structure: str, child: str, day: dt.date) -> Place | None:
        """The last place of a unit that begins on `day` or afterwards."""
        return next((place for place in reversed(self.places_of(structure, child)) if place.since >= day), None)

    def held_by(self, parent: str, day: dt.date) -> list[Place]:
        """The places below a unit that hold on `day` or later, of units that do not close before; in a steady order."""
        found = [place for place in self._of_parent.get(parent, ()) if place.reaches(day)]
        lasting = [place for place in found if self._lasts(place.child, max(place.since, day))]
        return sorted(lasting, key=lambda place: (place.structure, place.child, place.since))

    def _lasts(self, code: str, day: dt.date) -> bool:
        unit = self.units.get(code)
        return unit is not None and (unit.closed is None or unit.closed > day)

    def ancestors(self, structure: str, code: str, day: dt.date) -> Iterator[str]:
        """The units above on a day, nearest first."""
        seen = {code}
        while (place := self.standing(structure, code, day)) is not None and place.parent not in seen:
            yield place.parent
            seen.add(place.parent)
            code = place.parent

    def branch(self, structure: str, code: str, day: dt.date) -> set[str]:
        """A unit and all below it in a structure on a day, those included that are yet to open."""
        found, waiting = {code}, [code]
        while waiting:
            for place in self.held_by(waiting.pop(), day):
                if place.structure == structure and place.since <= day and place.child not in found:
                    found.add(place.child)
                    waiting.append(place.child)
        return found

    def applied(self, plan: Plan, on: dt.date) -> Estate:
        """The estate as the plan leaves it."""
        units = {**self.units, **{unit.code: unit for unit in plan.opened}}
        for code in plan.closed:
            units[code] = replace(units[code], closed=on)
        for code, name in plan.renamed.items():
            units[code] = replace(units[code], name=name)
        places = [self._cut(place, plan, on) for place in self.places]
        return Estate(units, (*(place for place in places if place is not None), *self._new(plan, on)))

    def _cut(self, place: Place, plan: Plan, on: dt.date) -> Place | None:
        if (place.structure, place.child) not in plan.placed or not place.reaches(on):
            return place
        return replace(place, until=on) if place.since < on else None

    def _new(self, plan: Plan, on: dt.date) -> Iterator[Place]:
        for (structure, child), parent in plan.placed.items():
            if parent:
                yield Place(structure, child, parent, on)

    def version(self, codes: Iterable[str]) -> str:
        """A tag of these units, their places and what stands below them: the same until something of it changes."""
        told = sorted({*codes})
        rows: list[object] = []
        for code in told:
            unit = self.units.get(code)
            own = [place for structure in self.structures for place in self.places_of(structure, code)]
            below = sorted(self._of_parent.get(code, ()), key=lambda one: (one.structure, one.child, one.since))
            rows.append([code, _plain(unit), [_plain(place) for place in (*own, *below)]])
        return hashlib.blake2b(json.dumps(rows).encode(), digest_size=12).hexdigest()


def _plain(row: object) -> list[str] | None:
    return None if row is None else [str(value) for value in vars(row).values()]
