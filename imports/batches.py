"""Loading one batch: every file staged first, then written in the order of dependence, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.staging import Load, Stage
from core.staging_rows import write
from imports.files import SPECS, Source
from users.models import User

ONE_AT_A_TIME = 20240614
Say = Callable[[str, int, int], None]


@dataclass(frozen=True, order=True)
class Refusal:
    """A rejected row: the file's label, the line, the column ("" for a whole row or file, shown as `-`) and the reason."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column or '-'}: {self.reason}"


@dataclass
class Loaded:
    """What a batch did, or would have done: counts for each file, in order, and what was refused."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.refusals


def load(
    sources: Sequence[Source],
    *,
    by: User | None,
    dry_run: bool,
    batch_id: int | None,
    say: Say,
    finish: Callable[[Loaded], None],
) -> Loaded:
    """Load the sources, all or nothing. `finish` runs inside the transaction that commits, and only then.

    `say` hears the file under way, the rows written and the rows read.
    """
    loaded = Loaded()
    metadata = {"user": by.pk if by else None, "batch": batch_id}
    with transaction.atomic(), pghistory.context(**metadata):
        _prepare()
        work = Load(by=by, importing=True, replace_sets=True)
        stages = [_read(source, work, say) for source in sources]
        if all(stage.is_open for stage in stages):
            _write(stages, say)
        _report(stages, loaded)
        if loaded.refusals or dry_run:
            transaction.set_rollback(True)
        else:
            finish(loaded)
    return loaded


def _prepare() -> None:
    with connection.cursor() as cursor:
        # Two batches that touch the same rows in another order would wait for each other for ever.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SET LOCAL jit = off")  # compiling the judging of cells costs more than it saves
        cursor.execute("SET LOCAL work_mem = '64MB'")


def _read(source: Source, work: Load, say: Say) -> Stage:
    stage = Stage(SPECS[source.name], work, label=source.label)
    say(source.label, 0, sum(one.total for one in work.stages))
    by: Any = work.by
    if by is not None and not by.may(stage.spec.permission):
        stage.reject(1, "", _("you may not load this file"))
        return stage

    def reject(line: int, column: str, reason: str) -> None:
        stage.reject(line, column, reason.replace("%", "%%"))

    try:
        table = source.read(reject)
    except OSError as error:
        table = None
        reject(1, "", _("the file can't be read: %(why)s") % {"why": error})
    if table is not None and stage.open(table.header, line=table.line):
        stage.fill(table.header, ([line, *cells] for line, cells in _heard(table.rows, source.label, work, say)))
        stage.total += len(stage.bad)
        stage.judge()
    return stage


def _heard(rows: Iterable[tuple[int, list[str]]], label: str, work: Load, say: Say) -> Iterator[tuple[int, list[str]]]:
    before = sum(one.total for one in work.stages)
    for count, row in enumerate(rows, start=1):
        if count % 5000 == 0:
            say(label, 0, before + count)
        yield row


def _write(stages: Sequence[Stage], say: Say) -> None:
    total = sum(stage.total for stage in stages)
    done = 0
    for stage in stages:
        say(stage.label, done, total)
        write(stage)
        done += stage.total
    if stages:
        say(stages[-1].label, done, total)


def _report(stages: Sequence[Stage], loaded: Loaded) -> None:
    for stage in stages:
        loaded.counts[stage.label] = {
            "created": len(stage.created),
            "updated": len(stage.updated - stage.created),
            "unchanged": max(stage.unchanged, 0) if stage.is_open else 0,
            "rejected": len(stage.bad),
        }
        loaded.refusals += (Refusal(stage.label, p.line, p.column, p.reason) for p in sorted(stage.problems))
