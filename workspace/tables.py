"""The tables of the leading pages: which columns, and how a figure stands in a cell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats
from core.cells import Column
from core.lists import Table
from core.marks import absent_html
from core.templatetags.figures import change, share_bar
from workspace import proof_links
from workspace.dashboard import Amount, Comparison, Customers, Dashboard, PartRow
from workspace.lenses import PageLens

#: How many native sums stand in one cell.
_SHOWN = 2


def whole_html(amount: Amount | None) -> SafeString:
    """Money in whole units, the full figure on hover and for screen readers."""
    if amount is None or amount == {}:
        return absent_html()
    return _native_html(amount) if isinstance(amount, dict) else exact_html(amount)


def _native_html(amounts: dict[str, Decimal]) -> SafeString:
    """The largest single sums; how many more there are, with all of them on hover. Never added up."""
    ordered = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    lines = ((exact_html(value), code) for code, value in ordered[:_SHOWN])
    shown = format_html_join(SafeString("<br>"), '{} <span class="soft">{}</span>', lines)
    if len(ordered) <= _SHOWN:
        return shown
    every = " · ".join(f"{formats.number(value)} {code}" for code, value in sorted(amounts.items()))
    more = ngettext("and %(n)d more", "and %(n)d more", len(ordered) - _SHOWN) % {"n": len(ordered) - _SHOWN}
    return format_html('{}<br><span class="soft" title="{}">{}</span>', shown, every, more)


def exact_html(amount: Decimal) -> SafeString:
    full = formats.number(amount)
    return format_html(
        '<span title="{0}"><bdi class="num" aria-hidden="true">{1}</bdi><span class="visually-hidden">{0}</span></span>',
        full,
        formats.number(amount, decimals=0),
    )


def change_html(compared: Comparison) -> SafeString:
    """Growth on the same part of last year, whose figure is on hover; what is new says so."""
    if compared.now is None or compared.before is None:
        return absent_html()
    before = formats.number(compared.before)
    if not compared.before:
        return format_html('<span class="soft">{}</span>', _("new")) if compared.now else absent_html()
    return format_html(
        '<span title="{}">{}</span>',
        _("%(before)s last year") % {"before": before},
        change(compared.now, compared.before),
    )


# The triangle of a gap: money is there, and nobody knows how much of this currency it is.
_UNPRICED = (
    '<span class="part-name"><span>{0}</span><a class="unpriced-mark" href="#unpriced" title="{1}">'
    '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M6 .8 11.6 11H.4z"/></svg>'
    '<span aria-hidden="true">{2}</span><span class="visually-hidden">{1}</span></a></span>'
)


def _name_html(row: PartRow) -> SafeString:
    name = (
        format_html('<a href="{}" id="to-{}-{}"><bdi>{}</bdi></a>', row.url, row.kind, row.code, row.name)
        if row.url
        else row.name
    )
    if row.amounts is None:
        return format_html('{} <span class="soft small">{}</span>', name, _("last year only"))
    if not row.unpriced:
        return format_html("{}", name)
    words = ngettext("%(n)d fact unpriced", "%(n)d facts unpriced", row.unpriced) % {"n": row.unpriced}
    return format_html(_UNPRICED, name, words, row.unpriced)


def _share_html(row: PartRow) -> SafeString:
    if row.share is None:
        return absent_html()
    return format_html(
        '<span class="bar-cell">{}<bdi class="num">{}</bdi></span>', share_bar(row.share, 1), formats.percent(row.share)
    )


def _change_html(row: PartRow) -> SafeString:
    if row.amounts is None and row.compared.before:
        before = formats.short(row.compared.before)
        return format_html(
            '<span class="soft" title="{}">{}</span>',
            formats.number(row.compared.before),
            _("was %(before)s") % {"before": before},
        )
    return change_html(row.compared)


def _money(lens: PageLens, name: str, label: str) -> Column:
    def value(row: PartRow) -> Any:
        return row.amounts.get(name) if row.amounts else None

    def html(row: PartRow) -> SafeString:
        drawn = whole_html(value(row))
        return proof_links.link(drawn, lens, name, row.proof) if row.proof and value(row) else drawn

    return Column(name=name, label=label, value=value, kind="amount", html=html)


def figure_columns(
    lens: PageLens, *, head: str, with_pipeline: bool = False, with_won: bool = False
) -> tuple[Column, ...]:
    """Name, revenue, growth on last year, share and open pipeline; the weighted pipeline and what was won where asked."""
    unit = "" if lens.is_native else f", {lens.currency}"
    columns = [
        Column(name="name", label=head, value="name", html=_name_html, heads_row=True),
    ]
    if not lens.is_overlay:
        columns.append(_money(lens, "revenue", _("Revenue") + unit))
    if not (lens.is_native or lens.is_overlay):
        columns += [
            Column(name="change", label=_("On last year"), value="compared.now", kind="number", html=_change_html),
            Column(name="share", label=_("Share"), value="share", kind="percent", html=_share_html),
        ]
    columns.append(_money(lens, "pipeline_open", _("Open pipeline") + (unit if lens.is_overlay else "")))
    if with_pipeline:
        columns.append(_money(lens, "pipeline_weighted", _("Weighted")))
    if with_won:
        columns.append(_money(lens, "won", _("Won")))
    return tuple(columns)


def currencies(page: Dashboard) -> Table:
    """Under native currencies: each currency's own sums of every measure."""
    measures = (
        ("revenue", _("Revenue")),
        ("pipeline_open", _("Open pipeline")),
        ("won", _("Won")),
        ("lost", _("Lost")),
    )
    found: dict[str, dict[str, Decimal]] = {name: getattr(page.measures, name) or {} for name, _label in measures}
    codes = sorted({code for amounts in found.values() for code in amounts})

    def column(name: str, label: str) -> Column:
        def html(code: str) -> SafeString:
            drawn = whole_html(found[name].get(code))
            return proof_links.link(drawn, page.lens, name, proof_of(page)) if found[name].get(code) else drawn

        return Column(name=name, label=label, value=found[name].get, kind="amount", html=html)

    return Table(
        columns=(
            Column(name="code", label=_("Currency"), value=str, kind="code", heads_row=True),
            *(column(name, label) for name, label in measures),
        ),
        source=codes,
        caption=_("By currency"),
    )


def parts(page: Dashboard) -> Table:
    """The regions and countries below; pointing at a row lights its countries on the map."""
    return Table(
        columns=figure_columns(page.lens, head=_("Region or country")),
        source=page.rows,
        caption=_("Regions and countries"),
        row_attributes=lambda row: {"data-country": row.code},
        empty_text=_("No region, country or fact stands below here in this period."),
    )


def proof_of(page: Dashboard | Customers) -> dict[str, str]:
    """The node of a page, as the address of a proof names it."""
    return {"region": page.code, "child": page.country}


def accounts(found: Customers, *, caption: str) -> Table:
    return Table(
        columns=figure_columns(found.lens, head=_("Account"), with_pipeline=bool(found.country), with_won=True),
        source=[replace(row, proof={**proof_of(found), "account": row.code}) for row in found.rows],
        caption=caption,
        empty_text=_("No account has a figure here in this period."),
    )
