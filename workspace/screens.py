"""What the templates of the leading pages read, beside the figures themselves: the lens in words, tables, addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_interval
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats, marks
from core.cells import Column
from core.lists import Table
from core.templatetags.figures import change
from pipeline import queries as pipeline
from rollups.figures import CheckLine, Measures, UnpricedFact
from rollups.troubles import Trouble
from users.models import User
from users.permissions import Permission
from workspace import lenses, places, tables
from workspace.dashboard import Amount, Comparison, Customers, Dashboard, Glance, Whole
from workspace.ground import UNALLOCATED
from workspace.lenses import PageLens

#: The id of the line that says how fresh the figures are, and asks whether they still are.
FRESHNESS = "freshness"


@dataclass(frozen=True)
class Head:
    """What a page says around its figures."""

    name: str
    trail: Sequence[tuple[str, str]]
    lens: PageLens
    whole: Whole
    is_empty: bool


@dataclass(frozen=True)
class Drawn:
    """A dashboard with its figures as markup: everything that changes with the facts. It holds nothing of a request, and can
    be sent to another process."""

    page: Head
    check_url: str
    figures: SafeString
    digest: str


def drawn(page: Dashboard) -> Drawn:
    """The figures of a dashboard as they stand in the page, in the language in force."""
    lens = page.lens
    words = measure_words()
    context: dict[str, Any] = {
        **_tiles(page),
        "growth": format_html(_GROWTH, SafeString(""), growth(page.compared, page.measures.revenue)),
        "parts": tables.parts(page),
        "currencies": tables.currencies(page) if lens.is_native else None,
        "customers_url": customers_url(page),
        "unpriced": [(words[name], found) for name, found in page.unpriced],
        "unpriced_url": f"{reverse('workspace:unpriced')}?{urlencode({'region': page.code, 'country': page.country})}&{lens.query}",
    }
    if page.customers:
        context["customers"] = customers(page.customers, within=context)
    figures = render_to_string("workspace/_figures.html", context)
    check_url = f"{reverse('workspace:check')}?{lens.query}"
    return Drawn(
        _head(page, is_empty=page.is_empty), check_url, figures, hashlib.sha256(figures.encode()).hexdigest()[:16]
    )


def glimpsed(page: Glance) -> Drawn:
    """The tiles alone, for a page that is open: what they say beside the figures stays until the rest comes."""
    context = {**_tiles(page), "swaps": True, "growth": format_html(_GROWTH, SafeString(" hx-preserve"), "")}
    return Drawn(_head(page, is_empty=False), "", render_to_string("workspace/_tiles.html", context), "")


#: Revenue beside that of the year before, under its tile.
_GROWTH = '<span id="growth"{}>{}</span>'


def _tiles(page: Glance) -> dict[str, Any]:
    return {
        "page": page,
        "tiles_id": "figure-tiles",
        "revenue_words": lenses.kind_words(page.lens.revenue_kind),
        "bridge_bar_url": _bridge_bar(page),
        "alignment_url": alignment_url(page),
        "quota_url": quota_tiles_url("region", page.code, page.lens) if page.kind == "region" else "",
        "pipeline_growth_url": pipeline_growth_url(page),
        "native_tiles": native_tiles(page.measures, page.lens) if page.lens.is_native else (),
    }


def _head(page: Glance, *, is_empty: bool) -> Head:
    return Head(page.name, page.trail, page.lens, replace(page.whole, children=()), is_empty)


def dashboard(request: HttpRequest, viewer: User, found: Drawn, stamp: str, trouble: Trouble | None) -> dict[str, Any]:
    """The context of a dashboard. `has_news` says whether the figures differ from what the asking page shows already. What is
    only glimpsed has no digest: the page then asks for the rest (`rest_url`), and still shows what it showed."""
    page, lens = found.page, found.page.lens
    fresh = {"stamp": stamp, "digest": found.digest or request.GET.get("digest", "")}
    context: dict[str, Any] = {
        "page": page,
        "check_url": found.check_url,
        "figures": found.figures,
        "has_news": request.GET.get("digest") != found.digest,
        "fresh_url": f"{request.path}?{lens.query}&{urlencode(fresh)}",
        "rest_url": "" if found.digest else f"{request.path}?{lens.query}&{urlencode({**fresh, 'whole': '1'})}",
        "news_url": reverse("workspace:news"),
        "trail": page.trail,
        "trouble": trouble,
        "jobs_url": reverse("rollups:jobs") if viewer.may(Permission.SEE_JOBS) else "",
    }
    line = render_to_string("workspace/_freshness.html", context, request)
    context["freshness"] = line
    context["sentence"] = lenses.sentence(lens, note=SafeString(line))
    return context


def native_tiles(measures: Measures, lens: PageLens) -> list[tuple[str, str, int, str]]:
    """Measure, its words, in how many currencies it stands, and those words: amounts in several are never one figure. The
    overlay book has no revenue."""
    words = measure_words() | {"revenue": lenses.kind_words(lens.revenue_kind)}
    if lens.is_overlay:
        del words["revenue"]
    counts = {name: len(getattr(measures, name) or ()) for name in words}
    return [(name, words[name], n, ngettext("currency", "currencies", n)) for name, n in counts.items()]


def growth(compared: Comparison, revenue: Amount | None) -> SafeString | str:
    """Revenue beside the same months and days of the year before: "+4.2 % on 11.8 m, 1 Jan – 30 Oct 2025"."""
    if compared.now is None or compared.before is None or not compared.last_before or not compared.first_before:
        return ""
    span = _span(compared.first_before, compared.last_before)
    base = marks.short_amount_html(compared.before)
    if not compared.before:
        return format_html("{}", _("nothing in %(span)s") % {"span": span})
    so_far = ""
    if compared.now != revenue:
        so_far = format_html("{} {} · ", marks.short_amount_html(compared.now), _("so far"))
    return format_html("{}{} {} {}, {}", so_far, change(compared.now, compared.before), _("on"), base, span)


def _span(first: dt.date, last: dt.date) -> str:
    return str(format_interval(first, last, "yMMMd", locale=formats.locale()))


def check(found: CheckLine) -> dict[str, Any]:
    """The comparison of roll-ups and facts with its measures in words."""
    words = measure_words()
    return {"check": found, "rows": [(words.get(row.measure, row.measure), row) for row in found.rows]}


def _bridge_bar(page: Glance) -> str:
    """Where the thin bar of the revenue tile comes from; a bridge ends on that tile's figure in one currency, by the structure
    of the time."""
    if page.lens.is_native or page.lens.tree != lenses.THEN:
        return ""
    place = {name: code for name, code in (("region", page.code), ("country", page.country)) if code}
    return f"{reverse('workspace:bridge_bar')}?{urlencode(place)}&{page.lens.query}"


def alignment_url(page: Glance) -> str:
    """Where the tiles of alignment come from."""
    place = {name: code for name, code in (("region", page.code), ("country", page.country)) if code}
    return f"{reverse('workspace:alignment')}?{urlencode(place)}"


def quota_tiles_url(scope: str, code: str, lens: PageLens) -> str:
    """Where the tiles of a scope's quotas come from: those of the months of the page, where there are."""
    if code == UNALLOCATED:
        return ""
    return f"{reverse('quotas:tiles')}?{urlencode({'scope': scope, 'code': code, **lens.month_range})}"


