"""The funnel of leads, and how the open pipeline grew."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.htmx import vary_on_htmx, wants_fragment
from users.requests import SignedIn
from workspace import funnel_queries, funnel_screens, growth_queries, lenses, queries, services
from workspace.funnel_queries import CHOICES, Chosen
from workspace.later import for_all_at_once
from workspace.lenses import PageLens


def _lens(request: SignedIn) -> PageLens:
    """The lens of the address, else as the reader left it; a choice made in the address is kept."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if lenses.says_something(request.GET) and not wants_fragment(request):
        services.keep_lens(by=request.user, choices=lens.kept)
    return lens


@login_required
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """The leads created in a period: how many reached each step, what they are worth there, and who waits."""
    chosen = Chosen(_lens(request), **{name: request.GET.get(name, "").strip()[:80] for name in CHOICES})
    found = funnel_queries.lead_funnel(viewer=request.user, chosen=chosen)
    context = funnel_screens.page(found, funnel_queries.offered(viewer=request.user))
    return render(request, "workspace/funnel.html", {**context, "trail": [(_("Funnel"), "")]})


@login_required
@require_safe
def growth(request: SignedIn) -> HttpResponseBase:
    """The open pipeline against that of 90 days before: as a page, or as the part of the funnel's page."""
    lens = _lens(request)
    region, movement = (request.GET.get(name, "").strip()[:80] for name in ("region", "movement"))
    view = growth_queries.growth_view(viewer=request.user, lens=lens, region=region, movement=movement)
    context = funnel_screens.growth(view, lens)
    if wants_fragment(request, "growth-part"):
        return vary_on_htmx(render(request, "workspace/_growth.html", context))
    trail = [(_("Funnel"), reverse("funnel:page")), (_("Pipeline growth"), "")]
    return vary_on_htmx(render(request, "workspace/growth.html", {**context, "trail": trail}))


@login_required
@require_safe
@for_all_at_once
def growth_bar(request: SignedIn) -> HttpResponse:
    """The line under the tile of a region's open pipeline: by how much it grew."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    region = request.GET.get("region", "").strip()[:80]
    view = growth_queries.growth_view(viewer=request.user, lens=lens, region=region)
    url = f"{reverse('funnel:growth')}?{funnel_screens.growth_query(lens, region)}"
    context = {"view": view, "url": url, "before": view.money("before"), "now": view.money("after")}
    return render(request, "workspace/_growth_bar.html", context)
