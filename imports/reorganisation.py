"""What a newer list of subsidiaries says of the tree: each line and each unit without a line, in its kind. Pure.

`settle` takes the matches and what people chose, and is cheap: it runs again after every choice. Nothing here is carried out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imports.legal_forms import named
from imports.matching import CERTAIN, Line, Match, Unit

AMBIGUOUS, CLOSED, MOVED, RENAMED = "ambiguous", "closed", "moved", "renamed"
NEW, COMPLETED, UNCHANGED = "new", "completed", "unchanged"
KINDS: Final = (AMBIGUOUS, CLOSED, MOVED, RENAMED, NEW, COMPLETED, UNCHANGED)
CHOSEN: Final = "chosen"


@dataclass(frozen=True)
class Place:
    """A unit of the tree, or a line of the file that is none yet. Exactly one of the two is set."""

    unit: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Change:
    """What a pair differs in: `field` is name, country, lei or registry_id."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Finding:
    """One line, or one unit that has none. `stood` is the unit's parent today, `parent` where the file puts it when that is elsewhere.

    `certainty` is that of the pair (`chosen`: by a person). `waits` names the open line that `parent` depends on,
    `contested` the open lines that a unit to be closed may be.
    """

    kind: str
    line: int | None = None
    unit: int | None = None
    certainty: str = CERTAIN
    changes: tuple[Change, ...] = ()
    stood: int | None = None
    parent: Place | None = None
    waits: int | None = None
    contested: tuple[int, ...] = ()

    @property
    def is_certain(self) -> bool:
        """May be accepted together with others. That a unit is missing from a list never is certain."""
        return self.kind not in (AMBIGUOUS, CLOSED, UNCHANGED) and self.certainty == CERTAIN and self.waits is None


class UnknownParent(Exception):
    """A line whose parent is neither a line of the file nor a unit, or more than one. `number` names the line."""

    def __init__(self, number: int, text: str, *, is_several: bool = False) -> None:
        super().__init__(f"{number}: {text}")
        self.number, self.text, self.is_several = number, text, is_several


def parents_of(
    lines: Sequence[Line], units: Sequence[Unit], texts: Mapping[int, str], *, top: Mapping[str, int]
) -> tuple[dict[int, Place], list[UnknownParent]]:
    """Who is meant by each line's parent: a code, a register's number, an LEI, else a whole name; the file before the tree.

    `top` names the units that names of the account itself stand for. An empty text says nothing about the parent.
    """
    of_lines = _index((_keys(line), Place(line=line.number)) for line in lines)
    of_units = _index((_keys(unit), Place(unit=unit.key)) for unit in units)
    found: dict[int, Place] = {}
    unknown = []
    for number, text in texts.items():
        if not text:
            continue
        wanted = [("id", text), ("name", named(text))]
        hits = next((index[key] for index in (of_lines, of_units) for key in wanted if key in index), set())
        if not hits and text in top:
            hits = {Place(unit=top[text])}
        if len(hits) == 1:
            found[number] = next(iter(hits))
        else:
            unknown.append(UnknownParent(number, text, is_several=bool(hits)))
    return found, unknown


def _keys(one: Line | Unit) -> list[tuple[str, object]]:
    ids = [("id", text) for text in (one.code, one.registry_id, one.lei) if text]
    return [*ids, ("name", named(one.name))]


def _index(pairs: Iterable[tuple[list[tuple[str, object]], Place]]) -> dict[tuple[str, object], set[Place]]:
    found: dict[tuple[str, object], set[Place]] = {}
    for keys, place in pairs:
        for key in keys:
            found.setdefault(key, set()).add(place)
    return found


def circle(parents: Mapping[int, Place]) -> list[int]:
    """The lines of a circle in the file, or none."""
    done: set[int] = set()
    for start in parents:
        way: list[int] = []
        at: int | None = start
        while at is not None and at not in done and at not in way:
            way.append(at)
            at = parents[at].line if at in parents else None
        if at is not None and at in way:
            return way[way.index(at) :]
        done.update(way)
    return []


