"""The one write path for rows: files, API and forms state rows, which are staged, judged, resolved and written as sets.

A `FileSpec` says what a row is; a `Stage` takes one set of rows through it:

1. `fill`: the cells go into a session's temporary table by COPY, as text, with their line numbers;
2. `judge`: every cell is judged by its kind's rules;
3. `resolve`: a second table holds the typed values, the rows they refer to, the row they update or the id they will get;
4. `write`: the file's own checks, then inserts and updates of what differs, then every constraint at once.

Bad rows become `Problem`s and leave the set; the caller decides what a problem means (an import writes nothing at all).
Nothing here knows a domain noun. SQL is put together from the spec's constants only; cells never become SQL.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.utils.translation import gettext as _

from core.columns import Column, Text, filled

_numbers = itertools.count(1)
_SHOWN = 80
BIG = 500


@dataclass(frozen=True, order=True)
class Problem:
    """Why a row is refused: its line (a row's number from 1 outside files), the column or "", and the reason."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Check:
    """A rule over resolved rows `x` (their table is `{rows}`): `where` is true for a bad row. The reason names `value` (SQL)."""

    column: str
    where: str
    reason: Text
    value: str = ""
    joins: str = ""


@dataclass(frozen=True)
class FileSpec:
    """What the rows of one file are.

    `permission` is what a writer must hold. `visible(by, importing)` gives the stored rows that `by` may write, or None for
    all. `writes` replaces the plain upsert; `before` and `after` run around it. `inserts` are constants for a new row:
    (column of the table, SQL over `x`). `extras` are further resolved columns: (name, SQL over `s`, `o`, `r_<column>`).
    """

    name: str
    table: str
    noun: Text
    permission: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    joins: str = ""
    extras: tuple[tuple[str, str], ...] = ()
    inserts: tuple[tuple[str, str], ...] = ()
    visible: Callable[[Any, bool], models.QuerySet[Any] | None] | None = None
    before: tuple[Callable[[Stage], None], ...] = ()
    writes: Callable[[Stage], None] | None = None
    after: tuple[Callable[[Stage], None], ...] = ()
    matches: bool = True
    id: str = "id"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    @property
    def id_type(self) -> str:
        return "bigint" if self.id == "id" else "text"


@dataclass
class Load:
    """What all stages of one write share. `by` None is the console's operator, who may write everything."""

    by: Any = None
    importing: bool = False
    replace_sets: bool = False
    create_only: bool = False
    stages: list[Stage] = field(default_factory=list)

    def stages_of(self, name: str) -> list[Stage]:
        """The filled stages of one file in this write, e.g. the lines that come with their deals."""
        return [stage for stage in self.stages if stage.spec.name == name and stage.is_open]


class Stage:
    """One set of rows on its way into a table. `cells` and `rows` name its temporary tables."""

    def __init__(self, spec: FileSpec, load: Load, *, label: str = "") -> None:
        number = next(_numbers)
        self.spec, self.load, self.label = spec, load, label or spec.name
        self.cells, self.rows, self.plans = f"cells_{number}", f"rows_{number}", f"plan_{number}"
        self.present: frozenset[str] = frozenset()
        self.has_ids = False
        self.is_open = False
        self.total = 0
        self.problems: list[Problem] = []
        self.bad: set[int] = set()
        self.created: set[int] = set()
        self.updated: set[int] = set()
        load.stages.append(self)

    # -- talking to the database ------------------------------------------------------------------------------------

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run one statement; the number of rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return int(cursor.rowcount)

    def fetch(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params))
            return list(cursor.fetchall())

    def has(self, column: str) -> bool:
        """Whether the rows state this column at all."""
        return column in self.present

    def reject(self, line: int, column: str, reason: Text, value: object = "") -> None:
        """Refuse a row. `reason` may name `%(value)s`."""
        shown = "" if value is None else str(value)
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        self.bad.add(line)
        self.problems.append(Problem(line, column, str(reason % {"value": shown})))

    def drop_bad(self, *, table: str | None = None) -> None:
        """Take refused rows out of the set, so that later steps don't complain about them again."""
        if self.bad:
            self.execute(f"DELETE FROM {table or self.rows} WHERE line_no = ANY (%s)", [list(self.bad)])

    @property
    def unchanged(self) -> int:
        return self.total - len(self.bad) - len(self.created) - len(self.updated - self.created)

    # -- the steps --------------------------------------------------------------------------------------------------

    def open(self, header: Sequence[str], *, line: int = 1) -> bool:
        """Take the names of the columns; False when they are wrong (then there are problems)."""
        known = {column.name for column in self.spec.columns}
        for name, seen in ((name, header.count(name)) for name in dict.fromkeys(header)):
            if name not in known:
                listed = ", ".join(column.name for column in self.spec.columns)
                self.reject(line, name, _("unknown column “%(value)s”; known are: ") + listed.replace("%", ""), name)
            elif seen > 1:
                self.reject(line, name, _("the column stands twice in the header"))
        for column in self.spec.keys:
            if column.name not in header and column.default is None:
                self.reject(line, column.name, _("the key column “%(value)s” is missing"), column.name)
        self.present = frozenset(header)
        self.is_open = not self.problems
        return self.is_open

    def fill(self, header: Sequence[str], rows: Iterable[Sequence[object]], *, ids: bool = False) -> int:
        """COPY the rows, each a line number, (with `ids`) the id of the row to change, and a cell for each column."""
        self.has_ids = ids
        columns = ["line_no", *(["given_id"] if ids else []), *header]
        types = {"line_no": "bigint", "given_id": self.spec.id_type}
        listed = ", ".join(f'"{name}" {types.get(name, "text")}' for name in columns)
        self.execute(f"CREATE TEMP TABLE {self.cells} ({listed}) ON COMMIT DROP")
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY {self.cells} FROM STDIN WITH (FORMAT csv)", Feed(rows))
            self.total = int(cursor.cursor.rowcount)
        return self.total

    def judge(self) -> None:
        """Refuse rows with a cell that is not what its column holds."""
        judged = [column for column in self.spec.columns if self.has(column.name)]
        cases = [(column, case) for column in judged if (case := _verdict(column))]
        if not cases:
            return
        verdicts = ", ".join(f"{case} AS v{at}" for at, (_column, case) in enumerate(cases))
        cells = ", ".join(f's."{column.name}"' for column, _case in cases)
        any_bad = " OR ".join(f"v{at} IS NOT NULL" for at in range(len(cases)))
        sql = f"SELECT * FROM (SELECT s.line_no, {verdicts}, {cells} FROM {self.cells} s) q WHERE {any_bad} ORDER BY 1"
        for line, *found in self.fetch(sql):
            for (column, _case), verdict, cell in zip(cases, found, found[len(cases) :], strict=False):
                if verdict is not None:
                    self.reject(line, column.name, _reason(column, verdict), cell)
        self.drop_bad(table=self.cells)

    def finish(self) -> None:
        """Drop the temporary tables: a transaction may write many sets."""
        self.execute(
            f"DROP TABLE IF EXISTS {self.cells}, {self.rows}, {self.plans}_links, {self.plans}_0, {self.plans}_1"
        )

    def visible_sql(self, rows: models.QuerySet[Any]) -> tuple[str, list[Any]]:
        """A subquery of ids, and its parameters."""
        try:
            sql, params = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return "SELECT NULL::bigint WHERE false", []
        return sql, list(params)


def _verdict(column: Column) -> str | None:
    cell = f's."{column.name}"'
    needed = column.required or (column.key and column.default is None)
    rules = " ".join(f"WHEN {filled(r.wrong, cell)} THEN {n}" for n, r in enumerate(column.kind.rules))
    if not needed and not rules:
        return None
    return f"CASE WHEN {cell} IS NULL THEN {'-1' if needed else 'NULL'} {rules} END"


def _reason(column: Column, verdict: int) -> Text:
    return _("a value is required") if verdict < 0 else column.kind.rules[verdict].reason


class Feed:
    """Rows as a file of CSV lines for COPY, made piece by piece. An empty cell is null."""

    def __init__(self, rows: Iterable[Sequence[object]]) -> None:
        self._lines: Iterator[str] = map(_csv_line, rows)

    def read(self, size: int = -1) -> str:
        # COPY asks for some bytes and takes what it gets; an empty piece ends it.
        return "".join(itertools.islice(self._lines, 64))


def _csv_line(row: Sequence[object]) -> str:
    return ",".join(['"' + str(cell).replace('"', '""') + '"' if cell not in ("", None) else "" for cell in row]) + "\n"
