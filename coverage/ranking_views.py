"""The alignment of a region, a country or a member as a page: accounts ranked by their gap in money, each a way to its board."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.figures import part_words
from core import exports, formats
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import chips_of
from coverage.board_forms import DayForm
from coverage.ranking_forms import RankingForm
from coverage.ranking_lists import Rows, ranking_columns, ranking_table
from coverage.ranking_queries import Asked, Ranking, ranking
from teams.queries import members
from users.requests import SignedIn

#: What a board can be narrowed by too.
_PASSED_ON = ("region", "country", "on")


@login_required
@require_safe
def region(request: SignedIn) -> HttpResponseBase:
    """Of a region, a country, or of everywhere: `?region=`, `?country=`, `?tier=`, `?search=`."""
    form = RankingForm(request.GET, viewer=request.user)
    found = ranking(viewer=request.user, asked=form.asked(), on=DayForm(request.GET).day())
    place = form.cleaned_data if form.is_valid() else {}
    name = formats.country(place["country"]) if place.get("country") else form.regions.get(place.get("region", ""), "")
    passed = {key: given for key in _PASSED_ON if (given := request.GET.get(key, "")) and key not in form.errors}
    title = _("Alignment in %(place)s") % {"place": name} if name else _("Alignment")
    return _shown(request, found, passed, {"form": form, "title": title})


@login_required
@require_safe
def member(request: SignedIn, email: str) -> HttpResponseBase:
    """Of the slots that a member covers, each with her own fill."""
    one = members(viewer=request.user).filter(email=email).first() if "\0" not in email else None
    if one is None:
        raise Http404
    found = ranking(viewer=request.user, asked=Asked(member=one), on=DayForm(request.GET).day())
    day = {"on": request.GET["on"]} if request.GET.get("on") else {}
    title = _("Alignment of %(name)s") % {"name": one}
    return _shown(request, found, {"member": one.email, **day}, {"form": None, "title": title, "member": one})


def _shown(request: SignedIn, found: Ranking, passed: dict[str, str], more: dict[str, Any]) -> HttpResponseBase:
    form, title = more["form"], more["title"]
    if request.GET.get("format") == "csv":
        day = _("%(title)s on %(day)s") % {"title": title, "day": found.on.isoformat()}
        head = [day, *part_words(viewer=request.user)]
        return exports.streamed_csv(ranking_columns(found.currency, {}), Rows(found), name="alignment", head=head)
    context = {
        **more,
        "ranking": found,
        "table": ranking_table(found, passed),
        "chips": chips_of(form, lambda **changes: _url(request, **changes)) if form else [],
        "clear_url": request.path,
        "export_url": _url(request, format="csv"),
        "part_words": part_words(viewer=request.user),
        "trail": [(title, "")],
    }
    template = "coverage/ranking_part.html" if wants_fragment(request, "ranking") else "coverage/ranking.html"
    return vary_on_htmx(render(request, template, context))


def _url(request: SignedIn, **changes: str | None) -> str:
    query: QueryDict = request.GET.copy()
    query.pop("format", None)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path
