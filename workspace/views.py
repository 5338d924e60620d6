"""The leading pages. A part of a page that is asked for by htmx answers with that part only."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import read_tree_again, scope_of
from core.htmx import vary_on_htmx, wants_fragment
from core.streams import NewsStream
from rollups.troubles import Trouble
from users.models import User
from users.permissions import Access
from users.requests import SignedIn
from workspace import homes, house, lenses, queries, screens, services, today
from workspace import search as searching
from workspace.dashboard import Dashboard
from workspace.hits import IN_BOX, ON_PAGE
from workspace.later import for_all_at_once, may_do
from workspace.lenses import PageLens
from workspace.sharing import Shared

#: The figures of the pages opened last: many readers of one page ask for them in the moment in which they change.
_figures = Shared(most=100)
_glances = Shared(most=100)
#: Seconds from which on an open page gets the figures of its node before all others.
_LONG = 0.15


def _viewer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _lens(request: HttpRequest) -> PageLens:
    """The lens of the address, else as the reader left it; a choice made in the address is kept."""
    lens = _chosen(request)
    if lenses.says_something(request.GET) and not wants_fragment(request):
        services.keep_lens(by=_viewer(request), choices=lens.kept)
    return lens


def _chosen(request: HttpRequest) -> PageLens:
    return lenses.chosen(request.GET.dict(), _viewer(request).preferences.get(services.LENS), queries.frame())


@login_required
@require_safe
def regions(request: HttpRequest) -> HttpResponseBase:
    """The world: roots, what is unallocated, and all their money."""
    return _dashboard(request, queries.world_dashboard)


@login_required
@require_safe
def region(request: HttpRequest, code: str) -> HttpResponseBase:
    return _dashboard(request, queries.region_dashboard, code=code)


@login_required
@require_safe
def country(request: HttpRequest, code: str, country: str) -> HttpResponseBase:
    """A country of a region, down to its customers."""
    return _dashboard(request, queries.country_dashboard, code=code, country=country)


def _dashboard(request: HttpRequest, find: Callable[..., Dashboard], **place: str) -> HttpResponseBase:
    """The page; or for its freshness line nothing until the figures have changed, then the line and the figures. Where these
    take long, first those of the node alone: the page asks for the `whole` when it has them."""
    lens, viewer = _lens(request), _viewer(request)
    is_open, is_whole = wants_fragment(request, screens.FRESHNESS), "whole" in request.GET
    trouble = queries.trouble()
    stamp = queries.stamp(trouble)
    if is_open and not is_whole and request.GET.get("stamp") == stamp:
        return HttpResponse(status=204)
    key = _asked(request, lens)
    if is_open and not is_whole and _figures.took(key) > _LONG:
        glance = queries.glance
        found = _glances.get(
            ("glance", key), lambda: screens.glimpsed(_read_anew(glance, viewer=viewer, lens=lens, **place))
        )
        return _answer(request, "workspace/_live_first.html", found, stamp, trouble)
    found = _figures.get(key, lambda: screens.drawn(_read_anew(find, viewer=viewer, lens=lens, **place)))
    return _answer(request, "workspace/_live.html" if is_open else "workspace/region.html", found, stamp, trouble)


def _answer(
    request: HttpRequest, template: str, found: screens.Drawn, stamp: str, trouble: Trouble | None
) -> HttpResponseBase:
    context = screens.dashboard(request, _viewer(request), found, stamp, trouble)
    return vary_on_htmx(render(request, template, context))


@login_required
@require_safe
@for_all_at_once
def customers(request: SignedIn) -> HttpResponse:
    """The largest customers of `?region=`, or of the world."""
    code = request.GET.get("region", "")
    found = queries.top_customers(viewer=request.user, code=code, lens=_chosen(request))
    return HttpResponse(screens.customers(found))


def _read_anew(find: Callable[..., Any], *, viewer: User, **given: Any) -> Any:
    read_tree_again(viewer)
    return find(viewer=viewer, **given)


def _asked(request: HttpRequest, lens: PageLens) -> Hashable:
    """All that figures depend on beside the database: place, lens, language, and what the reader may see and do."""
    viewer = _viewer(request)
    lens_key = (lens.query, lens.refused, lens.frame)
    return (request.path, lens_key, get_language(), scope_of(viewer), may_do(viewer))


@login_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The stream that tells an open page to look again; it says nothing else."""
    return NewsStream()


@login_required
@require_safe
def check(request: HttpRequest) -> HttpResponseBase:
    """The line that compares the roll-ups with the facts, loaded when it comes into view."""
    found = queries.checked(viewer=_viewer(request), lens=_lens(request))
    return render(request, "workspace/_check.html", screens.check(found))


@login_required
@require_safe
def unpriced(request: HttpRequest) -> HttpResponseBase:
    """The facts without a price, of a region or of all."""
    place = {"region": request.GET.get("region", ""), "country": request.GET.get("country", "")}
    facts = queries.unpriced(viewer=_viewer(request), lens=_lens(request), **place)
    return render(
        request, "workspace/_unpriced.html", {"table": screens.unpriced(facts), "limit": queries.UNPRICED_SHOWN}
    )


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """Everything the reader may see by name: lines under the search box, or a page."""
    text = request.GET.get("q", "").strip()[:100]
    in_box = wants_fragment(request)
    groups = searching.found(viewer=_viewer(request), text=text, limit=IN_BOX if in_box else ON_PAGE)
    context: dict[str, Any] = {"text": text, "groups": groups}
    return vary_on_htmx(render(request, "workspace/_found.html" if in_box else "workspace/search.html", context))


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """What the reader opens first: the world for an executive, the house for an administrator, her own work else."""
    viewer = _viewer(request)
    if viewer.access == Access.EXECUTIVE:
        return regions(request)
    if viewer.access == Access.ADMINISTRATOR or viewer.is_superuser:
        return render(request, "workspace/house.html", homes.house(house.house(viewer=viewer)))
    lens = _lens(request)
    return render(request, "workspace/home.html", homes.home(today.today(viewer=viewer, lens=lens), lens))
