"""The board of opportunities, the part of it that is swapped, and further cards of one of its columns."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import scope_of
from core.htmx import vary_on_htmx, wants_fragment
from core.lists import BoundList
from pipeline.lists import opportunity_list
from pipeline.move_views import MOVED
from pipeline.queries import opportunities
from pipeline.ways import ways
from users.permissions import Permission
from users.requests import SignedIn
from workspace.deal_board import BoardColumn, column_page, deal_board


@login_required
@require_safe
def board(request: SignedIn) -> HttpResponseBase:
    """The columns, under the filters of the list; as a page, or as the part that htmx swaps."""
    found = _narrowed(request)
    shown = deal_board(viewer=request.user, deals=found.queryset, on=scope_of(request.user).on)
    context: dict[str, Any] = {
        "list": found,
        "board": shown,
        "columns": [(one, _further(request, one)) for one in shown.columns],
        "trail": [(_("Opportunities"), "")],
        "may_add": request.user.may(Permission.EDIT_FACTS),
        "moved": request.session.get(MOVED),
        **ways(request.GET, "board"),
    }
    template = "workspace/deal_board_part.html" if wants_fragment(request, found.id) else "workspace/deal_board.html"
    return vary_on_htmx(render(request, template, context))


@login_required
@require_safe
def column(request: SignedIn) -> HttpResponseBase:
    """The cards that follow in one column; without scripts a page of its own."""
    found = _narrowed(request)
    stage, after = request.GET.get("column", ""), request.GET.get("after", "")
    on = scope_of(request.user).on
    try:
        shown = column_page(viewer=request.user, deals=found.queryset, on=on, stage=stage, after=after)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    only = shown.columns[0]
    context = {"list": found, "board": shown, "column": only, "more_url": _further(request, only)}
    context["trail"] = [(_("Opportunities"), reverse("deals:board")), (only.stage.name, "")]
    if wants_fragment(request):
        return vary_on_htmx(render(request, "workspace/deal_cards.html", context))
    return vary_on_htmx(render(request, "workspace/deal_column.html", context))


def _further(request: SignedIn, column: BoardColumn) -> str:
    """The address of the cards that follow those of a column; empty where there are none."""
    if not column.more:
        return ""
    query = request.GET.copy()
    query["column"], query["after"] = column.stage.pk, column.more
    return f"{reverse('deals:column')}?{query.urlencode()}"


def _narrowed(request: SignedIn) -> BoundList:
    """The opportunities that the reader sees, under the filters of their list."""
    spec = dataclasses.replace(opportunity_list(on=scope_of(request.user).on), name="opportunity-board")
    return BoundList(request, spec, opportunities(viewer=request.user))
