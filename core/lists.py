"""The one list toolkit: filters, search, sort, key-set pages, columns and export.

A list is described once by a `ListSpec`; `respond` serves the page, the fragment that htmx swaps, and the CSV file
from it, so all three hold the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.forms import BoundField, Form
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from core import cursors, exports
from core.cells import Column, Text
from core.htmx import vary_on_htmx, wants_fragment

COUNT_LIMIT = 10_000
MAX_PAGE_SIZE = 200
_PLACE = ("after", "before", "format")


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """What a list shows and how it may be narrowed.

    `name` is the id of its fragment (`list-NAME`) and of its export file. `filterset` is the django-filter class that
    the API uses too; its field `search` becomes the search box. `sort` names the column of the first order, with a
    minus for descending. `row_attributes` adds attributes to a row (`data-country`). `summary`
    says something of all matching rows, below the table.
    """

    name: str
    columns: tuple[Column, ...]
    sort: str
    filterset: type[django_filters.FilterSet] | None = None
    page_size: int = 50
    caption: Text = ""
    empty_title: Text = ""
    empty_text: Text = ""
    empty_action: tuple[str, Text] | None = None
    row_attributes: Callable[[Any], Mapping[str, str]] | None = None
    summary: Callable[[QuerySet[Any]], SafeString | str] | None = None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class HeadCell:
    """The head of a column; `direction` is ascending, descending or empty; `url` sorts by it or turns it round."""

    column: Column
    url: str
    direction: str


@dataclass(frozen=True)
class Row:
    """One row: what it shows of `source`."""

    source: Any
    cells: list[tuple[Column, SafeString | str]]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    label: str
    text: str
    url: str


@dataclass(frozen=True)
class Table:
    """A table without filters or pages, of rows at hand; the same columns, the same look."""

    columns: tuple[Column, ...]
    source: Iterable[Any]
    caption: Text = ""
    row_attributes: Callable[[Any], Mapping[str, str]] | None = None
    empty_text: Text = ""
    foot: Any = None

    @cached_property
    def rows(self) -> list[Row]:
        return [drawn_row(self.columns, row, self.row_attributes) for row in self.source]

    @property
    def foot_row(self) -> Row | None:
        return None if self.foot is None else drawn_row(self.columns, self.foot, None)


def drawn_row(columns: Iterable[Column], row: Any, attributes: Callable[[Any], Mapping[str, str]] | None) -> Row:
    """`row` with its cells drawn."""
    return Row(row, [(column, column.cell(row)) for column in columns], attributes(row) if attributes else {})


class BoundList:
    """A `ListSpec` with a request's choices: what the template reads."""

    def __init__(self, request: HttpRequest, spec: ListSpec, queryset: QuerySet[Any]) -> None:
        self.spec = spec
        self.path = request.path
        self.query = request.GET
        self.filterset = spec.filterset(request.GET, queryset=queryset, request=request) if spec.filterset else None
        self._unfiltered = queryset

    @property
    def id(self) -> str:
        return f"list-{self.spec.name}"

    @cached_property
    def form(self) -> Form | None:
        return self.filterset.form if self.filterset else None

    @cached_property
    def queryset(self) -> QuerySet[Any]:
        """The rows that match. A filter that can't be read matches nothing, and the page says which."""
        if self.filterset is None:
            return self._unfiltered
        return self.filterset.qs if self.filterset.is_valid() else self._unfiltered.none()

    @property
    def search_field(self) -> BoundField | None:
        return self.form["search"] if self.form and "search" in self.form.fields else None

    @property
    def filter_fields(self) -> list[BoundField]:
        return [bound for bound in self.form or () if bound.name != "search"]

    @property
    def errors(self) -> list[tuple[str, str]]:
        form = self.form
        if form is None:
            return []
        return [
            (str(form[name].label) if name in form.fields else "", " ".join(map(str, said)))
            for name, said in form.errors.items()
        ]

    @cached_property
    def columns(self) -> list[Column]:
        """The columns the reader chose (`?columns=a,b`), else those shown from the start."""
        chosen = [name for name in ",".join(self.query.getlist("columns")).split(",") if self.spec.column(name)]
        return [c for c in self.spec.columns if (c.name in chosen if chosen else c.shown)]

    @cached_property
    def order(self) -> cursors.Order:
        column, descending = self._sorted_by
        expression = column.sort if column.sort is not None else column.name
        nullable = cursors.is_nullable(self._unfiltered.model, expression)
        return cursors.Order(F(expression) if isinstance(expression, str) else expression, descending, nullable)

    @cached_property
    def _sorted_by(self) -> tuple[Column, bool]:
        for choice in (self.query.get("sort", ""), self.spec.sort):
            column = self.spec.column(choice.lstrip("-"))
            if column is not None and column.sort is not None:
                return column, choice.startswith("-")
        raise ValueError(f"the list {self.spec.name} is sorted by {self.spec.sort}, which is not a sortable column")

    @cached_property
    def window(self) -> cursors.Window:
        size = self.query.get("size", "")
        rows = min(int(size), MAX_PAGE_SIZE) if size.isdecimal() and int(size) else self.spec.page_size
        place = {"after": self.query.get("after", ""), "before": self.query.get("before", "")}
        return cursors.window(self.queryset, self.order, size=rows, **place)

    @cached_property
    def rows(self) -> list[Row]:
        return [drawn_row(self.columns, row, self.spec.row_attributes) for row in self.window.rows]

    @cached_property
    def count(self) -> int:
        """How many rows match; counting stops one above `COUNT_LIMIT`."""
        return self.queryset.order_by().values("pk")[: COUNT_LIMIT + 1].count()

    @cached_property
    def summary(self) -> SafeString | str:
        return self.spec.summary(self.queryset) if self.spec.summary is not None else ""

    @property
    def count_is_capped(self) -> bool:
        return self.count > COUNT_LIMIT

    @property
    def count_limit(self) -> int:
        return COUNT_LIMIT

    @property
    def head(self) -> list[HeadCell]:
        current, descending = self._sorted_by
        cells = []
        for column in self.columns:
            here = column is current
            direction = ("descending" if descending else "ascending") if here else ""
            turned = f"-{column.name}" if here and not descending else column.name
            cells.append(HeadCell(column, self.url(sort=turned) if column.sort is not None else "", direction))
        return cells

    @property
    def chips(self) -> list[Chip]:
        return chips_of(self.form, self.url) if self.form is not None else []

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chips) or bool(self.errors)

    @property
    def previous_url(self) -> str:
        return self.url(before=self.window.previous) if self.window.previous else ""

    @property
    def next_url(self) -> str:
        return self.url(after=self.window.next) if self.window.next else ""

    @property
    def export_url(self) -> str:
        return self.url(format="csv")

    @property
    def clear_url(self) -> str:
        names = list(self.form.fields) if self.form else []
        return self.url(**dict.fromkeys(names))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a filter form has to carry along that is no filter: the order, the columns, the lens."""
        own = set(self.form.fields) if self.form else set()
        return [(n, v) for n, values in self.query.lists() for v in values if n not in own and n not in _PLACE]

    def url(self, **changes: str | None) -> str:
        """This list's address with `changes`; it starts at the first page unless they say another place."""
        return address(self.path, self.query, changes, without=_PLACE)


