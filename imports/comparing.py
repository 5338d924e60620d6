"""Comparing a newer list of subsidiaries with an account's tree, and deciding line by line. Nothing here changes the tree.

Everyone who may change the account's structure may do it; others find no such account. All functions raise
Account.DoesNotExist or Comparison.DoesNotExist for what `by` may not touch, and DomainError with words for what can't be.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import Error, transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.queries import may_change_structure
from core import clock
from core.errors import DomainError
from core.held import held
from imports import compared_tree, subsidiaries
from imports.compared import ComparedLine, Comparison, Decision, Stage
from imports.reorganisation import AMBIGUOUS, CLOSED, UNCHANGED
from users.models import User

logger = logging.getLogger(__name__)
KEPT_PROBLEMS = 1000
MOST_BYTES = 20 * 1024 * 1024
LOCK = 7_340_022


def start_comparison(
    *, account: Account, file: UploadedFile[bytes], on: dt.date, structure: str, is_complete: bool, by: User
) -> Comparison:
    """Keep a file and compare it in the background, or first ask what its columns hold."""
    if not may_change_structure(viewer=by, account=account):
        raise Account.DoesNotExist
    name = (file.name or "file").rpartition("/")[2][:300]
    if (file.size or 0) > MOST_BYTES:
        raise DomainError(_("A list of subsidiaries has at most 20 MB."), field="file")
    content = file.read()
    header, _first, problems = subsidiaries.header_of(content, name)
    if problems:
        found = problems[0]
        told = {"file": name, "line": found.line, "column": found.column or "-", "reason": found.reason}
        raise DomainError(_("%(file)s:%(line)s: %(column)s: %(reason)s") % told, field="file")
    mapping = subsidiaries.mapping_for(header)
    is_asked = not subsidiaries.is_known(header, mapping)
    with transaction.atomic():
        found_comparison: Comparison = Comparison.objects.create(
            account=account,
            by=by,
            stage=Stage.MAPPING if is_asked else Stage.QUEUED,
            structure=structure,
            on=on,
            is_complete=is_complete,
            file=name,
            content=content,
            header=header,
            mapping=mapping,
        )
        if not is_asked:
            _enqueue_when_kept("imports.tasks.run_comparison", found_comparison.pk)
    return found_comparison


def map_columns(*, pk: int, mapping: Mapping[str, str], by: User) -> None:
    """Say what the columns hold, and compare."""
    with _held_for(pk, by) as comparison:
        if comparison.stage not in (Stage.MAPPING, Stage.REFUSED, Stage.FAILED):
            raise DomainError(_("This file has been compared already."))
        chosen = {field: column for field, column in mapping.items() if column}
        if set(chosen.values()) - set(comparison.header) or set(chosen) - set(subsidiaries.FIELDS):
            raise DomainError(_("The file has no such column."))
        if "name" not in chosen:
            raise DomainError(_("Say which column holds the name."), field="name")
        if len(set(chosen.values())) < len(chosen):
            raise DomainError(_("A column can hold one thing only."), field="name")
        comparison.mapping, comparison.stage = chosen, Stage.QUEUED
        comparison.problems, comparison.problem_count, comparison.message = [], 0, ""
        comparison.save()
        _enqueue_when_kept("imports.tasks.run_comparison", pk)


def compare_again(*, pk: int, on: dt.date, by: User) -> Comparison:
    """The same file beside the tree of today, or of another day, as a comparison of its own."""
    with _held_for(pk, by) as old:
        if old.is_working:
            raise DomainError(_("Wait until it is done."))
        new: Comparison = Comparison.objects.create(
            account_id=old.account_id,
            by=by,
            structure=old.structure,
            on=on,
            is_complete=old.is_complete,
            file=old.file,
            content=old.content,
            header=old.header,
            mapping=old.mapping,
        )
        _enqueue_when_kept("imports.tasks.run_comparison", new.pk)
    return new


def run_comparison(*, pk: int) -> None:
    """Compare a queued file. Does nothing when it is done already or somebody else is at it."""
    with held(LOCK, pk) as is_ours:
        comparison = Comparison.objects.filter(pk=pk, stage__in=[Stage.QUEUED, Stage.RUNNING]).first()
        if not is_ours or comparison is None:
            return
        Comparison.objects.filter(pk=pk).update(stage=Stage.RUNNING, rows_done=0)
        try:
            _compare(comparison)
        except Exception as error:
            logger.exception("comparison %s failed", pk)
            with suppress(Error):
                why = f"{type(error).__name__}: {error}"
                Comparison.objects.filter(pk=pk).update(stage=Stage.FAILED, message=why, finished_at=clock.now())


def _compare(comparison: Comparison) -> None:
    account = comparison.account
    listing = subsidiaries.read(
        bytes(comparison.content),
        comparison.file,
        mapping=comparison.mapping,
        account=account.code,
        on=comparison.on,
    )
    comparison.notes = _notes(listing)

    def say(done: int) -> None:
        Comparison.objects.filter(pk=comparison.pk).update(rows_done=done, rows_total=len(listing.rows))

    problems = listing.problems or compared_tree.fill(comparison, listing.rows, say=say)
    comparison.problems = [[one.line, one.column, one.reason] for one in problems[:KEPT_PROBLEMS]]
    comparison.problem_count = len(problems)
    comparison.rows_total = comparison.rows_done = len(listing.rows)
    comparison.stage = Stage.REFUSED if problems else Stage.READY
    comparison.finished_at = clock.now()
    comparison.save()


def _notes(listing: subsidiaries.Listing) -> list[str]:
    """What of the file is not compared: nothing is left out in silence."""
    notes = []
    if listing.elsewhere:
        notes.append(_("%(number)s lines of other accounts are not read.") % {"number": listing.elsewhere})
    if listing.unread:
        notes.append(_("Columns that are not compared: %(names)s.") % {"names": ", ".join(listing.unread)})
    unknown = sorted({row.place for row in listing.rows if row.place and not row.country})
    if unknown:
        shown = "; ".join(unknown[:10])
        notes.append(_("Places whose country is not known: %(names)s.") % {"names": shown})
    return notes


# -- deciding ------------------------------------------------------------------------------------------------------------


def decide(*, pk: int, line: int, decision: str, by: User) -> None:
    """Accept or reject a line, or open it again (`decision` "")."""
    with _held_for(pk, by) as comparison:
        _refuse_settled(comparison)
        found = ComparedLine.objects.get(comparison=comparison, pk=line)
        if decision not in Decision.values or found.kind == UNCHANGED:
            raise DomainError(_("There is nothing to decide here."))
        if decision == Decision.ACCEPTED:
            _refuse_open(found)
        _decided([found], decision, by)


def choose(*, pk: int, line: int, unit: int | None, by: User) -> None:
    """Say which of its candidates a line is, or (None) that it is a new unit. That accepts what follows from it."""
    with _held_for(pk, by) as comparison:
        _refuse_settled(comparison)
        found = ComparedLine.objects.get(comparison=comparison, pk=line, number__isnull=False)
        if unit is not None and unit not in {candidate["unit"] for candidate in found.candidates}:
            raise DomainError(_("This unit is not among the candidates."))
        other = comparison.lines.filter(number__isnull=False, unit=unit).exclude(pk=line).first() if unit else None
        if other is not None:
            told = {"line": other.number, "name": other.name}
            raise DomainError(_("Line %(line)s, %(name)s, is this unit already. Decide that line first.") % told)
        found.has_choice, found.choice, found.decision = True, unit, ""
        found.save()
        compared_tree.settle_again(comparison)
        found.refresh_from_db()
        if found.kind not in (UNCHANGED, AMBIGUOUS):
            _decided([found], Decision.ACCEPTED, by)


def take_choice_back(*, pk: int, line: int, by: User) -> None:
    """Leave a line open again, as it was found."""
    with _held_for(pk, by) as comparison:
        _refuse_settled(comparison)
        comparison.lines.filter(pk=line).update(has_choice=False, choice=None, decision="")
        compared_tree.settle_again(comparison)


def accept_certain(*, pk: int, by: User) -> int:
    """Accept every open line that is certain. Returns how many."""
    with _held_for(pk, by) as comparison:
        _refuse_settled(comparison)
        return _decided(comparison.lines.filter(is_certain=True, decision=""), Decision.ACCEPTED, by)


def accept_kind(*, pk: int, kind: str, by: User) -> int:
    """Accept every open line of a kind, certain or not; never those that a person must choose for. Returns how many."""
    with _held_for(pk, by) as comparison:
        _refuse_settled(comparison)
        lines = comparison.lines.filter(kind=kind, decision="", waits=None, contested=[])
        return _decided(lines.exclude(kind__in=[AMBIGUOUS, UNCHANGED]), Decision.ACCEPTED, by)


def _decided(lines: Iterable[ComparedLine], decision: str, by: User) -> int:
    pks = [line.pk for line in lines]
    is_open = decision == Decision.OPEN
    return ComparedLine.objects.filter(pk__in=pks).update(
        decision=decision, decided_by=None if is_open else by, decided_at=None if is_open else clock.now()
    )


def _refuse_open(line: ComparedLine) -> None:
    if line.kind == AMBIGUOUS:
        raise DomainError(_("Choose which unit this line is first."))
    if line.kind == CLOSED and line.contested:
        told = {"lines": ", ".join(str(number) for number in line.contested)}
        raise DomainError(_("It may still be line %(lines)s of the file. Decide that first.") % told)
    if line.waits is not None:
        raise DomainError(_("Where it goes depends on line %(line)s. Decide that first.") % {"line": line.waits})


def _refuse_settled(comparison: Comparison) -> None:
    if not comparison.is_open:
        raise DomainError(_("This comparison can't be decided any more. Compare the file again."))


# -- holding -------------------------------------------------------------------------------------------------------------


@contextmanager
def _held_for(pk: int, by: User) -> Iterator[Comparison]:
    """The comparison, with nobody else deciding on it meanwhile."""
    with transaction.atomic():
        yield Comparison.objects.visible_to(by).select_for_update(of=("self",)).select_related("account").get(pk=pk)


def enqueue(task: str, pk: int) -> None:
    # By name: the tasks call this module.
    current_app.send_task(task, args=[pk])


def _enqueue_when_kept(task: str, pk: int) -> None:
    # Robust: with the broker away, the timetable takes it up later.
    transaction.on_commit(lambda: enqueue(task, pk), robust=True)


def resume_interrupted() -> list[int]:
    """Take up comparisons whose worker died. Returns them."""
    taken = []
    for comparison in Comparison.objects.working().order_by("pk").defer("content"):
        with held(LOCK, comparison.pk) as is_free:
            pass
        if is_free:
            is_applying = comparison.stage == Stage.APPLYING
            enqueue("imports.tasks.apply_comparison" if is_applying else "imports.tasks.run_comparison", comparison.pk)
            taken.append(comparison.pk)
    return taken
