"""What the templates of a quota read: its tiles in words, the picture of its months, the ways to its proof."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks, months
from core.charts import Chart, Series
from revenue.models import QuotaMeasure, QuotaScope
from rollups.quota_figures import Attainment, period_of
from workspace import lenses, proof_links, queries
from workspace.lenses import NATIVE, PageLens
from workspace.quota_lists import coverage_words, quota_url, stated
from workspace.quota_queries import QuotaPage, QuotaRow, period_words

_PROVED = {
    QuotaScope.REGION: "region",
    QuotaScope.ACCOUNT: "account",
    QuotaScope.MEMBER: "member",
}


def page(page: QuotaPage) -> dict[str, Any]:
    """The context of a quota's page."""
    found = page.found
    lens = proof_lens(found)
    return {
        "page": page,
        "found": found,
        "quota": found.quota,
        "actual": _actual(found, lens),
        "pace": pace_words(page.row),
        "coverage": stated(page.row, coverage_words(page.row)),
        "chart": None if found.why else _chart(found),
        "months": _months(found, lens),
        "overlay_share": page.overlay.attained.attainment if page.overlay else None,
        "below": _below(page),
        "others": [(one, period_words(period_of(one))) for one in page.others],
        "period": period_words(found.period),
        "measure_words": found.quota.get_measure_display(),
        "proves_native": lens is not None and lens.is_native,
    }


def proof_lens(found: Attainment) -> PageLens | None:
    """The lens under which the facts are proved: in the quota's currency where figures are reported in it, else each in its
    own. None where a proof has no such ground: of a product, of a part of a month."""
    if found.quota.scope not in _PROVED or not found.period.is_whole or found.why:
        return None
    frame = queries.frame()
    asked = {
        "currency": found.currency if found.currency in frame.currencies else NATIVE,
        "rates": lenses.SPOT,
        "tree": lenses.THEN,
        "revenue_kind": "recognised",
        "book": lenses.PRIME,
        "from": months.label(found.period.months[0]),
        "to": months.label(found.period.months[-1]),
    }
    lens = lenses.chosen(asked, {}, frame)
    return None if lens.refused else lens


def _proof(drawn: Any, found: Attainment, lens: PageLens | None, **more: str) -> Any:
    if lens is None:
        return drawn
    scope = QuotaScope(found.quota.scope)
    place = {"of": _PROVED[scope], _PROVED[scope]: found.quota.scope_code, **more}
    measure = "revenue" if found.quota.measure == QuotaMeasure.REVENUE else "won"
    return proof_links.link(drawn, lens, measure, place)


def _actual(found: Attainment, lens: PageLens | None) -> Any:
    if found.actual is None:
        return marks.unknown_html() if found.why == "restricted" else marks.absent_html()
    return _proof(marks.short_amount_html(found.actual, found.currency), found, lens)


def _months(found: Attainment, lens: PageLens | None) -> list[dict[str, Any]]:
    rows = []
    current = months.month_of(found.on)
    for month, target, actual in found.months:
        is_ahead = month.month > current and not actual
        drawn: Any = marks.amount_html(formats.UNKNOWN if found.why == "restricted" else None if is_ahead else actual)
        if actual:
            drawn = _proof(drawn, found, lens, month=months.label(month.month))
        rows.append(
            {
                "day": months.first_day(month.month),
                "target": target,
                "actual": drawn,
                "days": month.days,
                "passed": month.passed,
            }
        )
    return rows


def _chart(found: Attainment) -> Chart:
    """What came by month beside the spread; months that have not begun have nothing yet."""
    current = months.month_of(found.on)
    rows = found.months
    return Chart(
        id="quota-trend",
        kind="trend",
        title=_("Does it come as it was spread?"),
        labels=[formats.month(months.first_day(month.month)) for month, _target, _actual in rows],
        series=[
            Series(_("Attained"), [actual if month.month <= current else None for month, _target, actual in rows]),
            Series(_("Spread by working days"), [target for _month, target, _actual in rows]),
        ],
        unit=found.currency,
        head=_("Month"),
    )


def pace_words(row: QuotaRow) -> SafeString | str:
    """Pace in percent with a word: what came to date beside what is due by working days."""
    found = row.found
    if found.why == "restricted":
        return marks.unknown_html()
    pace = found.attained.pace
    if pace is None:
        return marks.absent_html()
    return format_html('<bdi class="num">{}</bdi>', formats.percent(pace, decimals=0))


def _below(page: QuotaPage) -> dict[str, Any] | None:
    below, found = page.row.below, page.found
    if below is None:
        return None
    parts = [
        {
            "name": part.bearer.name,
            "amount": found.money(part.minor) if part.minor is not None else formats.UNKNOWN,
            "share": None if part.minor is None or not below.target else part.minor / below.target,
            "is_whole": part.is_whole,
            "pk": page.children[part.bearer.code].pk if part.bearer.code in page.children else None,
        }
        for part in below.parts
    ]
    return {
        "parts": parts,
        "given": found.money(below.given),
        "ratio": below.ratio,
        "without": [one.name for one in below.without],
        "unpriced": below.unpriced,
        "rate_on": below.rate_on,
    }


def tile(row: QuotaRow) -> dict[str, Any]:
    """A quota as a tile: attainment, beside the quota and the pace."""
    found = row.found
    titles = {QuotaMeasure.REVENUE: _("Revenue against quota"), QuotaMeasure.WON: _("Won against quota")}
    share = found.attained.attainment
    figure: Any = marks.unknown_html() if found.why == "restricted" else marks.absent_html()
    if share is not None:
        figure = format_html('<bdi class="num">{}</bdi>', formats.percent(share, decimals=0))
    note = _("of %(quota)s, %(period)s") % {
        "quota": f"{formats.short(found.target)} {found.currency}",
        "period": period_words(found.period),
    }
    if found.attained.pace is not None and found.is_partial:
        note += " · " + _("pace %(pace)s") % {"pace": formats.percent(found.attained.pace, decimals=0)}
    return {
        "label": titles[QuotaMeasure(found.quota.measure)],
        "figure": figure,
        "note": note,
        "url": quota_url(row),
        "row": row,
    }
