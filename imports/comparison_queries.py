"""What the pages of a comparison read: the lines of one kind with the evidence, and what each one affects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import scope_of
from accounts.models import Account, Contact, OrgUnit
from core import months
from coverage.models import Coverage
from imports import compared_tree, subsidiaries
from imports.compared import ComparedLine, Comparison, Decision
from imports.compared_tree import Tree
from imports.matching import Evidence
from imports.reorganisation import AMBIGUOUS, CLOSED, COMPLETED, KINDS, MOVED, NEW, RENAMED, UNCHANGED
from money.queries import reporting_currencies
from pipeline.models import OpportunityLine
from pipeline.queries import opportunities
from rollups.account_queries import UnitAmount, unit_pipeline, unit_revenue
from users.models import User

PAGE = 50


def comparisons_of(*, viewer: User, account: Account) -> QuerySet[Comparison]:
    """An account's comparisons, the latest first."""
    found: QuerySet[Comparison] = Comparison.objects.visible_to(viewer).filter(account=account)
    return found.select_related("by", "applied_by").defer("content").order_by("-pk")


def comparison_for(*, viewer: User, account: Account, pk: int) -> Comparison:
    """Comparison.DoesNotExist when there is none of this account that `viewer` may see."""
    return comparisons_of(viewer=viewer, account=account).select_related("account").get(pk=pk)


def first_rows(*, comparison: Comparison) -> list[list[str]]:
    """The first lines of the file, to see what its columns hold."""
    content = Comparison.objects.values_list("content", flat=True).get(pk=comparison.pk)
    return subsidiaries.header_of(bytes(content), comparison.file)[1]


KIND_WORDS: Final = {
    AMBIGUOUS: gettext_lazy("To choose"),
    CLOSED: pgettext_lazy("units", "Closed"),
    MOVED: pgettext_lazy("units", "Moved"),
    RENAMED: pgettext_lazy("units", "Renamed"),
    NEW: pgettext_lazy("units", "New"),
    COMPLETED: pgettext_lazy("units", "Completed"),
    UNCHANGED: pgettext_lazy("units", "Unchanged"),
}


@dataclass(frozen=True)
class KindCount:
    """How many lines are of a kind, and how many of them are open."""

    kind: str
    all: int
    open: int

    @property
    def word(self) -> str:
        return str(KIND_WORDS[self.kind])


@dataclass(frozen=True)
class Summary:
    """Where a comparison stands. `certain` are open lines that may be accepted together."""

    kinds: list[KindCount]
    certain: int
    accepted: int
    rejected: int
    open: int

    @property
    def has_nothing_left(self) -> bool:
        return all(one.kind == UNCHANGED or not one.all for one in self.kinds)


def summary_of(*, comparison: Comparison) -> Summary:
    """Counts over all lines, in one statement."""
    is_open = Q(decision=Decision.OPEN)
    rows = comparison.lines.values("kind").annotate(
        all=Count("pk"),
        open=Count("pk", filter=is_open),
        sure=Count("pk", filter=is_open & Q(is_certain=True)),
        accepted=Count("pk", filter=Q(decision=Decision.ACCEPTED)),
        rejected=Count("pk", filter=Q(decision=Decision.REJECTED)),
    )
    found = {row["kind"]: row for row in rows}
    decided = [row for kind, row in found.items() if kind != UNCHANGED]
    return Summary(
        kinds=[KindCount(kind, found[kind]["all"], found[kind]["open"]) for kind in KINDS if kind in found],
        certain=sum(row["sure"] for row in decided),
        accepted=sum(row["accepted"] for row in decided),
        rejected=sum(row["rejected"] for row in decided),
        open=sum(row["open"] for row in decided),
    )


@dataclass(frozen=True)
class Owner:
    """Somebody of ours on a unit; `source` is the unit above from which it is inherited, if it is."""

    name: str
    role: str
    source: str = ""


