"""The forecast's page of a node: tiles, the table of its parts, adjustments, and the lines under a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats, marks
from core.cells import Column
from core.lists import Table
from money.conversion import from_minor
from rollups.figures import Money
from rollups.forecast_categories import ADJUSTABLE, COUNTED, KEYS, category_words
from rollups.forecast_figures import Adjustment, Amounts, ForecastFigure, ForecastPart
from rollups.forecast_listing import ForecastLineRow, ForecastLines
from rollups.forecast_standing import Source, Standing
from workspace import tables
from workspace.forecast_lens import AskedForecast

Address = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A figure of the table: what the forecast is, and what is computed where that is another amount."""

    forecast: Money
    computed: Money
    source: Source = "computed"

    @property
    def is_adjusted(self) -> bool:
        return self.source != "computed"


@dataclass(frozen=True)
class Row:
    name: str
    url: str
    cells: Mapping[str, Cell]
    deals: int
    unpriced: str


def address(kind: str, code: str, what: str = "") -> str:
    """Where a node's page is, or that of something about it (`flow`, `accuracy`, `adjust` …)."""
    name = f"{kind}_{what}" if what else kind
    return reverse(f"forecast:{name}", args=[code]) if code else reverse(f"forecast:every_{name}")


def cells(amounts: Amounts, standings: Mapping[str, Standing], exponent: int | None) -> dict[str, Cell]:
    """Every category's cell, and that of the forecast: closed and commit."""
    found = {}
    for category in KEYS:
        computed, one = amounts.money[category], standings.get(category)
        if one is None or exponent is None:
            found[category] = Cell(computed, computed)
        else:
            found[category] = Cell(from_minor(one.forecast, exponent), computed, one.source)
    total = amounts.forecast
    if isinstance(total, Decimal):
        parts = [found[category].forecast for category in COUNTED]
        total = sum((part for part in parts if isinstance(part, Decimal)), Decimal(0)).quantize(total)
    return {"forecast": Cell(total, amounts.forecast, found["commit"].source), **found}


def page(figure: ForecastFigure, asked: AskedForecast, kind: str) -> dict[str, Any]:
    """Tiles, the table of parts and the unpriced, of a figure."""
    whole = cells(figure.amounts, figure.standings, figure.exponent)
    return {
        "tiles": _tiles(figure, whole, address(kind, figure.scope.code), asked),
        "table": _table(figure, whole, asked, kind),
        "is_empty": not any(figure.amounts.deals.values()) and not figure.adjustments,
        "unpriced": [
            (words, figure.amounts.unpriced[category])
            for category, words in category_words().items()
            if category in figure.amounts.unpriced and figure.amounts.unpriced[category].facts
        ],
        "source_words": source_words(whole["forecast"].source),
    }


def source_words(source: str) -> str:
    return {
        "computed": _("computed from the deals"),
        "below": _("with adjustments below"),
        "here": _("adjusted here"),
    }[source]


@dataclass(frozen=True)
class Tile:
    label: str
    figure: Any
    note: Any
    url: str


def _tiles(figure: ForecastFigure, whole: Mapping[str, Cell], url: str, asked: AskedForecast) -> list[Tile]:
    words = category_words()
    found = [
        Tile(_("Forecast"), _short(whole["forecast"].forecast, asked), _tile_note(whole["forecast"], asked, None), "")
    ]
    for category in KEYS:
        note = _tile_note(whole[category], asked, figure.amounts.deals[category])
        link = f"{url}?{asked.query}&category={category}#lines"
        found.append(Tile(words[category], _short(whole[category].forecast, asked), note, link))
    return found


def _short(amount: Money, asked: AskedForecast) -> SafeString:
    if isinstance(amount, Decimal):
        return marks.short_amount_html(amount, asked.lens.currency)
    n = len(amount)
    return format_html("{}", ngettext("%(n)d currency", "%(n)d currencies", n) % {"n": n})


def _tile_note(cell: Cell, asked: AskedForecast, deals: int | None) -> SafeString | str:
    counted = "" if deals is None else ngettext("%(n)s deal", "%(n)s deals", deals) % {"n": formats.number(deals)}
    if not cell.is_adjusted:
        return counted or _("closed and commit")
    computed = format_html("{} {}", _("computed"), marks.short_amount_html(cell.computed))  # type: ignore[arg-type]  # one currency
    return format_html("{} · {}", computed, source_words(cell.source))


