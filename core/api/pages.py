"""Cursor pages of a list, by primary key: page 1,000 costs what page 1 costs, and rows added meanwhile move nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from core.api.columns import Plan

DEFAULT_SIZE = 100
LARGEST = 1000


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: beyond the row `key`, onwards or backwards."""

    key: Any
    backwards: bool

    def text(self) -> str:
        raw = json.dumps([self.key, int(self.backwards)], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(text: str, rows: QuerySet[Any]) -> Cursor:
    """The cursor that a page handed out. ValidationError for anything else."""
    try:
        key, backwards = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if not isinstance(key, int | str) or "\x00" in str(key):
            raise ValidationError({"cursor": [_("Is not a cursor that a page handed out.")]})
        return Cursor(rows.model._meta.pk.get_prep_value(key), bool(backwards))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValidationError({"cursor": [_("Is not a cursor that a page handed out.")]}) from error


def read_size(text: str | None) -> int:
    if text is None:
        return DEFAULT_SIZE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST):
        raise ValidationError({"page_size": [_("Must be a whole number from 1 to %(most)d.") % {"most": LARGEST}]})
    return int(text)


def page(request: Request, rows: QuerySet[Any], plan: Plan) -> dict[str, Any]:
    """One page as the list answers it; `plan` shows the primary key last, which is taken off again."""
    return cut(request, rows, lambda ordered, most: list(plan.records(ordered, limit=most)), lambda one: one.pop("pk"))


def cut(
    request: Request,
    rows: QuerySet[Any],
    read: Callable[[QuerySet[Any], int], list[Any]],
    key: Callable[[Any], Any],
) -> dict[str, Any]:
    """One page of whatever `read` makes of the first so many of some rows; `key` gives the primary key of one of them."""
    size = read_size(request.query_params.get("page_size"))
    given = request.query_params.get("cursor")
    cursor = read_cursor(given, rows) if given is not None else None
    backwards = cursor is not None and cursor.backwards
    ordered = rows.order_by("-pk" if backwards else "pk")
    if cursor is not None:
        ordered = ordered.filter(**{"pk__lt" if backwards else "pk__gt": cursor.key})
    found = read(ordered, size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    keys = [key(one) for one in found]
    has_next = more if not backwards else True
    has_previous = more if backwards else cursor is not None
    return {
        "next": _link(request, Cursor(keys[-1], backwards=False)) if keys and has_next else None,
        "previous": _link(request, Cursor(keys[0], backwards=True)) if keys and has_previous else None,
        "results": found,
    }


def _link(request: Request, cursor: Cursor) -> str:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor.text())
