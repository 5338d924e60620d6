"""Carrying out what was accepted of a comparison: one step of the account's restructurings, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pghistory
from django.db import Error, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.deeds import Add, Close, Deed, Move, Rename
from accounts.estate import Unit as OpenedUnit
from accounts.loading import ORG_UNITS
from accounts.models import OrgUnit
from accounts.restructured import Restructuring
from accounts.restructuring import code_for, names_of, restructure, take_back, version_of
from core import clock
from core.errors import DomainError
from core.held import held
from core.staging_rows import write_rows
from imports import compared_tree
from imports.compared import ComparedLine, Comparison, Decision, Stage
from imports.compared_tree import Tree
from imports.comparing import LOCK, enqueue
from imports.reorganisation import CLOSED, MOVED, NEW
from users.models import User

logger = logging.getLogger(__name__)
DETAILS = ("country", "lei", "registry_id")


@dataclass
class Work:
    """What the accepted lines come to. `codes` are those of new units by line, `details` what units get by code."""

    deeds: list[Deed] = field(default_factory=list)
    details: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)


def work_of(comparison: Comparison) -> Work:
    """The deeds of the accepted lines, in an order in which each can be done. DomainError says what is missing."""
    tree = compared_tree.tree_on(account=comparison.account, structure=comparison.structure, on=comparison.on)
    lines = list(comparison.lines.filter(decision=Decision.ACCEPTED).order_by("pk"))
    if not lines:
        raise DomainError(_("Nothing is accepted yet."))
    return _Planning(comparison, tree, lines).work()


class _Planning:
    def __init__(self, comparison: Comparison, tree: Tree, lines: list[ComparedLine]) -> None:
        self.comparison, self.tree, self.lines = comparison, tree, lines
        self.closing = {line.unit_id for line in lines if line.kind == CLOSED}
        self.coming = {line.number: line for line in lines if line.kind == NEW and line.number}
        self.moving = {line.unit_id: line for line in lines if line.kind == MOVED}
        known = {row.code for row in OrgUnit.objects.filter(account=comparison.account).only("code")}
        self.work_found = Work()
        for number, line in self.coming.items():
            code = line.code if line.code and line.code not in known else code_for(line.name, known)
            known.add(code)
            self.work_found.codes[number] = code

    def work(self) -> Work:
        found = self.work_found
        places = [line for line in self.lines if line.kind in (NEW, MOVED)]
        for line in sorted(places, key=lambda line: (self._depth(line), line.pk)):
            found.deeds.append(self._add(line) if line.kind == NEW else self._move(line))
        for line in self.lines:
            if line.unit_id is None or line.kind in (NEW, CLOSED):
                continue
            changed = {name: after for name, _before, after in line.changes}
            code = self.tree.rows[line.unit_id].code
            if name := changed.pop("name", ""):
                found.deeds.append(Rename(code, name))
            if changed:
                found.details[code] = changed
        closing = sorted(
            self.closing, key=lambda unit: (-sum(1 for _above in compared_tree.ancestors(self.tree, unit or 0)), unit)
        )
        found.deeds += (Close(self.tree.rows[unit].code, lifts=True) for unit in closing if unit is not None)
        return found

    def _add(self, line: ComparedLine) -> Deed:
        parent = self._parent(line) or self._top(line)
        unit = OpenedUnit(
            self.work_found.codes[line.number or 0],
            line.name,
            line.unit_kind or "legal_entity",
            line.country,
            line.city,
            lei=line.lei,
            registry_id=line.registry_id,
        )
        return Add(unit, {self.comparison.structure: parent} if parent else {})

    def _move(self, line: ComparedLine) -> Deed:
        return Move(self.tree.rows[line.unit_id or 0].code, self._parent(line), self.comparison.structure)

    def _top(self, line: ComparedLine) -> str:
        """A line that names no parent comes under the top of the tree, where there is one only."""
        tops = [unit for unit in self.tree.tops if unit.key not in self.closing]
        return tops[0].code if len(tops) == 1 and line.unit_kind != "group" else ""

    def _parent(self, line: ComparedLine) -> str:
        if line.parent_line is not None:
            if line.parent_line not in self.coming:
                told = {"name": line.name, "line": line.parent_line}
                raise DomainError(_("%(name)s goes under line %(line)s, which is not accepted.") % told)
            return self.work_found.codes[line.parent_line]
        if line.parent_unit is None:
            return ""
        if line.parent_unit in self.closing:
            told = {"name": line.name, "parent": self.tree.rows[line.parent_unit].name}
            raise DomainError(_("%(name)s goes under %(parent)s, which closes.") % told)
        return self.tree.rows[line.parent_unit].code

    def _depth(self, line: ComparedLine, seen: frozenset[int] = frozenset()) -> int:
        """How many accepted places stand above a line's own: parents are placed before their children."""
        if line.pk in seen:
            return 0
        above = self.coming.get(line.parent_line or 0)
        if line.parent_unit is not None:
            units = (line.parent_unit, *compared_tree.ancestors(self.tree, line.parent_unit))
            above = next((self.moving[unit] for unit in units if unit in self.moving), None)
        return 1 + self._depth(above, seen | {line.pk}) if above else 0


