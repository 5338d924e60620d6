"""The rows that a step touches, as plain values that JSON can hold: taken before and after it, and put back when it is undone.

A row is a list of the values of `columns`, of which the first is the primary key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError, connection, models, transaction

from core.errors import DomainError
from core.trees import CYCLE_SQLSTATE

Row = list[Any]
_DAYS: Final = ("valid_from", "valid_to")
_TAKEN: Final = ("23505", "23P01")  # the database's words for a key, or a period, that another row has


def rows_of(model: type[models.Model], columns: Sequence[str], which: models.Q) -> list[Row]:
    """The rows as they stand, by primary key."""
    found = model._default_manager.filter(which).order_by("id").values_list(*columns)
    return [[_plain(value) for value in row] for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)


def restore(
    model: type[models.Model], columns: Sequence[str], before: list[Row], after: list[Row], **fixed: object
) -> None:
    """Make the rows `after` a step those `before` it again; `fixed` is what the rows don't say."""
    wanted, held = {row[0]: row for row in before}, {row[0]: row for row in after}
    model._default_manager.filter(pk__in=held.keys() - wanted.keys()).delete()
    changed = [_made(model, columns, row, fixed) for pk, row in wanted.items() if pk in held and held[pk] != row]
    if changed:
        model._default_manager.bulk_update(changed, columns[1:])
    gone = [_made(model, columns, row, fixed) for pk, row in wanted.items() if pk not in held]
    model._default_manager.bulk_create(gone)


def _made(model: type[models.Model], columns: Sequence[str], row: Row, fixed: dict[str, object]) -> models.Model:
    values = dict(zip(columns, row, strict=True))
    for name in _DAYS:
        values[name] = dt.date.fromisoformat(values[name]) if values[name] else None
    return model(**values, **fixed)


@contextmanager
def putting_back(*, circle: DomainError, taken: DomainError) -> Iterator[None]:
    """All that is put back inside, or nothing of it: then `circle` where something would stand below itself, `taken` where
    another row has come to the place of one that was to be put back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", None)
        if code == CYCLE_SQLSTATE:
            raise circle from error
        if code in _TAKEN:
            raise taken from error
        raise