@dataclass(frozen=True)
class Affected:
    """What a unit carries: who of us covers it, open deals, revenue of twelve whole months and people, as far as seen."""

    unit: OrgUnit
    parent: str
    owners: list[Owner]
    deals: int
    pipeline: UnitAmount | None
    revenue: UnitAmount | None
    people: int
    below: int

    @property
    def is_covered(self) -> bool:
        """Whether somebody stands on the unit itself."""
        return any(not owner.source for owner in self.owners)

    @property
    def is_bare(self) -> bool:
        return not (self.owners or self.deals or self.revenue or self.people)


@dataclass(frozen=True)
class Choice:
    """A unit that a line may be, with what speaks for and against it."""

    affected: Affected
    evidence: Evidence


@dataclass(frozen=True)
class LineRow:
    """A line as it is shown. `stood` names where its unit stood when it was compared, `target` where it goes, and
    `target_line` the line that is there."""

    line: ComparedLine
    affected: Affected | None
    evidence: Evidence | None
    choices: list[Choice]
    stood: str = ""
    target: str = ""
    target_line: int | None = None
    lifted_to: str = ""

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        return {name: (before, after) for name, before, after in self.line.changes}


@dataclass(frozen=True)
class Lines:
    """A page of lines of one kind; `after` continues it."""

    rows: list[LineRow]
    after: int | None
    currency: str


def lines_of(*, viewer: User, comparison: Comparison, kind: str, after: int = 0) -> Lines:
    """The lines of a kind in the order of the file. `comparison` is one that `viewer` sees."""
    found = list(
        comparison.lines.filter(kind=kind, pk__gt=after).select_related("decided_by").order_by("pk")[: PAGE + 1]
    )
    rows = found[:PAGE]
    told = _Told(viewer, comparison, rows)
    return Lines(
        [told.row(line) for line in rows], rows[-1].pk if len(found) > PAGE else None, reporting_currencies()[0]
    )


