"""From staged cells to typed rows: what they refer to, which stored row each one updates, and the id a new one gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.columns import Column, filled
from core.staging import BIG, Check, Stage


def resolve(stage: Stage) -> None:
    """Make the table of resolved rows `x`; refuse rows that repeat a key or refer to what isn't there."""
    sql, params = _statement(stage)
    stage.execute(sql, params)
    if stage.total > BIG:
        stage.execute(f"ANALYZE {stage.rows}")
    _refuse_repeated(stage)
    _refuse_departed(stage)
    run_checks(stage, [*_unknown(stage), *_missing(stage), *_taken(stage)])
    _refer_to_own(stage)


def run_checks(stage: Stage, checks: Sequence[Check]) -> None:
    """Refuse the rows that break a rule; all rules are asked in one statement."""
    if not checks:
        return
    columns = {column.name for column in stage.spec.columns}
    asked = []
    for number, check in enumerate(checks):
        value = check.value or (f'x."{check.column}"' if check.column in columns else "''")
        asked.append(
            f"SELECT {number} AS rule, x.line_no, ({value})::text AS found FROM {stage.rows} x {check.joins} WHERE {check.where}"
        )
    sql = " UNION ALL ".join(asked).replace("{rows}", stage.rows)
    for number, line, found in stage.fetch(f"{sql} ORDER BY line_no, rule"):
        stage.reject(line, checks[number].column, checks[number].reason, found)
    stage.drop_bad()


def resolved_name(column: Column) -> str:
    """The column of `x` that holds the id a cell refers to."""
    return column.target or f"{column.name}_id"


def _typed(stage: Stage, column: Column) -> str:
    if not stage.has(column.name):
        # What a row doesn't state is what stands, so that rules judge the row as it will be.
        is_known = _knows_rows(stage) and column.target and not column.key and not column.refers
        value = f"o.{column.target}" if is_known else f"NULL::{column.kind.sql_type}"
    else:
        cell = f's."{column.name}"'
        value = f"CASE WHEN {cell} IS NOT NULL THEN {filled(column.kind.read, cell)} END"
    return f"COALESCE({value}, {column.default})" if column.key and column.default else value


def _default(stage: Stage, column: Column) -> str:
    default = column.default or "NULL"
    for other in stage.spec.columns:
        default = default.replace(f"{{{other.name}}}", f"({_typed(stage, other)})")
    return default


def _statement(stage: Stage) -> tuple[str, list[Any]]:
    spec = stage.spec
    picked = ["s.line_no", f"{_id(stage)} AS id", f"{_is_new(stage)} AS is_new"]
    for column in spec.columns:
        picked.append(f'{_typed(stage, column)} AS "{column.name}"')
        if column.refers:
            picked.append(f'{_referred(stage, column)} AS "{resolved_name(column)}"')
        if column.default and not column.key:
            picked.append(f'{_default(stage, column)} AS "d_{column.name}"')
    picked += [f'{sql} AS "{name}"' for name, sql in spec.extras]
    early = [column for column in spec.columns if column.refers and column.key]
    late = [column for column in spec.columns if column.refers and not column.key]
    joins, params = [], []
    for column in early:
        join, values = _reference(stage, column, known_row=False)
        joins.append(join)
        params += values
    joins.append(_known_row(stage))
    for column in late:
        join, values = _reference(stage, column, known_row=True)
        joins.append(join)
        params += values
    sql = (
        f"CREATE TEMP TABLE {stage.rows} ON COMMIT DROP AS SELECT {', '.join(picked)} "
        f"FROM {stage.cells} s {' '.join(joins)} {spec.joins}"
    )
    return sql, params


def _id(stage: Stage) -> str:
    spec = stage.spec
    if spec.id != "id":
        return f"COALESCE(o.{spec.id}, {_typed(stage, spec.keys[0])})"
    if stage.has_ids:
        return "s.given_id"
    return f"COALESCE(o.id, nextval('{spec.table}_id_seq'))" if spec.matches else "NULL::bigint"


def _is_new(stage: Stage) -> str:
    return f"o.{stage.spec.id} IS NULL" if _knows_rows(stage) else "true"


def _knows_rows(stage: Stage) -> bool:
    return stage.spec.matches or stage.has_ids


def _known_row(stage: Stage) -> str:
    spec = stage.spec
    if stage.has_ids:
        return f"LEFT JOIN {spec.table} o ON o.{spec.id} = s.given_id"
    if not spec.matches:
        return f"LEFT JOIN {spec.table} o ON false"
    pairs = []
    for column in spec.keys:
        if column.refers and column.target:
            pairs.append(f"o.{column.target} = r_{column.name}.{column.refers.id}")
        elif column.target:
            pairs.append(f"o.{column.target} = {_typed(stage, column)}")
    return f"LEFT JOIN {spec.table} o ON {' AND '.join(pairs)}"


def _referred(stage: Stage, column: Column) -> str:
    assert column.refers
    if column.refers.own:
        return f"NULL::{column.refers.id_type}"
    if not stage.has(column.name) and not column.key and column.target:
        return f"o.{column.target}"
    return f"r_{column.name}.{column.refers.id}"


