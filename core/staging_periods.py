"""Dated rows: a later start closes the open period and adds one, the same start corrects, an overlap is refused.

All rows of one dated thing, those stored and those stated, are laid in order of their start. An empty end is cut by the
next start. So the order of a file's lines doesn't matter, and loading it again changes nothing. One lock a table is taken
before the reading, so that of two writers the second sees what the first wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.columns import Column, date
from core.staging import BIG, Check, Stage
from core.staging_resolve import resolved_name, run_checks
from core.trees import CYCLE_SQLSTATE

BEGINNING = "'0001-01-01'::date"
VALID_FROM = Column("valid_from", date(), key=True, default=BEGINNING)
VALID_TO = Column("valid_to", date())
LINK_FROM = Column("valid_from", date(), stores=None)
END_AFTER_START = Check(
    "valid_to", "x.valid_to <= x.valid_from", gettext_lazy("the end %(value)s is not after the start")
)
# What a row of dated links may not say, by itself: `parent_id` above `child_id`, an empty parent ends the link.
LINK_CHECKS = (
    END_AFTER_START,
    Check("parent_code", "x.parent_id = x.child_id", gettext_lazy("“%(value)s” can't stand above itself")),
    Check(
        "valid_to",
        "x.parent_id IS NULL AND x.valid_to IS NOT NULL",
        gettext_lazy("a row without a parent ends a link: no end"),
    ),
)

# One writer at a time lays a table's periods; the parameter is `periods of TABLE`. Taken before what is laid is read.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))"


@dataclass(frozen=True)
class Periods:
    """How a file's dated rows stand in `table`.

    `thing` are the table's columns that have one value at a time, `values` those that hold it (with `valid_from` and
    `valid_to`). `is_exclusive`: a row that restates the value in force changes nothing; elsewhere it overlaps its own key.
    `where` picks the rows of either side, over `{r}`. `parent` names the value whose absence ends the period; then the
    table is a tree, told apart by the rest of `thing`. `constants` are further columns of a new row: (column, SQL over `p`).
    """

    table: str
    thing: tuple[str, ...]
    values: tuple[str, ...]
    is_exclusive: bool
    where: str = "true"
    parent: str = ""
    constants: tuple[tuple[str, str], ...] = ()


def write_periods(*kinds: Periods) -> Callable[[Stage], None]:
    """A file's `writes`: its rows are dated in the way of the first kind whose `where` holds."""

    def write(stage: Stage) -> None:
        for at, kind in enumerate(kinds):
            (_write_given if stage.has_ids else write_plan)(stage, kind, rows=stage.rows, plan=f"{stage.plans}_{at}")

    return write


def write_links(kind: Periods, *, parent: str, child: str = "x.id", also: str = "") -> Callable[[Stage], None]:
    """A hook of a file whose column `parent`, with `valid_from`, makes a dated link in the table of `kind`.

    `also` gives the further columns of the link, as SQL over `x`. An empty parent makes and changes nothing.
    """

    def write(stage: Stage) -> None:
        if not stage.has(parent):
            return
        rows = f"{stage.plans}_links"
        found = stage.execute(
            f"CREATE TEMP TABLE {rows} ON COMMIT DROP AS SELECT x.line_no, {child} AS child_id, x.{parent}_id AS parent_id,"
            f" COALESCE(x.valid_from, {BEGINNING}) AS valid_from{also} FROM {stage.rows} x WHERE x.{parent}_id IS NOT NULL"
        )
        if found:
            write_plan(stage, kind, rows=rows, plan=f"{stage.plans}_0", named={kind.parent: parent})

    return write


def write_plan(stage: Stage, kind: Periods, *, rows: str, plan: str, named: dict[str, str] | None = None) -> None:
    """Lay the stated rows of the table `rows` among the stored ones, refuse overlaps, write what differs.

    `named` says which columns of the file to blame, where they aren't called as the table's.
    """
    stage.execute(LOCK, [f"periods of {kind.table}"])
    blame = named or {}
    _refuse_contradictions(stage, kind, rows)
    _lay(stage, kind, rows, plan, has_end=stage.has("valid_to") and rows == stage.rows)
    _refuse_overlaps(stage, kind, plan, blame)
    try:
        with transaction.atomic():
            _apply(stage, kind, plan)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) != CYCLE_SQLSTATE:
            raise
        _refuse_cycles(stage, kind, plan, blame)


