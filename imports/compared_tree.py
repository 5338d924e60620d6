"""The tree beside a list: reads the one, matches the other, and keeps what was found as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, OrgLink, OrgUnit, UnitKind
from imports.compared import ComparedLine, Comparison, Decision, Stage
from imports.matching import Candidate, Evidence, Line, Match, Unit, match
from imports.reorganisation import Finding, Place, UnknownParent, circle, parents_of, settle
from imports.subsidiaries import Problem, Row

_BATCH = 500
#: What a finding says of a line; a change of any of it opens a decided line again.
_SAID = (
    "kind",
    "certainty",
    "is_certain",
    "unit_id",
    "stood",
    "parent_unit",
    "parent_line",
    "waits",
    "contested",
    "changes",
)


@dataclass(frozen=True)
class Tree:
    """The units of one structure on a day. `rows` are the units themselves by id."""

    units: list[Unit]
    rows: dict[int, OrgUnit]

    @property
    def tops(self) -> list[Unit]:
        """Units that stand below nothing and hold something."""
        parents = {unit.parent for unit in self.units}
        return [unit for unit in self.units if unit.parent is None and unit.key in parents]


def tree_on(*, account: Account, structure: str, on: dt.date) -> Tree:
    """The tree as people left it, in three statements."""
    rows = {unit.pk: unit for unit in OrgUnit.objects.filter(account=account).open_on(on).order_by("code")}
    links = OrgLink.objects.as_of(on).filter(account=account, structure=structure)
    parents = dict(links.values_list("child_id", "parent_id"))
    also: dict[int, set[str]] = defaultdict(set)
    taken = ComparedLine.objects.filter(
        comparison__account=account, comparison__stage=Stage.APPLIED, decision=Decision.ACCEPTED, unit__isnull=False
    )
    for unit, code in taken.exclude(code="").values_list("unit_id", "code"):
        also[unit].add(code)
    units = [
        Unit(
            key=pk,
            name=row.name,
            code=row.code,
            country=str(row.country),
            lei=row.lei,
            registry_id=row.registry_id,
            parent=parents.get(pk) if parents.get(pk) in rows else None,
            also=frozenset(also[pk] - {row.code}),
        )
        for pk, row in rows.items()
    ]
    return Tree(units, rows)


def fill(comparison: Comparison, rows: Sequence[Row], *, say: Callable[[int], None]) -> list[Problem]:
    """Match the rows and keep what was found; or the problems that only the tree shows, with nothing kept."""
    tree = tree_on(account=comparison.account, structure=comparison.structure, on=comparison.on)
    lines = [Line(row.number, row.name, row.code, row.country, row.lei, row.registry_id) for row in rows]
    top = {comparison.account.name: tree.tops[0].key} if len(tree.tops) == 1 else {}
    parents, unknown = parents_of(lines, tree.units, {row.number: row.parent for row in rows}, top=top)
    column = comparison.mapping.get("parent", "")
    problems = [_unknown(one, column) for one in unknown] or _circle(circle(parents), column)
    if problems:
        return problems
    matches = match(lines, tree.units, say=say)
    with transaction.atomic():
        ComparedLine.objects.filter(comparison=comparison).delete()
        kept = [_line(comparison, row, matches[row.number], parents.get(row.number)) for row in rows]
        _save(comparison, tree, kept)
    return []


def _unknown(one: UnknownParent, column: str) -> Problem:
    text = _("“%(value)s” is more than one line or unit") if one.is_several else _("unknown parent “%(value)s”")
    return Problem(one.number, column, text % {"value": one.text})


def _circle(lines: Sequence[int], column: str) -> list[Problem]:
    if not lines:
        return []
    told = {"lines": ", ".join(map(str, sorted(lines)))}
    return [Problem(min(lines), column, _("the lines %(lines)s stand below each other in a circle") % told)]


def _line(comparison: Comparison, row: Row, found: Match, parent: Place | None) -> ComparedLine:
    return ComparedLine(
        comparison=comparison,
        number=row.number,
        name=row.name,
        code=row.code,
        country=row.country,
        place=row.place,
        lei=row.lei,
        registry_id=row.registry_id,
        unit_kind=row.kind,
        city=row.city,
        parent_text=row.parent,
        is_ended=row.closed_on is not None and row.closed_on <= comparison.on,
        meant_unit=parent.unit if parent else None,
        meant_line=parent.line if parent else None,
        candidates=[{"unit": one.unit, **asdict(one.evidence)} for one in found.candidates],
        matched=found.unit,
        match_certainty=found.certainty,
    )


def settle_again(comparison: Comparison) -> int:
    """What the lines are after a choice, or as the tree stands by now. Returns how many decided lines were opened again."""
    tree = tree_on(account=comparison.account, structure=comparison.structure, on=comparison.on)
    return _save(comparison, tree, list(comparison.lines.filter(number__isnull=False).order_by("pk")))


def _save(comparison: Comparison, tree: Tree, lines: list[ComparedLine]) -> int:
    findings = _findings(comparison, tree, lines)
    by_number = {line.number: line for line in lines}
    missing = {line.unit_id: line for line in comparison.lines.filter(number__isnull=True)}
    opened = 0
    new: list[ComparedLine] = []
    changed: list[ComparedLine] = []
    for finding in findings:
        line: ComparedLine | None
        line = by_number[finding.line] if finding.line is not None else missing.pop(finding.unit, None)
        if line is None:
            assert finding.unit is not None
            row = tree.rows[finding.unit]
            line = ComparedLine(comparison=comparison, name=row.name, code=row.code, country=str(row.country))
        before = [getattr(line, name) for name in _SAID]
        _say(line, finding)
        if not line.pk:
            new.append(line)
        elif before != [getattr(line, name) for name in _SAID]:
            opened += bool(line.decision)
            line.decision, line.decided_by, line.decided_at = "", None, None
            changed.append(line)
    ComparedLine.objects.filter(pk__in=[line.pk for line in missing.values()]).delete()
    ComparedLine.objects.bulk_create(new, batch_size=_BATCH)
    fields = [name.removesuffix("_id") for name in _SAID]
    ComparedLine.objects.bulk_update(changed, [*fields, "decision", "decided_by", "decided_at"], batch_size=_BATCH)
    return opened


def _findings(comparison: Comparison, tree: Tree, lines: Sequence[ComparedLine]) -> list[Finding]:
    read = [Line(_number(line), line.name, line.code, line.country, line.lei, line.registry_id) for line in lines]
    return settle(
        read,
        tree.units,
        {_number(line): _match(line, tree) for line in lines},
        choices={_number(line): line.choice for line in lines if line.has_choice and line.choice in {None, *tree.rows}},
        parents={_number(line): place for line in lines if (place := _meant(line))},
        closes=_closes(comparison, tree),
        ended={_number(line) for line in lines if line.is_ended},
    )


def _number(line: ComparedLine) -> int:
    assert line.number is not None
    return line.number


def _match(line: ComparedLine, tree: Tree) -> Match:
    """As it was found; units that are no longer there fall away."""
    unit = line.matched if line.matched in tree.rows else None
    offered = [dict(one) for one in line.candidates if one["unit"] in tree.rows]
    candidates = tuple(Candidate(one.pop("unit"), Evidence(**one)) for one in offered)
    return Match(_number(line), line.match_certainty, unit, candidates)


def _meant(line: ComparedLine) -> Place | None:
    is_said = line.meant_unit is not None or line.meant_line is not None
    return Place(line.meant_unit, line.meant_line) if is_said else None


def _closes(comparison: Comparison, tree: Tree) -> set[int]:
    """Units that have closed when the list does not name them. A list of companies says nothing of sites or divisions, nor of
    the company whose subsidiaries it lists."""
    if not comparison.is_complete:
        return set()
    if "kind" in comparison.mapping:
        return set(tree.rows)
    tops = {unit.key for unit in tree.tops}
    return {pk for pk, row in tree.rows.items() if row.kind == UnitKind.LEGAL_ENTITY and pk not in tops}


def _say(line: ComparedLine, finding: Finding) -> None:
    line.kind, line.certainty, line.is_certain = finding.kind, finding.certainty, finding.is_certain
    line.unit_id, line.stood = finding.unit, finding.stood
    line.parent_unit = finding.parent.unit if finding.parent else None
    line.parent_line = finding.parent.line if finding.parent else None
    line.waits, line.contested = finding.waits, list(finding.contested)
    line.changes = [[one.field, one.before, one.after] for one in finding.changes]


def evidence_of(line: ComparedLine) -> dict[int, Evidence]:
    """The evidence of each candidate, by unit."""
    found: dict[int, Evidence] = {}
    for one in line.candidates:
        fields: dict[str, Any] = {key: value for key, value in one.items() if key != "unit"}
        found[one["unit"]] = Evidence(**fields)
    return found


def ancestors(tree: Tree, unit: int) -> Iterable[int]:
    """The units above, nearest first."""
    parents = {one.key: one.parent for one in tree.units}
    above, seen = parents.get(unit), {unit}
    while above is not None and above not in seen:
        yield above
        seen.add(above)
        above = parents.get(above)