def _reference(stage: Stage, column: Column, *, known_row: bool) -> tuple[str, list[Any]]:
    refers = column.refers
    assert refers
    join = f"LEFT JOIN {refers.table} r_{column.name} ON"
    if refers.own or (not stage.has(column.name) and column.default is None):
        return f"{join} false", []
    pairs = [f"r_{column.name}.{refers.key} = {_typed(stage, column)}"]
    pairs += [f"r_{column.name}.{theirs} = {_stored(stage, ours, known_row)}" for theirs, ours in refers.within]
    params: list[Any] = []
    load = stage.load
    rows = refers.visible(load.by, load.importing) if refers.visible and load.by is not None else None
    if rows is not None:
        seen, params = stage.visible_sql(rows)
        pairs.append(f"r_{column.name}.{refers.id} IN ({seen})")
    return f"{join} {' AND '.join(pairs)}", params


def _stored(stage: Stage, name: str, known_row: bool) -> str:
    """SQL for the value that the column `name` of the table will have, among the joins made so far."""
    column = next((c for c in stage.spec.columns if c.refers and resolved_name(c) == name), None)
    if column is None:
        return name
    assert column.refers
    value = f"r_{column.name}.{column.refers.id}"
    return f"COALESCE({value}, o.{name})" if known_row and column.target and not stage.has(column.name) else value


def _unknown(stage: Stage) -> Iterator[Check]:
    for column in stage.spec.columns:
        if column.refers and not column.refers.own and (stage.has(column.name) or column.key):
            where = f'x."{resolved_name(column)}" IS NULL AND x."{column.name}" IS NOT NULL'
            yield Check(column.name, where, column.refers.reason)
    if stage.has_ids:
        yield Check("id", "x.is_new", _("there is no row with the id %(value)s"), value="x.id")
    if stage.has_ids and stage.spec.id != "id":
        key = stage.spec.keys[0].name
        yield Check(key, f'x."{key}" <> x.id', _("a code stays; “%(value)s” would be another row"))


def _refuse_departed(stage: Stage) -> None:
    """Rows that refer to what is part of something else now are told of what, as far as the writer may see that."""
    for column in stage.spec.columns:
        refers = column.refers
        if not refers or not refers.became or not (stage.has(column.name) or column.key):
            continue
        seen = ""
        params: list[Any] = []
        rows = (
            refers.visible(stage.load.by, stage.load.importing)
            if refers.visible and stage.load.by is not None
            else None
        )
        if rows is not None:
            ids, params = stage.visible_sql(rows)
            seen = f"AND t.{refers.id} IN ({ids})"
        sql = (
            f'SELECT x.line_no, t.{refers.key} FROM {stage.rows} x JOIN ({refers.became}) b ON b.key = x."{column.name}"'
            f' JOIN {refers.table} t ON t.{refers.id} = b.id WHERE x."{resolved_name(column)}" IS NULL {seen} ORDER BY 1'
        )
        for line, now in stage.fetch(sql, params):
            stage.reject(line, column.name, refers.became_reason, now)
        stage.drop_bad()


def _missing(stage: Stage) -> Iterator[Check]:
    for column in stage.spec.columns:
        if column.required and not column.key and not stage.has(column.name):
            yield Check(column.name, "x.is_new", _("a new row needs this column"), value="''")
    if stage.load.create_only and stage.spec.matches:
        yield Check(stage.spec.keys[-1].name, "NOT x.is_new", _("“%(value)s” exists already"))


def _refuse_repeated(stage: Stage) -> None:
    if stage.total < 2:
        return
    keys = ", ".join(f'x."{column.name}"' for column in stage.spec.keys)
    sql = (
        f"SELECT line_no, first FROM (SELECT x.line_no, min(x.line_no) OVER (PARTITION BY {keys}) AS first FROM {stage.rows} x) q"
        " WHERE line_no <> first ORDER BY 1"
    )
    for line, first in stage.fetch(sql):
        stage.reject(line, stage.spec.keys[0].name, _("the same key as line %(value)s"), first)


def _taken(stage: Stage) -> Iterator[Check]:
    """A row that is addressed by its id may not take the key of another."""
    spec = stage.spec
    keys = [column for column in spec.keys if column.target]
    if not stage.has_ids or not spec.matches:
        return
    pairs = " AND ".join(f'taken.{c.target} = x."{resolved_name(c) if c.refers else c.name}"' for c in keys)
    where = f"taken.{spec.id} <> x.id"
    joins = f"JOIN {spec.table} taken ON {pairs}"
    yield Check(keys[-1].name, where, _("“%(value)s” exists already"), joins=joins)


def _refer_to_own(stage: Stage) -> None:
    """References to rows of the same table, which may come later in the same file."""
    for column in stage.spec.columns:
        refers = column.refers
        if not refers or not refers.own or not stage.has(column.name):
            continue
        key = next(c for c in stage.spec.columns if c.target == refers.key)
        name = resolved_name(column)
        same = "".join(f" AND y.{ours} = x.{ours}" for _theirs, ours in refers.within)
        there = "".join(f" AND t.{theirs} = x.{ours}" for theirs, ours in refers.within)
        stage.execute(
            f'UPDATE {stage.rows} x SET "{name}" = y.id FROM {stage.rows} y WHERE y."{key.name}" = x."{column.name}"{same}'
        )
        stage.execute(
            f'UPDATE {stage.rows} x SET "{name}" = t.{refers.id} FROM {refers.table} t '
            f'WHERE x."{name}" IS NULL AND t.{refers.key} = x."{column.name}"{there}'
        )
        unknown = f'x."{name}" IS NULL AND x."{column.name}" IS NOT NULL'
        above = Check(column.name, f'x."{name}" = x.id', _("“%(value)s” can't stand above itself"))
        run_checks(stage, [Check(column.name, unknown, refers.reason), above])
