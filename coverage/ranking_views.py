"""The alignment of a region, a country or a member as a page: accounts ranked by their gap in money, each a way to its board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import scope_of
from accounts.figures import part_words
from core import exports, formats
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import address, chips_of
from coverage.board_forms import DayForm
from coverage.ranking_forms import RankingForm
from coverage.ranking_lists import Rows, ranking_columns, ranking_table
from coverage.ranking_queries import Asked, RankedAccount, Ranking, ranked_by_night, ranking
from teams.queries import member_named
from users.models import User
from users.requests import SignedIn

#: What a board can be narrowed by too.
_PASSED_ON = ("region", "country", "on")


@login_required
@require_safe
def region(request: SignedIn) -> HttpResponseBase:
    """Of a region, a country, or of everywhere: `?region=`, `?country=`, `?tier=`, `?search=`."""
    form = RankingForm(request.GET, viewer=request.user)
    asked, on = form.asked(), DayForm(request.GET).day()
    found = ranking(viewer=request.user, asked=asked, on=on, **_place(request))
    place = form.cleaned_data if form.is_valid() else {}
    name = formats.country(place["country"]) if place.get("country") else form.regions.get(place.get("region", ""), "")
    passed = {key: given for key in _PASSED_ON if (given := request.GET.get(key, "")) and key not in form.errors}
    title = _("Alignment in %(place)s") % {"place": name} if name else _("Alignment")
    return _shown(request, found, passed, {"form": form, "title": title, "asked": asked})


@login_required
@require_safe
def member(request: SignedIn, email: str) -> HttpResponseBase:
    """Of the slots that a member covers, each with her own fill."""
    one = member_named(viewer=request.user, email=email)
    if one is None:
        raise Http404
    asked = Asked(member=one)
    found = ranking(viewer=request.user, asked=asked, on=DayForm(request.GET).day())
    day = {"on": request.GET["on"]} if request.GET.get("on") else {}
    title = _("Alignment of %(name)s") % {"name": one}
    return _shown(
        request, found, {"member": one.email, **day}, {"form": None, "title": title, "member": one, "asked": asked}
    )


def _shown(request: SignedIn, found: Ranking, passed: dict[str, str], more: dict[str, Any]) -> HttpResponseBase:
    form, title = more["form"], more["title"]
    if request.GET.get("format") == "csv":
        day = _("%(title)s on %(day)s") % {"title": title, "day": found.on.isoformat()}
        head = [day, *_part_words(request.user)]
        if found.night:
            head.append(_night_words(found.night.on))
        rows = Rows(_all_rows(request, found, more["asked"]))
        return exports.streamed_csv(ranking_columns(found.currency, {}), rows, name="alignment", head=head)
    context = {
        **more,
        "ranking": found,
        "table": ranking_table(found, passed),
        "chips": chips_of(form, lambda **changes: _url(request, **changes)) if form else [],
        "clear_url": request.path,
        "export_url": _url(request, format="csv"),
        "previous_url": _url(request, before=found.previous) if found.previous else "",
        "next_url": _url(request, after=found.next) if found.next else "",
        "night_words": _night_words(found.night.on) if found.night else "",
        "part_words": _part_words(request.user),
        "trail": [(title, "")],
    }
    template = "coverage/ranking_part.html" if wants_fragment(request, "ranking") else "coverage/ranking.html"
    return vary_on_htmx(render(request, template, context))


def _part_words(viewer: User) -> list[str]:
    """What is not all, and where there is no money at all behind the values."""
    scope = scope_of(viewer)
    if scope.lists_parts and not scope.whole_account_ids and not scope.region_ids:
        return [_("You see no figures of these customers: every unit counts the same, and no gap is shown in money.")]
    return part_words(viewer=viewer)


def _place(request: SignedIn) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("after", "before")}


def _all_rows(request: SignedIn, found: Ranking, asked: Asked) -> Iterable[RankedAccount]:
    """Those of all pages."""
    if found.night is None:
        return found.rows
    return ranked_by_night(viewer=request.user, asked=asked, night=found.night, on=found.on)


def _night_words(night: dt.date) -> str:
    text = _("There are too many accounts to weigh at once: these are the scores of the night of %(day)s.")
    return text % {"day": formats.day(night, style="long")}


def _url(request: SignedIn, **changes: str | None) -> str:
    return address(request.path, request.GET, changes, without=("after", "before", "format"))