def settle(
    lines: Sequence[Line],
    units: Sequence[Unit],
    matches: Mapping[int, Match],
    *,
    choices: Mapping[int, int | None],
    parents: Mapping[int, Place],
    closes: Collection[int],
    ended: Collection[int] = (),
) -> list[Finding]:
    """One finding a line, then one for each unit that `closes` when no line is it. The order of lines is kept.

    `choices` are what people decided of a line: a unit, or None for a new one. `ended` are lines that the file itself says
    are closed.
    """
    pairs = {n: match.unit for n, match in matches.items() if match.unit is not None and n not in choices}
    pairs |= {n: unit for n, unit in choices.items() if unit is not None}
    is_open = {n for n, match in matches.items() if n not in choices and match.unit is None and match.candidates}
    world = _World({unit.key: unit for unit in units}, matches, choices, parents, pairs, is_open)
    found = [world.of_line(line, is_ended=line.number in ended) for line in lines]
    taken = set(pairs.values())
    return found + [world.missing(unit) for unit in units if unit.key in closes and unit.key not in taken]


@dataclass(frozen=True)
class _World:
    units: Mapping[int, Unit]
    matches: Mapping[int, Match]
    choices: Mapping[int, int | None]
    parents: Mapping[int, Place]
    pairs: Mapping[int, int]
    open: Collection[int]

    def of_line(self, line: Line, *, is_ended: bool) -> Finding:
        number = line.number
        certainty = CHOSEN if number in self.choices else self.matches[number].certainty
        if number in self.open:
            return Finding(AMBIGUOUS, number, certainty=certainty)
        if number not in self.pairs:
            parent, waits = self._wanted(number)
            is_chosen = number in self.choices
            kind = UNCHANGED if is_ended else NEW
            return Finding(kind, number, certainty=CHOSEN if is_chosen else CERTAIN, parent=parent, waits=waits)
        unit = self.units[self.pairs[number]]
        if is_ended:
            return Finding(CLOSED, number, unit.key, certainty, stood=unit.parent)
        changes = changes_of(line, unit)
        parent, waits = self._moved(number, unit)
        if parent:
            kind = MOVED
        else:
            fields = {change.field for change in changes}
            kind = RENAMED if "name" in fields else COMPLETED if fields else UNCHANGED
        return Finding(kind, number, unit.key, certainty, changes, unit.parent, parent, waits)

    def missing(self, unit: Unit) -> Finding:
        contested = tuple(n for n in sorted(self.open) if any(c.unit == unit.key for c in self.matches[n].candidates))
        return Finding(CLOSED, unit=unit.key, stood=unit.parent, contested=contested)

    def _wanted(self, number: int) -> tuple[Place | None, int | None]:
        """Where the file puts a line, and the open line on which that depends."""
        place = self.parents.get(number)
        if place is None or place.line is None:
            return place, None
        if place.line in self.pairs:
            return Place(unit=self.pairs[place.line]), None
        return place, place.line if place.line in self.open else None

    def _moved(self, number: int, unit: Unit) -> tuple[Place | None, int | None]:
        place, waits = self._wanted(number)
        if place is None or (place.unit is not None and place.unit in (unit.parent, unit.key)):
            return None, None
        if waits is not None and any(one.unit == unit.parent for one in self.matches[waits].candidates):
            return None, waits  # it stays, if that line is its parent of today
        return place, waits


def changes_of(line: Line, unit: Unit) -> tuple[Change, ...]:
    """What the file says otherwise of a unit, or beyond what is known of it. An empty cell says nothing."""
    found = [Change("name", unit.name, line.name)] if plain(line.name) != plain(unit.name) else []
    for name in ("country", "lei", "registry_id"):
        before, after = getattr(unit, name), getattr(line, name)
        if after and after != before:
            found.append(Change(name, before, after))
    return tuple(found)


def plain(text: str) -> str:
    """A name as it is written, whatever its spaces and however its letters are composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())