def _column_of(stage: Stage, target: str) -> Column | None:
    columns = stage.spec.columns
    return next((c for c in columns if (resolved_name(c) if c.refers else c.target) == target), None)


def _name_of(stage: Stage, target: str) -> str:
    column = _column_of(stage, target)
    return column.name if column else target


def _value(stage: Stage, kind: Periods, target: str, rows: str) -> tuple[str, bool]:
    """SQL for a stated row's value of `target` over `x` and the stored row `h`, and whether the rows state it."""
    column = _column_of(stage, target)
    if rows != stage.rows or column is None:
        return f"x.{target}", True
    mine = f'x."{resolved_name(column) if column.refers else column.name}"'
    empty = column.default or ("NULL" if column.refers else column.kind.empty)
    if not stage.has(column.name):
        return f"COALESCE(h.{target}, {empty})", False
    if column.default:
        return f"COALESCE({mine}, h.{target}, {empty})", True
    return (mine if empty == "NULL" else f"COALESCE({mine}, {empty})"), True


def _refuse_contradictions(stage: Stage, kind: Periods, rows: str) -> None:
    """Two values for one thing from the same day on, under different keys."""
    found = stage.fetch(f"""
        SELECT line_no, first FROM (
            SELECT line_no, min(line_no) OVER (PARTITION BY {", ".join(kind.thing)}, valid_from) AS first
              FROM {rows} r WHERE {kind.where.format(r="r")}) q
         WHERE line_no <> first ORDER BY 1""")
    for line, first in found:
        stage.reject(line, "valid_from", _("line %(value)s says something else from the same day on"), first)
    if found:
        stage.drop_bad(table=rows)


def _lay(stage: Stage, kind: Periods, rows: str, plan: str, *, has_end: bool) -> None:
    values = {target: _value(stage, kind, target, rows) for target in kind.values}
    thing = ", ".join(kind.thing)
    same = " AND ".join(f"h.{name} = x.{name}" for name in kind.thing)
    things = ", ".join(f"COALESCE(x.{name}, h.{name}) AS {name}" for name in kind.thing)
    laid = "".join(f", CASE WHEN x.line_no IS NULL THEN h.{t} ELSE {sql} END AS {t}" for t, (sql, _s) in values.items())
    ends = f"x.line_no IS NOT NULL AND x.{kind.parent} IS NULL" if kind.parent else "false"
    stated = [f"{t} IS NOT DISTINCT FROM lag({t}) OVER w" for t, (_sql, is_stated) in values.items() if is_stated]
    window = f"WINDOW w AS (PARTITION BY {thing} ORDER BY valid_from)"
    end = "x.valid_to" if has_end else "h.valid_to"
    stage.execute(f"""
        CREATE TEMP TABLE {plan} ON COMMIT DROP AS
        WITH laid AS (
            SELECT x.line_no, h.id AS old_id, COALESCE(x.valid_from, h.valid_from) AS valid_from, {ends} AS ends,
                   CASE WHEN x.line_no IS NULL THEN h.valid_to ELSE {end} END AS until, {things}{laid}
              FROM (SELECT * FROM {rows} r WHERE {kind.where.format(r="r")}) x
              FULL JOIN (SELECT * FROM {kind.table} r WHERE {kind.where.format(r="r")}
                            AND ({thing}) IN (SELECT {thing} FROM {rows} y WHERE {kind.where.format(r="y")})) h
                ON {same} AND h.valid_from = x.valid_from),
        weighed AS (
            SELECT *, line_no IS NOT NULL AND old_id IS NULL AND NOT ends AND until IS NULL
                   AND lag(valid_from) OVER w IS NOT NULL AND lag(until) OVER w IS NULL AND NOT lag(ends) OVER w
                   {"".join(f" AND {one}" for one in stated)} AS restates
              FROM laid {window})
        SELECT *, lead(valid_from) OVER w AS next_from, lead(line_no) OVER w AS next_line, lead(ends) OVER w AS next_ends,
               lead(old_id) OVER w AS next_old, lag(valid_from) OVER w AS last_from
          FROM weighed WHERE NOT {"restates" if kind.is_exclusive else "false"} {window}""")
    stage.execute(f"""ALTER TABLE {plan} ADD COLUMN final date""")
    stage.execute(f"""
        UPDATE {plan} SET final = CASE WHEN until IS NULL THEN next_from
                                       WHEN next_ends THEN LEAST(until, next_from) ELSE until END""")
    if stage.total > BIG:
        stage.execute(f"ANALYZE {plan}")