@dataclass
class _Told:
    """Everything that the lines of a page name, read once."""

    viewer: User
    comparison: Comparison
    lines: list[ComparedLine]
    evidence: dict[int, dict[int, Evidence]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.evidence = {line.pk: compared_tree.evidence_of(line) for line in self.lines}

    def row(self, line: ComparedLine) -> LineRow:
        offered = self.evidence[line.pk]
        is_shown = line.kind != CLOSED and (line.has_choice or line.certainty != "certain")
        choices = [Choice(self._affected(unit), evidence) for unit, evidence in offered.items() if unit in self.units]
        return LineRow(
            line,
            self._affected(line.unit_id) if line.unit_id in self.units else None,
            offered.get(line.unit_id or 0),
            choices if is_shown else [],
            self.units[line.stood].name if line.stood in self.units else "",
            *self._target(line),
            lifted_to=self._lifted(line),
        )

    @cached_property
    def tree(self) -> Tree:
        account, structure = self.comparison.account, self.comparison.structure
        return compared_tree.tree_on(account=account, structure=structure, on=self.comparison.on)

    @cached_property
    def units(self) -> dict[int, OrgUnit]:
        """Those of the tree, and those that a comparison which was carried out has opened or closed."""
        named = {line.unit_id for line in self.lines if line.unit_id} - set(self.tree.rows)
        return {**self.tree.rows, **OrgUnit.objects.in_bulk(named)} if named else self.tree.rows

    @cached_property
    def parents(self) -> dict[int, int | None]:
        return {unit.key: unit.parent for unit in self.tree.units}

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for unit, parent in self.parents.items():
            if parent is not None:
                found[parent].append(unit)
        return found

    @cached_property
    def new_lines(self) -> dict[int, str]:
        wanted = {line.parent_line for line in self.lines if line.parent_line}
        return {line.number or 0: line.name for line in self.comparison.lines.filter(number__in=wanted)}

    @cached_property
    def leaving(self) -> set[int]:
        """Units that close or go elsewhere by this comparison, unless that was rejected."""
        lines = self.comparison.lines.filter(kind__in=[CLOSED, MOVED], unit__isnull=False)
        return set(lines.exclude(decision=Decision.REJECTED).values_list("unit_id", flat=True))

    @cached_property
    def shown(self) -> set[int]:
        """Units of this page of which anything is told."""
        offered = {unit for found in self.evidence.values() for unit in found}
        return (offered | {line.unit_id for line in self.lines if line.unit_id}) & set(self.units)

    @cached_property
    def owners(self) -> dict[int, list[Owner]]:
        held = (
            Coverage.objects.visible_to(self.viewer).filter(account=self.comparison.account).as_of(self.comparison.on)
        )
        posts: dict[int, list[Coverage]] = defaultdict(list)
        for row in held.select_related("member", "role").order_by("role__position", "member__family_name", "id"):
            posts[row.org_unit_id].append(row)
        found: dict[int, list[Owner]] = {}
        for unit in self.shown:
            here = [Owner(str(row.member), row.role.name) for row in posts.get(unit, ())]
            above = [
                Owner(str(row.member), row.role.name, self.tree.rows[one].name)
                for one in compared_tree.ancestors(self.tree, unit)
                for row in posts.get(one, ())
                if row.covers_descendants
            ]
            found[unit] = here + above
        return found

    @cached_property
    def deals(self) -> dict[int, int]:
        seen = opportunities(viewer=self.viewer).open().filter(account=self.comparison.account)
        pairs = set(seen.filter(org_unit__in=self.shown).values_list("org_unit_id", "pk"))
        lines = OpportunityLine.objects.visible_to(self.viewer).filter(org_unit__in=self.shown)
        pairs |= set(lines.filter(opportunity__in=seen.values("pk")).values_list("org_unit_id", "opportunity_id"))
        return _counted(unit for unit, _deal in pairs)

    @cached_property
    def people(self) -> dict[int, int]:
        seen = Contact.objects.visible_to(self.viewer).filter(org_unit__in=self.shown)
        return _counted(seen.values_list("org_unit_id", flat=True))

    @cached_property
    def pipeline(self) -> dict[int, UnitAmount]:
        return unit_pipeline(viewer=self.viewer, account_id=self.comparison.account_id)

    @cached_property
    def revenue(self) -> dict[int, UnitAmount]:
        before = months.month_of(scope_of(self.viewer).on)
        return unit_revenue(viewer=self.viewer, account_id=self.comparison.account_id, before=before)

    def _affected(self, unit: int | None) -> Affected:
        assert unit is not None
        parent = self.parents.get(unit)
        return Affected(
            self.units[unit],
            self.tree.rows[parent].name if parent else "",
            self.owners.get(unit, []),
            self.deals.get(unit, 0),
            self.pipeline.get(unit),
            self.revenue.get(unit),
            self.people.get(unit, 0),
            len([child for child in self.children.get(unit, ()) if child not in self.leaving]),
        )

    def _target(self, line: ComparedLine) -> tuple[str, int | None]:
        if line.parent_line is not None:
            return self.new_lines.get(line.parent_line, ""), line.parent_line
        if line.parent_unit in self.tree.rows:
            return self.tree.rows[line.parent_unit or 0].name, None
        if line.kind == NEW and len(self.tree.tops) == 1 and line.unit_kind != "group":
            return self.tree.tops[0].name, None
        return "", None

    def _lifted(self, line: ComparedLine) -> str:
        """Where units go that stand below one that closes: under the nearest one above that stays."""
        if line.kind != CLOSED or line.unit_id is None:
            return ""
        above = (one for one in compared_tree.ancestors(self.tree, line.unit_id) if one not in self.leaving)
        return next((self.tree.rows[one].name for one in above), "")


def _counted(units: Iterable[int | None]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for unit in units:
        if unit is not None:
            found[unit] += 1
    return found