def _table(figure: ForecastFigure, whole: Mapping[str, Cell], asked: AskedForecast, kind: str) -> Table:
    rows = [_row(part, figure, asked, kind) for part in figure.parts]
    unit = "" if asked.lens.is_native else f", {asked.lens.currency}"
    words = {"forecast": _("Forecast") + unit, **category_words()}
    head = _("Region or country") if kind == "region" else _("Member")
    return Table(
        columns=(
            Column(name="name", label=head, value="name", html=_name_html, heads_row=True),
            *(_column(name, label) for name, label in words.items()),
            Column(name="deals", label=_("Deals"), value="deals", kind="number"),
        ),
        source=rows,
        caption=_("Forecast by region and country") if kind == "region" else _("Forecast by member"),
        foot=Row(
            figure.scope.name, "", whole, sum(figure.amounts.deals.values()), _unpriced_words(figure.amounts, kind)
        ),
        empty_text=_("No deal that you may see closes here in this period."),
    )


def _row(part: ForecastPart, figure: ForecastFigure, asked: AskedForecast, kind: str) -> Row:
    names = {"own": _("%(name)s, own deals") % {"name": part.name}}
    url = f"{address(kind, part.code)}?{asked.query}" if part.type in ("region", "member") else ""
    return Row(
        names.get(part.type, part.name),
        url,
        cells(part.amounts, part.standings, figure.exponent),
        sum(part.amounts.deals.values()),
        _unpriced_words(part.amounts, kind),
    )


def _name_html(row: Row) -> SafeString:
    name = (
        format_html('<a href="{}"><bdi>{}</bdi></a>', row.url, row.name)
        if row.url
        else format_html("<bdi>{}</bdi>", row.name)
    )
    if not row.unpriced:
        return name
    return format_html('{} <a class="tag tag-gap" href="#unpriced">{}</a>', name, row.unpriced)


def _unpriced_words(amounts: Amounts, kind: str) -> str:
    """What has no rate; among members every share counts."""
    n = amounts.unpriced_facts
    if not n:
        return ""
    if kind == "member":
        return ngettext("%(n)d share unpriced", "%(n)d shares unpriced", n) % {"n": n}
    return ngettext("%(n)d line unpriced", "%(n)d lines unpriced", n) % {"n": n}


def _column(name: str, label: str) -> Column:
    def drawn(row: Row) -> SafeString:
        cell = row.cells[name]
        shown = tables.whole_html(cell.forecast)
        if not cell.is_adjusted or not isinstance(cell.computed, Decimal):
            return shown
        computed = formats.number(cell.computed, decimals=0)
        return format_html(
            '{}<small class="was" title="{}">{} <bdi>{}</bdi></small>',
            shown,
            formats.number(cell.computed),
            _("computed"),
            computed,
        )

    return Column(name=name, label=label, value=lambda row: row.cells[name].forecast, kind="amount", html=drawn)


def adjustments(figure: ForecastFigure) -> list[tuple[str, Adjustment]]:
    """Those of the node itself, by category, in words."""
    words = category_words()
    return [
        (words[one.category], one) for category in ADJUSTABLE for one in figure.adjustments if one.category == category
    ]


def lines(found: ForecastLines, category: str, asked: AskedForecast, *, has_members: bool) -> dict[str, Any]:
    """The lines under a figure, with the way to further ones."""
    unit = "" if asked.lens.is_native else f", {asked.lens.currency}"
    columns = [
        Column(name="name", label=_("Opportunity"), value="name", heads_row=True, href=_deal),
        Column(name="account", label=_("Account"), value="account_name"),
        Column(name="country", label=_("Country"), value="country", kind="country"),
        Column(name="stage", label=_("Stage"), value="stage"),
        Column(name="closes", label=_("Closes"), value="close_date", kind="date"),
        Column(name="native", label=_("Amount"), value="native", kind="money", currency="currency"),
        Column(name="amount", label=_("In the forecast") + unit, value=_amount, kind="amount"),
    ]
    if has_members:
        columns.insert(1, Column(name="member", label=_("Member"), value="member"))
    return {
        "lines_title": category_words()[category],
        "lines": Table(columns=tuple(columns), source=found.rows, caption=_("Deals in the forecast")),
        "lines_after": f"?{asked.query}&category={category}&after={found.after}#lines" if found.after else "",
    }


def _deal(row: ForecastLineRow) -> str:
    return reverse("pipeline:detail", args=[row.deal])


def _amount(row: ForecastLineRow) -> Any:
    return formats.UNKNOWN if row.amount is None else row.amount
