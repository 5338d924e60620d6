"""Writing resolved rows as sets: one INSERT for the new, one UPDATE for those that differ, nothing for the rest."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.columns import Column
from core.staging import Check, Stage
from core.staging_resolve import resolved_name, run_checks


def upsert(stage: Stage) -> None:
    """Insert new rows and update those that differ. A row that says what stands already is not touched."""
    insert(stage)
    update(stage)


def insert(stage: Stage, *, where: str = "x.is_new") -> None:
    """Insert the rows `where` with the ids they were given."""
    spec = stage.spec
    stored = {column.target: value_of(column) for column in spec.columns if column.target}
    stored.update(spec.inserts)
    if spec.id == "id":
        stored = {"id": "x.id", **stored}
    names = ", ".join(f'"{name}"' for name in stored)
    sql = (
        f"INSERT INTO {spec.table} ({names}) SELECT {', '.join(stored.values())} FROM {stage.rows} x "
        f"WHERE {where} ORDER BY x.line_no"
    )
    lines = {line for (line,) in stage.fetch(f"SELECT x.line_no FROM {stage.rows} x WHERE {where}")}
    if lines:
        stage.execute(sql)
        stage.created |= lines


def update(stage: Stage, *, where: str = "true") -> None:
    """Update known rows that differ in a stated column. Keys change only where the row was addressed by its id."""
    spec = stage.spec
    if len(stage.created) == stage.total - len(stage.bad):
        return  # all are new
    changes = {
        column.target: changed_value(column)
        for column in spec.columns
        if column.target and stage.has(column.name) and (stage.has_ids or not column.key) and column.target != spec.id
    }
    if not changes:
        return
    sets = ", ".join(f'"{name}" = {value}' for name, value in changes.items())
    differs = " OR ".join(f't."{name}" IS DISTINCT FROM {value}' for name, value in changes.items())
    sql = (
        f"UPDATE {spec.table} t SET {sets} FROM {stage.rows} x "
        f"WHERE t.{spec.id} = x.id AND NOT x.is_new AND ({where}) AND ({differs}) RETURNING x.line_no"
    )
    stage.updated |= {line for (line,) in stage.fetch(sql)}


def stated(column: Column) -> str:
    """The value that a row states, over `x`; null when its cell is empty."""
    return f'x."{resolved_name(column) if column.refers else column.name}"'


def value_of(column: Column) -> str:
    """What a new row stores: the stated value, else the default, else the column's empty value."""
    parts = [stated(column)]
    if column.default and not column.key:
        parts.append(f'x."d_{column.name}"')
    if column.kind.empty != "NULL" and not column.refers:
        parts.append(column.kind.empty)
    return f"COALESCE({', '.join(parts)})" if len(parts) > 1 else parts[0]


def changed_value(column: Column, old: str = "t") -> str:
    """What a known row stores: an empty cell empties it, unless the column has a default: then what stands stays."""
    if column.default:
        return f'COALESCE({stated(column)}, {old}."{column.target}")'
    if column.kind.empty != "NULL" and not column.refers:
        return f"COALESCE({stated(column)}, {column.kind.empty})"
    return stated(column)


def refuse_loops(stage: Stage, column: str, parent: str) -> None:
    """After the write: refuse rows that stand above themselves along `parent`, a plain reference to the own table."""
    if not stage.has(column):
        return
    table = stage.spec.table
    loops = (
        f"(WITH RECURSIVE climb(start, node) AS (SELECT y.id, y.{parent} FROM {stage.rows} y WHERE y.{parent} IS NOT NULL"
        f" UNION SELECT c.start, t.{parent} FROM climb c JOIN {table} t ON t.id = c.node"
        f" WHERE t.{parent} IS NOT NULL AND c.node <> c.start) SELECT start FROM climb WHERE node = start)"
    )
    run_checks(stage, [Check(column, f"x.id IN {loops}", _("“%(value)s” would stand above itself"))])
