"""Bridges from one period to another: of a region, of the world, of an account or a unit of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account
from accounts.queries import account_head
from accounts.tabs import account_context
from users.requests import SignedIn
from workspace import bridge_queries, bridge_screens, bridging, lenses, queries, services
from workspace.bridging import Asked
from workspace.later import for_all_at_once


def _asked(request: SignedIn, *, keep: bool = True) -> Asked:
    """The bridge of the address; a lens chosen there is kept for the reader."""
    lens = lenses.chosen(request.GET.dict(), request.user.preferences.get(services.LENS), queries.frame())
    if keep and lenses.says_something(request.GET):
        services.keep_lens(by=request.user, choices=lens.kept)
    return bridging.asked(lens, request.GET.dict())


def _node(request: SignedIn) -> dict[str, str]:
    code = request.GET.get("region", "")
    return {"code": code, "country": request.GET.get("country", "") if code else ""}


@login_required
@require_safe
def region(request: SignedIn) -> HttpResponse:
    """The bridge of `?region=`, of `&country=` in it, or of the world."""
    asked, node = _asked(request), _node(request)
    place = bridge_queries.place(viewer=request.user, **node, asked=asked)
    found = bridge_queries.region_bridge(viewer=request.user, **node, asked=asked)
    context = bridge_screens.page(found, asked, place.name, place.link)
    return render(request, "workspace/bridge.html", {**context, "trail": place.trail, "figures_url": place.figures_url})


@login_required
@require_safe
@for_all_at_once
def bar(request: SignedIn) -> HttpResponse:
    """The thin bar in the revenue tile of a region's or country's page."""
    asked, node = _asked(request, keep=False), _node(request)
    place = bridge_queries.place(viewer=request.user, **node, asked=asked)
    found = bridge_queries.region_bridge(viewer=request.user, **node, asked=asked)
    context: dict[str, Any] = {"found": found, "url": place.bridge_url}
    if found is not None:
        context |= bridge_screens.bar(found, asked)
    return render(request, "workspace/_bridge_bar.html", context)


@login_required
@require_safe
def account(request: SignedIn, code: str) -> HttpResponse:
    """The bridge of an account, or of `?unit=` in it."""
    asked, unit = _asked(request), request.GET.get("unit", "")
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    place = bridge_queries.account_place(account=head.account, unit=unit, asked=asked)
    found = bridge_queries.account_bridge(
        viewer=request.user, code=code, unit=unit, structure=request.GET.get("structure", ""), asked=asked
    )
    context = {**account_context(head, "figures"), **bridge_screens.page(found, asked, place.name, place.link)}
    return render(request, "workspace/account_bridge.html", {**context, "place": place})
