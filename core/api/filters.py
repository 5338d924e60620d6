"""Filters of a list: each is one query parameter, described in the schema and applied to the query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import SimpleNamespace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters import FilterSet
from rest_framework.exceptions import ValidationError

from core.api.kinds import COUNTRY, DAY, Kind, storable

Apply = Callable[[QuerySet[Any], str, Any], QuerySet[Any]]


@dataclass(frozen=True)
class Filter:
    """A query parameter. `apply` takes the rows, the text given, and the viewer."""

    name: str
    note: str
    apply: Apply
    kind: Kind = Kind()  # noqa: RUF009  frozen

    def applied_to(self, rows: QuerySet[Any], text: str, viewer: Any) -> QuerySet[Any]:
        """`rows` narrowed. ValidationError, named by the parameter, when the text is none of its kind."""
        if not text and self.name == "search":
            return rows
        if not text:
            raise ValidationError({self.name: [_("Is empty.")]})
        try:
            return self.apply(rows, self.kind.cell(text), viewer)
        except ValidationError as error:
            raise ValidationError({self.name: error.detail}) from error


def day_of(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def by_code(name: str, note: str, *paths: str) -> Filter:
    """Rows where one of `paths` equals the text."""
    return Filter(name, note, lambda rows, text, viewer: rows.filter(any_of(paths, text)))


def any_of(paths: Iterable[str], value: Any, lookup: str = "") -> Q:
    return reduce(or_, (Q(**{f"{path}{lookup}": value}) for path in paths))


def account(*paths: str) -> Filter:
    return by_code("account", "Code of an account.", *paths)


def country(*paths: str) -> Filter:
    return Filter(
        "country",
        "Country (ISO 3166-1 alpha-2).",
        lambda rows, text, viewer: rows.filter(any_of(paths, text)),
        COUNTRY,
    )


def org_unit(*units: str) -> Filter:
    """Rows of a unit named `ACCOUNT/UNIT`, `units` being the paths of org units. Codes may hold slashes themselves."""

    def apply(rows: QuerySet[Any], text: str, viewer: Any) -> QuerySet[Any]:
        places = [at for at, sign in enumerate(text) if sign == "/"]
        if not places:
            raise ValidationError(_("Must be ACCOUNT/UNIT."))
        found = Q()
        for unit in units:
            for at in places[:8]:
                found |= Q(**{_joined(unit, "account__code"): text[:at], _joined(unit, "code"): text[at + 1 :]})
        return rows.filter(found)

    return Filter("org_unit", "An org unit, as ACCOUNT/UNIT.", apply)


def _joined(path: str, field: str) -> str:
    return f"{path}__{field}" if path else field


def on(note: str, apply: Callable[[QuerySet[Any], dt.date], QuerySet[Any]]) -> Filter:
    return Filter("on", note, lambda rows, text, viewer: apply(rows, day_of(text)), DAY)


def in_force() -> Filter:
    """Dated rows that hold on a day; the queryset is a `DatedQuerySet`."""
    return on("Only what holds on this day.", lambda rows, day: rows.as_of(day))  # type: ignore[attr-defined]  # see above


def of_set(filterset: type[FilterSet], name: str, note: str, kind: Kind = Kind()) -> Filter:  # noqa: B008  frozen
    """The filter `name` of a page's filter form: the page, its export and the API then find the same rows."""

    def apply(rows: QuerySet[Any], text: str, viewer: Any) -> QuerySet[Any]:
        asked = filterset({name: text}, queryset=rows, request=SimpleNamespace(user=viewer))
        if not asked.is_valid():
            raise ValidationError([str(said) for said in asked.errors[name]])
        found: QuerySet[Any] = asked.qs
        return found

    return Filter(name, note, apply, kind)


def matching(rows: QuerySet[Any], paths: Iterable[str], text: str) -> QuerySet[Any]:
    """Rows where every word of `text` stands in one of `paths`, in any case."""
    for word in storable(text).split()[:10]:
        rows = rows.filter(any_of(paths, word, "__icontains"))
    return rows
