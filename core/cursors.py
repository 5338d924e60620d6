"""Key-set pages: where a page begins is said by the last row seen, so page 1,000 costs what page 1 costs.

Rows are ordered by one expression and then by primary key. Empty values stand last in both directions.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate

SORT_KEY = "sort_key"


@dataclass(frozen=True)
class Order:
    """One expression to order by. `nullable` is whether it may be empty: then an index in reverse can't serve it."""

    expression: Combinable
    descending: bool = False
    nullable: bool = True

    def applied_to(self, queryset: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        descending = self.descending != backwards
        key = F(SORT_KEY)
        nulls: dict[str, bool] = {}
        if self.nullable:
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        first = key.desc(**nulls) if descending else key.asc(**nulls)
        keyed: QuerySet[Any] = queryset.annotate(**{SORT_KEY: self.expression})
        return keyed.order_by(first, "-pk" if descending else "pk")


@dataclass(frozen=True)
class Window:
    """The rows of one page, and the cursors of its neighbours (empty where there is none)."""

    rows: list[Any]
    previous: str
    next: str


def is_nullable(model: type[Model], expression: str | Combinable) -> bool:
    """Whether ordering by `expression` may meet an empty value; a joined or computed one may, one in another collation
    no more than without it."""
    if isinstance(expression, Collate) and isinstance(source := expression.get_source_expressions()[0], F):
        expression = source.name  # type: ignore[attr-defined]  # the stubs know no fields of F
    if not isinstance(expression, str) or "__" in expression:
        return True
    try:
        return bool(getattr(model._meta.get_field(expression), "null", True))
    except FieldDoesNotExist:
        return True


def window(queryset: QuerySet[Any], order: Order, *, size: int, after: str = "", before: str = "") -> Window:
    """One page of `queryset`. A cursor that can't be read is taken as the first page."""
    backwards = bool(before) and not after
    ordered = order.applied_to(queryset, backwards=backwards)
    place = _read(after or before, ordered)
    if place is not None:
        ordered = ordered.filter(_beyond(order, place, backwards=backwards))
    rows = list(ordered[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    came_from_elsewhere = place is not None
    return Window(
        rows=rows,
        previous=_write(rows[0]) if rows and (more if backwards else came_from_elsewhere) else "",
        next=_write(rows[-1]) if rows and (came_from_elsewhere if backwards else more) else "",
    )


def _beyond(order: Order, place: tuple[Any, Any], *, backwards: bool) -> Q:
    value, key = place
    side = "lt" if order.descending != backwards else "gt"
    same_value_further = Q(**{f"pk__{side}": key})
    if value is None:
        empty = Q(**{f"{SORT_KEY}__isnull": True}) & same_value_further
        return empty | Q(**{f"{SORT_KEY}__isnull": False}) if backwards else empty
    # The first term says nothing new, but it is the range that an index can start from.
    reached = Q(**{f"{SORT_KEY}__{side}e": value}) & (Q(**{f"{SORT_KEY}__{side}": value}) | same_value_further)
    return reached | Q(**{f"{SORT_KEY}__isnull": True}) if order.nullable and not backwards else reached


def _write(row: Any) -> str:
    text = json.dumps([getattr(row, SORT_KEY), row.pk], cls=_Exact, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, queryset: QuerySet[Any]) -> tuple[Any, Any] | None:
    if not cursor:
        return None
    field = queryset.query.annotations[SORT_KEY].output_field
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return field.to_python(value), queryset.model._meta.pk.to_python(key)
    except (binascii.Error, UnicodeDecodeError, ValueError, TypeError, ValidationError):
        return None


class _Exact(DjangoJSONEncoder):
    """Keeps the microseconds that Django's own encoder cuts off: a cursor must name its row exactly."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
