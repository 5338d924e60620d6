"""The columns of a list or table: one description that the page, the fragment and the export read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats
from core.marks import absent_html, amount_html, day_html, instant_html, state_html, tag_html, unknown_html

Kind = Literal[
    "text", "number", "amount", "money", "percent", "date", "month", "instant", "country", "state", "tag", "code"
]
Text = str | Promise
RIGHT_SET = {"number", "amount", "money", "percent"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    `value` is a dotted path on the row or a function of it. `currency` (for `money`) likewise; an `amount` has its
    currency in the head. `percent` takes a share from 0 to 1. `sort` is what the database orders by, and without it the
    column can't be sorted. `href` makes the cell a link. `html` replaces the cell's drawing, not its export.
    `shown` is whether the reader sees the column before choosing columns.
    """

    name: str
    label: Text
    value: str | Callable[[Any], Any]
    kind: Kind = "text"
    sort: str | Combinable | None = None
    currency: str | Callable[[Any], Any] = ""
    decimals: int | None = None
    href: Callable[[Any], str | None] | None = None
    html: Callable[[Any], str] | None = None
    shown: bool = True
    heads_row: bool = False

    @property
    def css(self) -> str:
        """`n` sets figures to the right; dates and codes do not wrap."""
        if self.kind in RIGHT_SET:
            return "n"
        return "keep" if self.kind in {"date", "month", "instant", "code", "country", "state", "tag"} else ""

    def value_of(self, row: Any) -> Any:
        return _read(row, self.value)

    def currency_of(self, row: Any) -> str:
        return str(_read(row, self.currency) or "") if self.currency else ""

    def cell(self, row: Any) -> SafeString | str:
        """The cell as the page shows it."""
        if self.html is not None:
            return self.html(row)
        value = self.value_of(row)
        shown = _drawn(self, value, self.currency_of(row))
        target = self.href(row) if self.href is not None and value not in (None, "") else None
        return format_html('<a href="{}">{}</a>', target, shown) if target else shown

    def exported(self, row: Any) -> str:
        """The cell as a file holds it: ISO dates, a decimal point, nothing rounded; unknown is left empty."""
        return _plain(self.value_of(row), guarded=self.kind in {"text", "tag", "code", "country", "state"})


def stored(name: str) -> Callable[[Any], Any]:
    """The field `name` as the row holds it: a country's code without the object that is made of it at every look."""
    return lambda row: row.__dict__[name]


def _read(row: Any, source: str | Callable[[Any], Any]) -> Any:
    if callable(source):
        return source(row)
    for part in source.split("."):
        if row is None:
            return None
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
    return row


def _drawn(column: Column, value: Any, currency: str) -> SafeString | str:
    if isinstance(value, formats.Unknown):
        return unknown_html(value)
    if value is None or value == "":
        return absent_html()
    draw = _DRAWINGS.get(column.kind)
    return draw(column, value, currency) if draw else format_html("<bdi>{}</bdi>", value)


_DRAWINGS: dict[str, Callable[[Column, Any, str], SafeString]] = {
    "number": lambda column, value, _: format_html("<bdi>{}</bdi>", formats.number(value, decimals=column.decimals)),
    "amount": lambda column, value, _: amount_html(value, decimals=column.decimals),
    "money": lambda column, value, currency: amount_html(value, currency, decimals=column.decimals),
    "percent": lambda column, value, _: format_html(
        "<bdi>{}</bdi>", formats.percent(value, decimals=column.decimals or 0)
    ),
    "date": lambda _, value, __: day_html(value),
    "month": lambda _, value, __: format_html("<bdi>{}</bdi>", formats.month(value)),
    "instant": lambda _, value, __: instant_html(value),
    "country": lambda _, value, __: format_html("<bdi>{}</bdi>", formats.country(str(value))),
    "state": lambda _, value, __: state_html(str(value)),
    "tag": lambda _, value, __: tag_html(str(value)),
    "code": lambda _, value, __: format_html('<bdi class="code">{}</bdi>', value),
}


def _plain(value: Any, *, guarded: bool) -> str:
    if value is None or isinstance(value, formats.Unknown):
        return ""
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    text = str(value)
    # A spreadsheet would run a text that starts like a formula.
    return f"'{text}" if guarded and text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
