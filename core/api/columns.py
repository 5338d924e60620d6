"""The columns of a record: the same names as in the import file, and where each value lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from core.api.kinds import DAY, Kind, Money
from core.periods import BEGINNING

_ALIAS = "api_"


@dataclass(frozen=True)
class Column:
    """One column.

    `source` is an ORM path or an expression. `is_key`: part of the key that files know a row by. `default`: what a
    new row has when the column is left out; without it, and not `required`, it may be null. `exponent` is the path of
    the currency's exponent, for money. `note` explains the column in the schema.
    """

    name: str
    source: str | Combinable
    kind: Kind
    is_key: bool = False
    required: bool = False
    default: str | None = None
    exponent: str | Combinable = ""
    note: str = ""

    @property
    def may_be_null(self) -> bool:
        return not self.required and self.default is None

    @property
    def paths(self) -> tuple[tuple[str, str | Combinable], ...]:
        """What to select: (alias, path or expression), the exponent after the amount."""
        own = ((f"{_ALIAS}{self.name}", self.source),)
        return (*own, (f"{_ALIAS}{self.name}_exponent", self.exponent)) if self.kind.needs_exponent else own

    @property
    def shown_schema(self) -> dict[str, Any]:
        return self._described(self.kind.schema)

    @property
    def accepted_schema(self) -> dict[str, Any]:
        found = self._described(self.kind.accepted)
        return found if self.default is None else {**found, "nullable": True, "default": _as_json(self)}

    def _described(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = dict(schema)
        if self.may_be_null:
            found["nullable"] = True
            if "enum" in found:
                found["enum"] = [*found["enum"], None]
        if self.note:
            found["description"] = self.note
        return found


def _as_json(column: Column) -> Any:
    return {"true": True, "false": False}.get(column.default or "", column.default)


def period(*, starts_key: bool = True) -> tuple[Column, Column]:
    """The columns of a half-open period."""
    return (
        Column(
            "valid_from",
            "valid_from",
            DAY,
            is_key=starts_key,
            default=BEGINNING.isoformat(),
            note="First day; 0001-01-01 is: since ever.",
        ),
        Column("valid_to", "valid_to", DAY, note="First day after the period; null is: open."),
    )


@dataclass(frozen=True)
class Plan:
    """What to select for some columns, and how to turn a selected row into a record."""

    names: tuple[str, ...]
    annotations: dict[str, Combinable]
    selected: tuple[str, ...]
    readers: tuple[Callable[[Sequence[Any]], Any], ...]

    def records(self, rows: QuerySet[Any], *, limit: int | None = None) -> Iterable[dict[str, Any]]:
        named = tuple(zip(self.names, self.readers, strict=True))
        chosen = rows.annotate(**self.annotations).values_list(*self.selected)[:limit]
        return ({name: read(row) for name, read in named} for row in chosen)


def plan(columns: Iterable[Column], *, extra: Sequence[str] = ()) -> Plan:
    """The plan of `columns`; `extra` ORM paths are selected after them and shown as they are."""
    names: list[str] = []
    annotations: dict[str, Combinable] = {}
    selected: list[str] = []
    readers: list[Callable[[Sequence[Any]], Any]] = []
    for column in columns:
        at = len(selected)
        for alias, source in column.paths:
            if isinstance(source, str):
                selected.append(source)
            else:
                annotations[alias] = source
                selected.append(alias)
        names.append(column.name)
        readers.append(_reader(column.kind, at))
    for path in extra:
        names.append(path)
        readers.append(_as_is(len(selected)))
        selected.append(path)
    return Plan(tuple(names), annotations, tuple(selected), tuple(readers))


def _as_is(at: int) -> Callable[[Sequence[Any]], Any]:
    return lambda row: row[at]


def _reader(kind: Kind, at: int) -> Callable[[Sequence[Any]], Any]:
    if isinstance(kind, Money):
        return lambda row: kind.shown_in(row[at], row[at + 1])
    return lambda row: kind.shown(row[at])
