"""Quotas beside what came: the list of a scope, one quota, and the tiles of other pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import exports, formats
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import address, chips_of
from revenue.models import QuotaScope
from revenue.quota_services import may_set_some
from users.requests import SignedIn
from workspace import forecast_tiles, periods, quota_queries, quota_screens
from workspace.later import for_all_at_once
from workspace.quota_forms import BOOK_WORDS, QuotaFilter
from workspace.quota_lists import Rows, quota_columns, quota_table, scope_words

_PLACE = ("after", "before", "format")


@login_required
@require_safe
def quotas(request: SignedIn) -> HttpResponseBase:
    """The quotas of `?scope=` that the reader may know."""
    form = QuotaFilter(request.GET)
    asked = form.asked(request.GET.get("scope", "") or quota_queries.usual_scope(viewer=request.user))
    if request.GET.get("format") == "csv":
        found = quota_queries.listed(viewer=request.user, asked=asked, size=None)
        words = [_("Quotas on %(day)s") % {"day": formats.day(found.on)}, str(dict(BOOK_WORDS)[asked.book])]
        return exports.streamed_csv(quota_columns(), Rows(found), name="quotas", head=words)
    place = {name: _key(request.GET.get(name, "")) for name in ("after", "before")}
    found = quota_queries.listed(viewer=request.user, asked=asked, **place)
    context: dict[str, Any] = {
        "found": found,
        "asked": asked,
        "table": quota_table(found),
        "form": form,
        "tabs": [(words, f"?scope={scope}", scope == asked.scope) for scope, words in scope_words().items()],
        "tabs_label": _("Whose quotas"),
        "chips": chips_of(form, lambda **changes: _url(request, **changes)),
        "clear_url": f"{request.path}?scope={asked.scope}",
        "export_url": _url(request, format="csv"),
        "next_url": _url(request, after=str(found.next)) if found.next else "",
        "previous_url": _url(request, before=str(found.previous)) if found.previous else "",
        "may_set": may_set_some(request.user),
        "trail": [(_("Quotas"), "")],
    }
    template = "workspace/_quotas.html" if wants_fragment(request, "quotas") else "workspace/quotas.html"
    return vary_on_htmx(render(request, template, context))


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _url(request: SignedIn, **changes: str | None) -> str:
    return address(request.path, request.GET, changes, without=_PLACE)


@login_required
@require_safe
def quota(request: SignedIn, pk: int) -> HttpResponse:
    """One quota: its months, its proof, what was given below it."""
    page = quota_queries.quota_page(viewer=request.user, pk=pk)
    context = quota_screens.page(page)
    context["trail"] = [(_("Quotas"), f"{reverse('quotas:list')}?scope={page.found.quota.scope}"), (page.title, "")]
    return render(request, "workspace/quota.html", context)


@login_required
@require_safe
@for_all_at_once
def tiles(request: SignedIn) -> HttpResponse:
    """The quotas of `?scope=` and `&code=` as tiles; of the months `&from=` to `&to=` where there is one."""
    chosen = periods.between(request.GET.get("from", ""), request.GET.get("to", ""))
    scope, code = request.GET.get("scope", QuotaScope.REGION), request.GET.get("code", "")
    rows = quota_queries.tiles(viewer=request.user, scope=scope, code=code, months=chosen.numbers if chosen else None)
    forecast = forecast_tiles.forecast_tile(viewer=request.user, scope=scope, code=code, rows=rows)
    context = {"tiles": [quota_screens.tile(row) for row in rows], "forecast": forecast}
    return render(request, "workspace/_quota_tiles.html", context)