def address(path: str, query: QueryDict, changes: Mapping[str, str | None], *, without: Iterable[str] = ()) -> str:
    """`path` with what was asked (`query`), less the names in `without`, and with `changes`: None takes a name away."""
    asked = query.copy()
    for name in without:
        asked.pop(name, None)
    for name, value in changes.items():
        if value is None:
            asked.pop(name, None)
        else:
            asked[name] = value
    return f"{path}?{asked.urlencode()}" if asked else path


def respond(
    request: HttpRequest,
    spec: ListSpec,
    queryset: QuerySet[Any],
    *,
    template: str,
    context: Mapping[str, Any] | None = None,
    export_head: Iterable[str] = (),
) -> HttpResponseBase:
    """The list as a page, as the fragment that replaces it in the page, or as a file (`?format=csv`).

    `template` includes `components/list.html` with `list`. `export_head` are lines that say under which lens the file
    was made.
    """
    bound = BoundList(request, spec, queryset)
    if request.GET.get("format") == "csv":
        rows = bound.order.applied_to(bound.queryset)
        return exports.streamed_csv(bound.columns, rows, name=spec.name, head=export_head)
    if wants_fragment(request, bound.id):
        return vary_on_htmx(render(request, "components/list.html", {"list": bound, **(context or {})}))
    return vary_on_htmx(render(request, template, {"list": bound, **(context or {})}))


def chips_of(form: Form, url: Callable[..., str]) -> list[Chip]:
    """The filters of `form` in force, in words; `url(name=None)` is the address without one. None while one can't be read."""
    if not form.is_valid():
        return []
    chosen = [(bound, _in_words(bound, form.cleaned_data.get(bound.name))) for bound in form]
    return [Chip(str(bound.label), words, url(**{bound.name: None})) for bound, words in chosen if words]


def _in_words(bound: BoundField, value: Any) -> str:
    """The value of a filter as a reader says it; empty where the filter is not in force."""
    if value in (None, "", [], ()) or (hasattr(value, "exists") and not value):
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(bound.field, (ModelChoiceField, ModelMultipleChoiceField)):
        return ", ".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
    if isinstance(value, slice):
        return f"{value.start or '…'} – {value.stop or '…'}"
    names = {str(code): str(name) for code, name in _flat(getattr(bound.field, "choices", ()))}
    values = value if isinstance(value, (list, tuple)) else [value]
    return ", ".join(names.get(str(one), str(one)) for one in values)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, str | Promise]]:
    for code, name in choices:
        if isinstance(name, (list, tuple)):
            yield from name
        else:
            yield code, name
