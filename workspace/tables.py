"""The tables of the leading pages: which columns, and how a figure stands in a cell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.lists import Table
from core.marks import absent_html
from core.templatetags.figures import change, share_bar
from workspace.dashboard import Amount, Comparison, Dashboard, PartRow
from workspace.lenses import PageLens


def whole_html(amount: Amount | None) -> SafeString:
    """Money in whole units, the full figure on hover and for screen readers; native sums one below the other."""
    if amount is None or amount == {}:
        return absent_html()
    if isinstance(amount, dict):
        lines = ((exact_html(value), code) for code, value in sorted(amount.items(), key=lambda item: -item[1]))
        return format_html_join(SafeString("<br>"), '{} <span class="soft">{}</span>', lines)
    return exact_html(amount)


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
    return format_html('<span title="{}">{}</span>', _("%(before)s last year") % {"before": before}, change(compared.now, compared.before))


def _name_html(row: PartRow) -> SafeString:
    name = format_html('<a href="{}" id="to-{}-{}"><bdi>{}</bdi></a>', row.url, row.kind, row.code, row.name) if row.url else row.name
    if row.amounts is None:
        return format_html('{} <span class="soft small">{}</span>', name, _("last year only"))
    if not row.unpriced:
        return format_html("{}", name)
    words = _("%(count)s unpriced") % {"count": row.unpriced}
    return format_html('{} <a class="tag tag-gap" href="#unpriced">{}</a>', name, words)


def _share_html(row: PartRow) -> SafeString:
    if row.share is None:
        return absent_html()
    return format_html(
        '<span class="bar-cell">{}<bdi class="num">{}</bdi></span>', share_bar(row.share, 1), formats.percent(row.share)
    )


def _money(name: str, label: str) -> Column:
    def value(row: PartRow) -> Any:
        return row.amounts.get(name) if row.amounts else None

    return Column(name=name, label=label, value=value, kind="amount", html=lambda row: whole_html(value(row)))


def figure_columns(lens: PageLens, *, head: str, with_pipeline: bool) -> tuple[Column, ...]:
    """Name, revenue, growth on last year, share and open pipeline; with the weighted pipeline and what was won if asked."""
    unit = "" if lens.is_native else f", {lens.currency}"
    columns = [
        Column(name="name", label=head, value="name", html=_name_html, heads_row=True),
        _money("revenue", _("Revenue") + unit),
    ]
    if not lens.is_native:
        columns += [
            Column(name="change", label=_("On last year"), value="compared.now", kind="number", html=lambda r: change_html(r.compared)),
            Column(name="share", label=_("Share"), value="share", kind="percent", html=_share_html),
        ]
    columns.append(_money("pipeline_open", _("Open pipeline")))
    if with_pipeline:
        columns += [_money("pipeline_weighted", _("Weighted")), _money("won", _("Won"))]
    return tuple(columns)


def parts(page: Dashboard) -> Table:
    """The regions and countries below; pointing at a row lights its countries on the map."""
    return Table(
        columns=figure_columns(page.lens, head=_("Region or country"), with_pipeline=False),
        source=page.rows,
        caption=_("Regions and countries"),
        row_attributes=lambda row: {"data-country": row.code},
        empty_text=_("No region, country or fact stands below here in this period."),
    )


def accounts(page: Dashboard, *, caption: str) -> Table:
    return Table(
        columns=figure_columns(page.lens, head=_("Account"), with_pipeline=True),
        source=page.accounts,
        caption=caption,
        empty_text=_("No account has a figure here in this period."),
    )