def _refuse_overlaps(stage: Stage, kind: Periods, plan: str, blame: dict[str, str]) -> None:
    start, end = blame.get("valid_from", "valid_from"), blame.get("valid_to", "valid_to")
    found = stage.fetch(f"""
        SELECT line_no, next_line, valid_from, until, next_from, restates,
               until IS NULL AND line_no IS NOT NULL AND old_id IS NULL AND NOT ends AND next_line IS NULL
               AND next_old IS NOT NULL AS is_earlier, last_from
          FROM {plan}
         WHERE restates OR (until > next_from AND NOT next_ends)
            OR (until IS NULL AND line_no IS NOT NULL AND old_id IS NULL AND NOT ends AND next_line IS NULL
                AND next_old IS NOT NULL)
         ORDER BY line_no, next_line""")
    for line, next_line, since, until, next_from, restates, is_earlier, last_from in found:
        if restates:
            stage.reject(line, start, _("overlaps the same row's open period from %(value)s"), last_from)
        elif is_earlier:
            stage.reject(line, start, _("would overlap the later period from %(value)s"), next_from)
        elif next_line is not None:
            stage.reject(next_line, start, _("overlaps the period %(value)s"), f"{since} – {until}")
        else:
            stage.reject(line, end, _("overlaps the later period from %(value)s"), next_from)
    if stage.load.create_only:
        for line, since in stage.fetch(
            f"SELECT line_no, valid_from FROM {plan} WHERE line_no > 0 AND old_id > 0 ORDER BY 1"
        ):
            stage.reject(line, start, _("a period from %(value)s exists already"), since)
    if stage.bad:
        stage.execute(f"DELETE FROM {plan} WHERE line_no = ANY (%s)", [list(stage.bad)])


def _apply(stage: Stage, kind: Periods, plan: str) -> None:
    gone = stage.fetch(
        f"DELETE FROM {kind.table} t USING {plan} p WHERE t.id = p.old_id AND p.ends RETURNING p.line_no"
    )
    names = [*kind.values, "valid_to"]
    new = {**{target: f"p.{target}" for target in kind.values}, "valid_to": "p.final"}
    changed = stage.fetch(f"""
        UPDATE {kind.table} t SET {", ".join(f"{name} = {new[name]}" for name in names)} FROM {plan} p
         WHERE t.id = p.old_id AND NOT p.ends
           AND ({" OR ".join(f"t.{name} IS DISTINCT FROM {new[name]}" for name in names)})
        RETURNING p.line_no, CASE WHEN p.next_ends THEN p.next_line END""")
    columns = [*kind.thing, *kind.values, "valid_from", "valid_to", *(name for name, _sql in kind.constants)]
    picked = [
        *(f"p.{n}" for n in (*kind.thing, *kind.values)),
        "p.valid_from",
        "p.final",
        *(s for _n, s in kind.constants),
    ]
    fresh = "p.line_no IS NOT NULL AND p.old_id IS NULL AND NOT p.ends"
    lines = {line for (line,) in stage.fetch(f"SELECT line_no FROM {plan} p WHERE {fresh}")}
    if lines:
        stage.execute(
            f"INSERT INTO {kind.table} ({', '.join(columns)}) SELECT {', '.join(picked)} FROM {plan} p WHERE {fresh}"
            " ORDER BY p.line_no"
        )
    if kind.table == stage.spec.table:
        stage.created |= lines
        stage.updated |= {line for (line,) in gone}
    else:
        stage.updated |= lines | {line for (line,) in gone}
    stage.updated |= {line for pair in changed for line in pair if line is not None}


