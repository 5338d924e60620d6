"""The forecast beside a quota: what is won and committed, of the months that the quota is for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.http import Http404
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks, months
from money.queries import fiscal_start_month, reporting_currencies
from revenue.models import QuotaMeasure, QuotaScope
from rollups.forecast_categories import QUARTER, ForecastPeriod, month_period, quarter_at
from rollups.lens import parse_lens
from users.models import User
from workspace import forecasting
from workspace.forecast_lens import words_of
from workspace.forecast_screens import Tile, address, cells
from workspace.quota_queries import QuotaRow, period_words

_KINDS = {QuotaScope.REGION: "region", QuotaScope.MEMBER: "member"}


def forecast_tile(*, viewer: User, scope: str, code: str, rows: Sequence[QuotaRow]) -> Tile | None:
    """The forecast of a region or of a member's line against the quota of won deals among `rows`; without one, of the quarter
    under way. None where such a scope has no forecast, or the viewer may not know it."""
    if scope not in _KINDS or not code:
        return None
    kind, row = _KINDS[QuotaScope(scope)], _quota_of(rows)
    currency = row.found.currency if row else reporting_currencies()[0]
    lens = parse_lens({"currency": currency})
    period = _period(row) if row else quarter_at(months.month_of(lens.as_of), fiscal_start_month())
    try:
        figure = forecasting.figure(viewer=viewer, kind=kind, code=code, lens=lens, period=period)
    except Http404:
        return None
    amount = cells(figure.amounts, figure.standings, figure.exponent)["forecast"].forecast
    assert isinstance(amount, Decimal), "the lens has one currency"
    # What is a part of the forecast would say nothing of the whole quota.
    is_compared = row is not None and not figure.restricted and row.found.target > 0
    link = f"{address(kind, code)}?of={period.code}" if _is_offered(period) else address(kind, code)
    note = _compared(row, amount) if row and is_compared else _closed_and_commit(period)
    return Tile(
        _("Forecast against quota") if is_compared else _("Forecast"),
        marks.short_amount_html(amount, currency),
        note,
        link,
    )


def _quota_of(rows: Sequence[QuotaRow]) -> QuotaRow | None:
    """The quota of won deals of whole months, in a currency that figures are reported in."""
    known = reporting_currencies()
    return next(
        (
            row
            for row in rows
            if row.quota.measure == QuotaMeasure.WON and row.found.period.is_whole and row.found.currency in known
        ),
        None,
    )


def _period(row: QuotaRow) -> ForecastPeriod:
    """The quota's months; a quarter or a month has its own code, and with it its adjustments."""
    first, last = row.found.period.months[0], row.found.period.months[-1]
    quarter = quarter_at(first, fiscal_start_month())
    if (quarter.first, quarter.last) == (first, last):
        return quarter
    return month_period(first) if first == last else ForecastPeriod(first, last, months.label(first))


def _is_offered(period: ForecastPeriod) -> bool:
    return period.last - period.first in (0, QUARTER - 1)


def _compared(row: QuotaRow, amount: Decimal) -> SafeString:
    share = formats.percent(amount / row.found.target, decimals=0)
    words = _("%(share)s of the quota of %(period)s") % {"share": share, "period": period_words(row.found.period)}
    return format_html("{}", words)


def _closed_and_commit(period: ForecastPeriod) -> SafeString:
    return format_html("{} · {}", words_of(period), _("closed and commit"))
