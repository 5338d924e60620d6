"""Which line of a newer list of subsidiaries is which unit of the tree. No ORM and no clock.

A pair rests on evidence that is shown. It is *certain* when an identifier says so and nothing speaks against it, or when
the whole name, its legal form included, is the same in the same country and nobody else has it. It is *likely* when only
spelling differs; a person confirms it. All else is open: a person chooses among candidates, or says that the line is new.
A stem without its legal form, or a name in another legal form, never makes a pair by itself.
`docs/algorithms/reorganisation.md` says what each word means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from imports.legal_forms import Name, named

#: From this score on (0 to 100) a unit is offered; from that one on, with this lead before all others, it is likely.
OFFERED: Final = 80
LIKELY: Final = 92
LEAD: Final = 6
MOST_CANDIDATES: Final = 6
_AT_ONCE: Final = 500

SAME, OTHER, UNKNOWN = "same", "other", "unknown"
CERTAIN, LIKELY_PAIR, OPEN = "certain", "likely", "open"


@dataclass(frozen=True)
class Unit:
    """A unit of the tree on the day. `also` are codes by which earlier lists, as a person confirmed, meant it."""

    key: int
    name: str
    code: str = ""
    country: str = ""
    lei: str = ""
    registry_id: str = ""
    parent: int | None = None
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """A line of the list; `number` is where it stands in the file, and says nothing about what it is."""

    number: int
    name: str
    code: str = ""
    country: str = ""
    lei: str = ""
    registry_id: str = ""


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against a line and a unit being one. `score` is of the stems, 0 to 100; forms stand apart."""

    lei: str
    registry_id: str
    code: str
    country: str
    form: str
    line_form: str
    unit_form: str
    score: int
    has_other_number: bool

    @property
    def is_identified(self) -> bool:
        """An identifier says that it is the same."""
        return SAME in (self.lei, self.registry_id, self.code)

    @property
    def contradicts(self) -> bool:
        """Something says that it is not: only a person may decide."""
        return OTHER in (self.lei, self.registry_id, self.code, self.country, self.form)

    @property
    def is_same_name(self) -> bool:
        return self.score == 100 and self.form != OTHER and self.line_form == self.unit_form


@dataclass(frozen=True)
class Candidate:
    unit: int
    evidence: Evidence


@dataclass(frozen=True)
class Match:
    """What is known of one line. `unit` is set when it is certain or likely; `candidates` are those a person may choose."""

    line: int
    certainty: str
    unit: int | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def evidence(self) -> Evidence | None:
        """That of the pair."""
        return next((one.evidence for one in self.candidates if one.unit == self.unit), None)


def evidence_of(line: Line, unit: Unit) -> Evidence:
    """Everything that is compared of a line and a unit."""
    one, other = named(line.name), named(unit.name)
    return Evidence(
        lei=_compared(line.lei, unit.lei),
        registry_id=_compared(line.registry_id, unit.registry_id),
        code=SAME if line.code and line.code in unit.also else _compared(line.code, unit.code),
        country=_compared(line.country, unit.country),
        form=_compared(one.form, other.form),
        line_form=one.form,
        unit_form=other.form,
        score=score(one, other),
        has_other_number=sorted(one.numbers) != sorted(other.numbers),
    )


def score(one: Name, other: Name) -> int:
    """How alike two stems are: 100 only for the same."""
    if one.stem == other.stem:
        return 100 if one.stem else 0
    found = max(fuzz.ratio(one.stem, other.stem), fuzz.token_sort_ratio(one.stem, other.stem))
    return min(99, round(found))


def _compared(one: str, other: str) -> str:
    if not one or not other:
        return UNKNOWN
    return SAME if one == other else OTHER


def match(
    lines: Sequence[Line], units: Sequence[Unit], *, say: Callable[[int], None] = lambda done: None
) -> dict[int, Match]:
    """One match for each line, by its number. No unit is paired twice; the order of lines and units changes nothing.

    `say` hears how many lines are done.
    """
    search = _Search({line.number: line for line in lines}, {unit.key: unit for unit in units}, say)
    search.by_identifiers()
    search.by_whole_names()
    search.by_likeness()
    return {line.number: search.found[line.number] for line in lines}


Claims = list[tuple[int, set[int]]]