def _refuse_cycles(stage: Stage, kind: Periods, plan: str, blame: dict[str, str]) -> None:
    """Name every stated row that lies in a cycle on some day. Runs only after the database refused one."""
    forest = [name for name in kind.thing if name != "child_id"]
    same_tree = "".join(f" AND e.{name} = c.{name}" for name in forest)
    listed = "".join(f", {name}" for name in forest)
    carried = "".join(f", c.{name}" for name in forest)
    same = " AND ".join(f"p.{name} = t.{name}" for name in kind.thing)
    found = stage.fetch(f"""
        WITH RECURSIVE edges AS (
            SELECT line_no, child_id, {kind.parent} AS parent_id, valid_from, COALESCE(final, 'infinity') AS until{listed}
              FROM {plan} p WHERE NOT ends
            UNION ALL
            SELECT NULL, child_id, {kind.parent}, valid_from, COALESCE(valid_to, 'infinity'){listed}
              FROM {kind.table} t WHERE NOT EXISTS (SELECT 1 FROM {plan} p WHERE {same})),
        climb AS (
            SELECT line_no, child_id AS start, parent_id AS node, valid_from AS since, until{listed}
              FROM edges WHERE line_no IS NOT NULL
            UNION
            SELECT c.line_no, c.start, e.parent_id, GREATEST(c.since, e.valid_from), LEAST(c.until, e.until){carried}
              FROM climb c JOIN edges e ON e.child_id = c.node AND e.valid_from < c.until AND e.until > c.since{same_tree}
             WHERE c.node <> c.start)
        SELECT line_no, min(since) FROM climb WHERE node = start GROUP BY line_no ORDER BY line_no""")
    column = blame.get(kind.parent) or _name_of(stage, kind.parent)
    for line, since in found or stage.fetch(
        f"SELECT min(line_no), min(valid_from) FROM {plan} WHERE line_no IS NOT NULL"
    ):
        stage.reject(line, column, _("would stand above itself from %(value)s on: a cycle"), since)


def _write_given(stage: Stage, kind: Periods, *, rows: str, plan: str) -> None:
    """Rows addressed by their ids say their whole period; nothing else is cut for them, an overlap is refused."""
    from core.staging_upsert import update

    stage.execute(LOCK, [f"periods of {kind.table}"])
    where = kind.where.format(r="x")
    same = " AND ".join(f"h.{name} = x.{name}" for name in kind.thing)
    joins = (
        f"JOIN {kind.table} h ON {same} AND h.id <> x.id AND {kind.where.format(r='h')} "
        f"AND NOT EXISTS (SELECT 1 FROM {rows} given WHERE given.id = h.id) "
        "AND daterange(h.valid_from, h.valid_to) && daterange(x.valid_from, x.valid_to)"
    )
    # A check's text goes through the same formatting as every other; the start of the other period is its value.
    checks = [
        Check("valid_from", where, _("overlaps the period from %(value)s"), value="h.valid_from", joins=joins),
    ]
    if kind.parent:
        name = _name_of(stage, kind.parent)
        checks.append(Check(name, f"x.{kind.parent} IS NULL", _("a value is required"), value="''"))
    run_checks(stage, checks)
    try:
        with transaction.atomic():
            update(stage, where=where)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) != CYCLE_SQLSTATE:
            raise
        column = _name_of(stage, kind.parent)
        for (line,) in stage.fetch(f"SELECT line_no FROM {rows} ORDER BY 1 LIMIT 1"):
            stage.reject(line, column, _("would stand above itself: a cycle"))
