"""The list of quotas: its columns, on the page and in the file. It has no total: quotas are never added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import formats, marks
from core.cells import Column
from core.lists import Table
from revenue.models import QuotaScope
from workspace.quota_queries import Listed, QuotaRow, period_words

MOST_INDENTED = 3


def scope_words() -> dict[str, str]:
    """The scopes as the tabs of the list name them."""
    return {
        QuotaScope.REGION: _("Regions"),
        QuotaScope.ACCOUNT: _("Accounts"),
        QuotaScope.MEMBER: _("Members"),
        QuotaScope.PRODUCT: _("Products"),
    }


def quota_url(row: QuotaRow) -> str:
    return reverse("quotas:detail", args=[row.quota.pk])


def stated(row: QuotaRow, value: Any) -> Any:
    """A figure of what came; unknown where the reader may not be told."""
    return formats.UNKNOWN if row.found.why == "restricted" else value


def bar(row: QuotaRow) -> SafeString:
    """How much of the quota came, with a mark at what is due to date."""
    attained = row.found.attained
    if attained.attainment is None:
        return marks.unknown_html() if row.found.why == "restricted" else marks.absent_html()
    width = min(max(float(attained.attainment), 0.0), 1.0) * 100
    due = float(Fraction(attained.due, attained.target)) * 100
    words = _("%(came)s attained, %(due)s due to date") % {
        "came": formats.percent(attained.attainment, decimals=0),
        "due": formats.percent(Fraction(attained.due, attained.target), decimals=0),
    }
    return format_html(
        '<svg class="quota-bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{}"><title>{}</title>'
        '<rect class="track" y="3" width="100" height="6"/><rect class="filled" y="3" width="{}" height="6"/>'
        '<rect class="due" x="{}" width="1" height="12"/></svg>',
        words,
        words,
        f"{width:.2f}",
        f"{min(due, 99):.2f}",
    )


def coverage_words(row: QuotaRow) -> Any:
    """Open pipeline in times of what is left; met where nothing is."""
    attained = row.found.attained
    if attained.is_met:
        return _("met")
    return None if attained.coverage is None else f"{formats.number(attained.coverage, decimals=1)} ×"


def _ratio(row: QuotaRow) -> Any:
    below = row.below
    if below is None or below.ratio is None:
        return formats.UNKNOWN if below and below.unpriced else None
    return below.ratio


def quota_columns() -> tuple[Column, ...]:
    return (
        Column(name="name", label=_("Name"), value=lambda r: r.found.bearer.name, href=quota_url, heads_row=True),
        Column(name="code", label=_("Code"), value=lambda r: r.quota.scope_code, kind="code", shown=False),
        Column(name="measure", label=_("Measure"), value=lambda r: r.quota.get_measure_display()),
        Column(name="period", label=_("Period"), value=lambda r: period_words(r.found.period), html=_period),
        Column(
            name="quota", label=_("Quota"), value=lambda r: r.found.target, currency=lambda r: r.found.currency, kind="money"
        ),
        Column(
            name="actual", label=_("Attained"), value=lambda r: stated(r, r.found.actual),
            currency=lambda r: r.found.currency, kind="money", html=_actual,
        ),
        Column(name="bar", label=_("Progress"), value=lambda _row: "", html=bar),
        Column(
            name="attainment", label=_("Attainment"), value=lambda r: stated(r, r.found.attained.attainment),
            kind="percent", decimals=1,
        ),
        Column(name="pace", label=_("Pace"), value=lambda r: stated(r, r.found.attained.pace), kind="percent", decimals=1),
        Column(
            name="due", label=_("Due to date"), value=lambda r: r.found.due, currency=lambda r: r.found.currency,
            kind="money", shown=False,
        ),
        Column(
            name="open", label=_("Open pipeline"), value=lambda r: stated(r, r.found.open),
            currency=lambda r: r.found.currency, kind="money", shown=False,
        ),
        Column(
            name="coverage", label=pgettext("of a quota", "Coverage"), value=lambda r: stated(r, coverage_words(r)), kind="number",
            html=_coverage,
        ),
        Column(name="given", label=_("Given below"), value=_ratio, kind="percent", decimals=0),
    )  # fmt: skip


def _period(row: QuotaRow) -> SafeString:
    partial = marks.tag_html(_("partial")) if row.found.is_partial else ""
    return format_html('<span class="keep">{} {}</span>', period_words(row.found.period), partial)


def _coverage(row: QuotaRow) -> SafeString:
    said = stated(row, coverage_words(row))
    if isinstance(said, formats.Unknown):
        return marks.unknown_html()
    return format_html("<bdi>{}</bdi>", said) if said else marks.absent_html()


def _actual(row: QuotaRow) -> SafeString:
    """In the currency of the quota beside it; what has no rate is counted below."""
    drawn = marks.amount_html(stated(row, row.found.actual))
    if row.found.unpriced.facts:
        words = _("%(n)s unpriced") % {"n": formats.number(row.found.unpriced.facts)}
        return format_html('{} <small class="soft quota-unpriced">{}</small>', drawn, words)
    return drawn


def quota_table(found: Listed) -> Table:
    def attributes(row: QuotaRow) -> dict[str, str]:
        return {"class": f"deeper-{min(row.found.bearer.depth, MOST_INDENTED)}"} if row.found.bearer.depth else {}

    shown = tuple(column for column in quota_columns() if column.shown)
    return Table(shown, found.rows, caption=_("Quotas"), row_attributes=attributes)


@dataclass(frozen=True)
class Rows:
    """The quotas as the rows of a file."""

    found: Listed

    def iterator(self, *, chunk_size: int) -> Iterator[QuotaRow]:
        return iter(self.found.rows)