@dataclass
class _Search:
    """`doubtful` are units that a line may be, and `disputed` those that an identifier names without being enough."""

    lines: dict[int, Line]
    units: dict[int, Unit]
    say: Callable[[int], None]
    found: dict[int, Match] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    doubtful: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    disputed: set[int] = field(default_factory=set)

    def by_identifiers(self) -> None:
        """An LEI, a register's number or a code that both have. Two lines that claim one unit stay open, both."""
        claims = _claims(self.lines.values(), self.units.values(), _identifiers_of_line, _identifiers_of_unit)
        self._settle(claims, lambda evidence: evidence.is_identified and not evidence.contradicts)
        self.disputed = set().union(*self.doubtful.values())

    def by_whole_names(self) -> None:
        """The whole name with its legal form, in the same country. Sisters of one name stay open."""
        lines = (line for line in self._open_lines() if line.number not in self.doubtful)
        units = (unit for unit in self._free_units() if unit.key not in self.disputed)
        claims = _claims(lines, units, lambda line: _whole(line.name), lambda unit: _whole(unit.name))
        at_home = [(n, {u for u in found if self._evidence(n, u).country == SAME}) for n, found in claims]
        claims = [(n, home or found) for (n, home), (_n, found) in zip(at_home, claims, strict=True)]
        self._settle(claims, lambda evidence: evidence.country == SAME and not evidence.contradicts)

    def by_likeness(self) -> None:
        """Names that are written differently, in another form, or in another country: offered, and likely at most."""
        near = self._near(list(self._open_lines()), list(self._free_units()))
        offers = {line.number: self._offers(line, near[line.number]) for line in self._open_lines()}
        rivals: dict[int, list[int]] = defaultdict(list)
        for offered in offers.values():
            for one in offered:
                rivals[one.unit].append(one.evidence.score)
        likely = {n: best.unit for n, offered in offers.items() if (best := self._likely(offered, rivals))}
        for number, offered in offers.items():
            unit = likely.get(number)
            rest = tuple(one for one in offered if one.unit == unit or one.unit not in likely.values())
            self.found[number] = Match(number, OPEN if unit is None else LIKELY_PAIR, unit, rest[:MOST_CANDIDATES])

    def _settle(self, claims: Claims, is_enough: Callable[[Evidence], bool]) -> None:
        """Pair where a line has one unit, the unit one line, and the evidence is enough; note the others as doubtful."""
        claimed: dict[int, int] = defaultdict(int)
        for _line, found in claims:
            for unit in found:
                claimed[unit] += 1
        for number, found in claims:
            if len(found) == 1 and claimed[unit := next(iter(found))] == 1:
                evidence = self._evidence(number, unit)
                if is_enough(evidence):
                    self.taken.add(unit)
                    self.found[number] = Match(number, CERTAIN, unit, (Candidate(unit, evidence),))
                    continue
            self.doubtful[number] |= found

    def _near(self, lines: Sequence[Line], units: Sequence[Unit]) -> dict[int, set[int]]:
        """For each line the units that may be offered: those in doubt, and those whose stems are alike."""
        near = {line.number: set(self.doubtful.get(line.number, ())) & {unit.key for unit in units} for line in lines}
        stems = [named(unit.name).stem for unit in units]
        for at in range(0, len(lines) if units else 0, _AT_ONCE):
            self.say(len(self.found) + at)
            some = lines[at : at + _AT_ONCE]
            asked = [named(line.name).stem for line in some]
            for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
                scores = process.cdist(asked, stems, scorer=scorer, score_cutoff=OFFERED, dtype=np.uint8)
                for row, column in zip(*np.nonzero(scores), strict=True):
                    near[some[row].number].add(units[column].key)
        return near

    def _offers(self, line: Line, near: Iterable[int]) -> list[Candidate]:
        offered = []
        for key in near:
            evidence = self._evidence(line.number, key)
            is_doubtful = key in self.doubtful.get(line.number, ())
            if evidence.is_identified or (evidence.lei != OTHER and (is_doubtful or _may_be(evidence))):
                offered.append(Candidate(key, evidence))
        return sorted(offered, key=lambda one: (*_rank(one.evidence), self.units[one.unit].code, one.unit))

    def _likely(self, offered: Sequence[Candidate], rivals: Mapping[int, Sequence[int]]) -> Candidate | None:
        """The first, when nothing speaks against it and nobody comes near, neither for the line nor for the unit."""
        if not offered or offered[0].unit in self.disputed or not _is_sound(offered[0].evidence):
            return None
        first = offered[0]
        others = list(rivals[first.unit])
        others.remove(first.evidence.score)
        others += [one.evidence.score for one in offered[1:]]
        return first if all(first.evidence.score - other >= LEAD for other in others) else None

    def _evidence(self, line: int, unit: int) -> Evidence:
        return evidence_of(self.lines[line], self.units[unit])

    def _open_lines(self) -> Iterator[Line]:
        return (line for line in self.lines.values() if line.number not in self.found)

    def _free_units(self) -> Iterator[Unit]:
        return (unit for unit in self.units.values() if unit.key not in self.taken)


def _may_be(evidence: Evidence) -> bool:
    """Worth offering: in the same country or an unknown one; elsewhere the whole name only."""
    return evidence.is_same_name if evidence.country == OTHER else evidence.score >= OFFERED


def _is_sound(evidence: Evidence) -> bool:
    """Nothing speaks against it, and the names differ by spelling at most."""
    if evidence.contradicts or evidence.has_other_number or evidence.line_form != evidence.unit_form:
        return False
    return evidence.score >= LIKELY if evidence.country == SAME else evidence.score == 100


def _rank(evidence: Evidence) -> tuple[bool, bool, int]:
    return not evidence.is_identified, evidence.contradicts, -evidence.score


def _claims(
    lines: Iterable[Line],
    units: Iterable[Unit],
    of_line: Callable[[Line], Iterator[Hashable]],
    of_unit: Callable[[Unit], Iterator[Hashable]],
) -> Claims:
    """The lines that share a key with units, with those units."""
    index: dict[Hashable, set[int]] = defaultdict(set)
    for unit in units:
        for key in of_unit(unit):
            index[key].add(unit.key)
    found = [(line.number, set().union(*(index[key] for key in of_line(line) if key in index))) for line in lines]
    return [(number, hits) for number, hits in found if hits]


def _identifiers_of_line(line: Line) -> Iterator[Hashable]:
    yield from ((kind, text) for kind, text in _identifiers(line) if text)


def _identifiers_of_unit(unit: Unit) -> Iterator[Hashable]:
    yield from ((kind, text) for kind, text in _identifiers(unit) if text)
    yield from (("code", text) for text in unit.also)


def _identifiers(one: Line | Unit) -> tuple[tuple[str, str], ...]:
    return ("lei", one.lei), ("registry_id", one.registry_id), ("code", one.code)


def _whole(name: str) -> Iterator[Hashable]:
    found = named(name)
    if found.stem:
        yield found
