"""Writing rows: one record of the API or a form, a list of them, or what a file holds, all through the same stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pghistory
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError, NotPermitted
from core.staging import FileSpec, Load, Problem, Stage
from core.staging_resolve import resolve, run_checks
from core.staging_upsert import upsert

OUT_OF_SIGHT = gettext_lazy("this row lies outside what you may see")
Cell = str | int | float | bool | Decimal | dt.date | dt.datetime | Sequence[str] | None


class RowsRejected(DomainError):
    """Rows were refused and nothing was written. `problems` say which row (from 1), which column and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.reason, field=first.column or None)
        self.problems = list(problems)


@dataclass(frozen=True)
class Written:
    """What became of the rows. `ids` are those of the rows written or found, in the order given; None where a row ended one."""

    ids: list[Any]
    created: int
    updated: int
    unchanged: int


def write_rows(
    spec: FileSpec,
    rows: Sequence[Mapping[str, Cell]],
    *,
    by: Any,
    ids: Sequence[Any] | None = None,
    create_only: bool = False,
    replace_sets: bool = False,
) -> Written:
    """Write rows whose keys are column names of the file; all or nothing.

    A row with a known key updates, unless `create_only` refuses it; `ids` address the rows to change instead, whose keys may
    then change too. A column that is absent leaves what stands; an empty one (None or "") is empty as in a file. Rows of one
    call state the same columns. `replace_sets`: rows that belong to a set (a deal's lines or splits) replace it, as in a file.
    Raises NotPermitted and RowsRejected.
    """
    if by is not None and not by.may(spec.permission):
        raise NotPermitted(_("You may not change this."))
    if not rows:
        return Written([], 0, 0, 0)
    is_inner = connection.in_atomic_block
    load = Load(by=by, replace_sets=replace_sets, create_only=create_only)
    with transaction.atomic(), pghistory.context(user=by.pk if by is not None else None):
        stage = Stage(spec, load)
        header = list(rows[0])
        if stage.open(header):
            _refuse_uneven(stage, header, rows)
            cells = ([line, *_given(ids, line), *texts] for line, texts in _texts(stage, header, rows))
            stage.fill(header, cells, ids=ids is not None)
            run(stage)
        if stage.problems:
            raise RowsRejected(sorted(stage.problems))
        found = dict(stage.fetch(f"SELECT x.line_no, {_found_id(stage)} FROM {stage.rows} x"))
        if is_inner:
            stage.finish()  # the caller's transaction may write many sets
    return Written(
        [found.get(line) for line in range(1, len(rows) + 1)], len(stage.created), len(stage.updated), stage.unchanged
    )


def run(stage: Stage) -> None:
    """Take a filled stage through every step. Afterwards `stage.problems` say what was refused."""
    stage.judge()
    write(stage)


def write(stage: Stage) -> None:
    """Resolve, check and write a judged stage, so that every constraint has been asked when this returns."""
    resolve(stage)
    run_checks(stage, stage.spec.checks)
    _refuse_out_of_sight(stage)
    try:
        with transaction.atomic():
            for hook in (*stage.spec.before, stage.spec.writes or upsert, *stage.spec.after):
                hook(stage)
            stage.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        _blame(stage, error)
    except DatabaseError as error:
        if (getattr(error.__cause__, "pgcode", None) or "")[:3] != "GAM":
            raise
        _blame(stage, error)
    else:
        _refuse_out_of_sight(stage)


def _blame(stage: Stage, error: DatabaseError) -> None:
    """A violation that no check foresaw: somebody else wrote at the same time."""
    diagnosis = getattr(error.__cause__, "diag", None)
    detail = getattr(diagnosis, "message_detail", None) or getattr(diagnosis, "message_primary", None) or str(error)
    lines = stage.fetch(f"SELECT min(line_no) FROM {stage.rows}")
    reason = _("the database refused it, perhaps because of a change made meanwhile: %(value)s")
    stage.reject((lines[0][0] if lines else None) or 1, stage.spec.keys[0].name, reason, " ".join(str(detail).split()))


def _refuse_out_of_sight(stage: Stage) -> None:
    """Rows that the writer may not see, as they stand before the write and after it."""
    spec, load = stage.spec, stage.load
    if load.by is None or spec.visible is None:
        return
    rows = spec.visible(load.by, load.importing)
    if rows is None:
        return
    seen, params = stage.visible_sql(rows)
    stored = f"SELECT 1 FROM {spec.table} t WHERE t.{spec.id} = x.id"
    sql = f"SELECT line_no FROM {stage.rows} x WHERE EXISTS ({stored}) AND x.id NOT IN ({seen}) ORDER BY 1"
    for (line,) in stage.fetch(sql, params):
        stage.reject(line, spec.keys[0].name, OUT_OF_SIGHT)
    stage.drop_bad()


def _found_id(stage: Stage) -> str:
    """The id of a dated row is known only after it was laid among the others: the row in force from its start on."""
    if stage.spec.matches or stage.has_ids:
        return "x.id"
    keys = [c for c in stage.spec.keys if c.target and c.name != "valid_from"]
    same = " AND ".join(f't.{c.target} = x."{c.target if c.refers else c.name}"' for c in keys)
    return (
        f"(SELECT t.id FROM {stage.spec.table} t WHERE {same} AND t.valid_from <= x.valid_from"
        " AND (t.valid_to IS NULL OR t.valid_to > x.valid_from) LIMIT 1)"
    )


def _refuse_uneven(stage: Stage, header: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> None:
    for line, row in enumerate(rows, start=1):
        for name in set(header) ^ set(row):
            stage.reject(line, name, _("all rows of one request state the same columns"))


def _given(ids: Sequence[Any] | None, line: int) -> list[Any]:
    return [] if ids is None else [ids[line - 1]]


def _texts(stage: Stage, header: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> Iterable[tuple[int, list[str]]]:
    for line, row in enumerate(rows, start=1):
        if line in stage.bad:
            continue
        texts = [as_text(row[name]) for name in header]
        for name, cell in zip(header, texts, strict=True):
            if why := unfit(cell):
                stage.reject(line, name, why)
        if line not in stage.bad:
            yield line, texts


def unfit(cell: str) -> str:
    """Why the database can't hold a text at all, else ""."""
    if "\0" in cell:
        return _("a NUL byte")
    try:
        cell.encode()
    except UnicodeEncodeError:
        return _("half a character (a lone surrogate)")
    return ""


def as_text(value: Cell) -> str:
    """A cell as a CSV file would hold it: numbers in their shortest exact form, days and instants in ISO 8601."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # The shortest form that reads back as the same number: 0.1 is 0.1, not its 55 binary decimals.
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return ";".join(map(str, value))