def pipeline_growth_url(page: Glance) -> str:
    """Where the growth under the tile of the open pipeline comes from: of regions and the world, each deal once."""
    if page.country or page.lens.is_native or page.lens.is_overlay or pipeline.has_too_many_to_replay():
        return ""
    place = {"region": page.code} if page.code else {}
    return f"{reverse('funnel:growth_bar')}?{urlencode(place)}&{page.lens.query}"


def customers_url(page: Dashboard) -> str:
    """Where the largest customers of a region or of the world come from."""
    place = {"region": page.code} if page.code else {}
    return f"{reverse('workspace:customers')}?{urlencode(place)}&{page.lens.query}"


def customers(found: Customers, *, within: Mapping[str, Any] | None = None) -> SafeString:
    """The largest customers as they stand in the page, in the language in force; `within` a country's page with their sum."""
    title = _("Top accounts")
    if found.country:
        title = _("Accounts in %(place)s") % {"place": formats.country(found.country)}
    context = {
        **(within or {}),
        "customers": found,
        "accounts": tables.accounts(found, caption=title),
        "accounts_title": title,
        "all_accounts_url": _all_accounts(found),
    }
    return render_to_string("workspace/_accounts.html", context)


def _all_accounts(found: Customers) -> str:
    """The accounts list, narrowed to where the customers are."""
    if found.code == UNALLOCATED and not found.country:
        return ""
    place = {"country": found.country} if found.country else {"region": found.code} if found.code else {}
    return f"{reverse('accounts:list')}?{urlencode(place)}" if place else reverse("accounts:list")


def measure_words() -> dict[str, str]:
    return {
        "revenue": _("Revenue"),
        "pipeline_open": _("Open pipeline"),
        "pipeline_weighted": _("Weighted pipeline"),
        "won": _("Won"),
        "lost": _("Lost"),
    }


def unpriced(facts: Sequence[UnpricedFact]) -> Table:
    """The facts without a price, in their own money, with the reason."""
    words = measure_words()
    return Table(
        columns=(
            Column(
                name="account",
                label=_("Account"),
                value="account_name",
                href=lambda f: places.account(f.account_code),
                heads_row=True,
            ),
            Column(name="fact", label=_("Fact"), value="external_id", kind="code"),
            Column(name="measure", label=_("Measure"), value=lambda f: words.get(f.measure, f.measure)),
            Column(name="country", label=_("Country"), value="country", kind="country"),
            Column(name="on", label=_("Date"), value="on", kind="date"),
            Column(name="amount", label=_("Amount"), value="amount", currency="currency", kind="money"),
            Column(name="reason", label=_("Why"), value="reason"),
        ),
        source=facts,
        caption=_("Facts without a price"),
        empty_text=_("Every fact that you may see has a price."),
    )