def apply_comparison(*, pk: int, by: User) -> None:
    """Carry out every accepted line in the background, from the comparison's day on, as one step that can be taken back."""
    with transaction.atomic():
        comparison = _locked(pk, by)
        if not comparison.is_open:
            raise DomainError(_("This comparison can't be carried out any more. Compare the file again."))
        work_of(comparison)
        comparison.stage, comparison.applied_by, comparison.message = Stage.APPLYING, by, ""
        comparison.save()
        transaction.on_commit(lambda: enqueue("imports.tasks.apply_comparison", pk), robust=True)


def run_application(*, pk: int) -> None:
    """Carry out a comparison that waits for it. Does nothing when it is done already or somebody else is at it."""
    with held(LOCK, pk) as is_ours:
        comparison = (
            Comparison.objects.filter(pk=pk, stage=Stage.APPLYING).select_related("account", "applied_by").first()
        )
        if not is_ours or comparison is None:
            return
        try:
            with transaction.atomic():
                _carry_out(comparison)
        except DomainError as error:
            _hand_back(comparison, error.message)
        except Exception as error:
            logger.exception("comparison %s could not be carried out", pk)
            _hand_back(comparison, f"{type(error).__name__}: {error}")


def _carry_out(comparison: Comparison) -> None:
    by, account = comparison.applied_by, comparison.account
    assert by is not None
    Comparison.objects.select_for_update(of=("self",)).get(pk=comparison.pk)
    reason = _("From the list %(file)s") % {"file": comparison.file}
    work = work_of(comparison)
    version = version_of(viewer=by, account=account.code, codes=names_of(work.deeds))
    if opened := compared_tree.settle_again(comparison):
        raise _Changed(opened)
    if work.deeds:
        comparison.step = restructure(
            account=account.code,
            deeds=work.deeds,
            on=comparison.on,
            by=by,
            reason=reason,
            expected=version,
            ends_resting=True,
        )
    with pghistory.context(user=by.pk, reason=reason):
        comparison.details_before = _write_details(comparison, work, by)
    made = dict(OrgUnit.objects.filter(account=account, code__in=work.codes.values()).values_list("code", "pk"))
    for number, code in work.codes.items():
        comparison.lines.filter(number=number).update(unit=made[code])
    comparison.stage, comparison.applied_at = Stage.APPLIED, clock.now()
    comparison.save()


class _Changed(DomainError):
    def __init__(self, opened: int) -> None:
        text = ngettext(
            "%(number)d accepted line is no longer what it was: the tree was changed meanwhile. Look at it again.",
            "%(number)d accepted lines are no longer what they were: the tree was changed meanwhile. Look at them again.",
            opened,
        )
        super().__init__(text % {"number": opened})


def _write_details(comparison: Comparison, work: Work, by: User) -> dict[str, dict[str, str]]:
    units = {unit.code: unit for unit in OrgUnit.objects.filter(account=comparison.account, code__in=work.details)}
    before = {code: {name: str(getattr(unit, name)) for name in DETAILS} for code, unit in units.items()}
    rows = [
        {"account_code": comparison.account.code, "code": code, "name": units[code].name, **before[code], **details}
        for code, details in work.details.items()
    ]
    write_rows(ORG_UNITS, rows, by=by)
    return {str(units[code].pk): {name: before[code][name] for name in work.details[code]} for code in before}


def _hand_back(comparison: Comparison, message: str) -> None:
    """Nothing was carried out: the lines are to be decided again, as the tree stands now."""
    with suppress(Error), transaction.atomic():
        compared_tree.settle_again(comparison)
        Comparison.objects.filter(pk=comparison.pk).update(stage=Stage.READY, message=message)


def take_comparison_back(*, pk: int, by: User) -> Restructuring | None:
    """Put back everything that a comparison changed. DomainError when something of it was changed since."""
    with transaction.atomic():
        comparison = _locked(pk, by)
        if comparison.stage != Stage.APPLIED:
            raise DomainError(_("It is not carried out, or was taken back already."))
        step = None
        if comparison.step_id is not None:
            try:
                step = take_back(account=comparison.account.code, pk=comparison.step_id, by=by)
            except Restructuring.DoesNotExist as error:
                raise DomainError(_("It is not carried out, or was taken back already.")) from error
        with pghistory.context(user=by.pk, reason=_("Took back the list %(file)s") % {"file": comparison.file}):
            for unit, details in _details_to_put_back(comparison):
                OrgUnit.objects.filter(pk=unit).update(**details)
        Comparison.objects.filter(pk=pk).update(stage=Stage.UNDONE)
    return step


def _details_to_put_back(comparison: Comparison) -> Iterator[tuple[int, dict[str, str]]]:
    units = OrgUnit.objects.in_bulk([int(pk) for pk in comparison.details_before])
    written = {
        line.unit_id: line.changes for line in comparison.lines.filter(unit__in=units, decision=Decision.ACCEPTED)
    }
    for pk, details in comparison.details_before.items():
        unit = units.get(int(pk))
        after = {name: value for name, _before, value in written.get(int(pk), ())}
        if unit is None or any(str(getattr(unit, name)) != after.get(name) for name in details):
            raise DomainError(_("It can't be taken back: something of it was changed since."))
        yield unit.pk, details


def _locked(pk: int, by: User) -> Comparison:
    found: Comparison = (
        Comparison.objects.visible_to(by).select_for_update(of=("self",)).select_related("account").get(pk=pk)
    )
    return found
