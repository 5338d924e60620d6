"""The alignment board of an account: the page, the part of it that is swapped, the file, and one slot beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account, OrgUnit
from accounts.queries import AccountHead, account_head
from accounts.tabs import account_context
from core import exports
from core.htmx import vary_on_htmx, wants_fragment
from coverage import board_queries, board_slots
from coverage.board_forms import DayForm
from coverage.board_lists import Lines, slot_columns
from coverage.board_queries import BoardPage
from coverage.board_screens import BoardScreen, export_head
from users.requests import SignedIn


@login_required
@require_safe
def board(request: SignedIn, code: str) -> HttpResponseBase:
    """Units as rows, required roles as columns, one cell a slot; as a tree, by gap, or as the list of gaps."""
    head, page = opened(request, code)
    screen = BoardScreen(request.path, request.GET, request.user, page)
    if request.GET.get("format") == "csv":
        columns = tuple(replace(column, shown=True) for column in slot_columns(page.currency))
        lines = Lines(page, screen.slots)
        return exports.streamed_csv(columns, lines, name="alignment", head=export_head(screen))
    context: dict[str, Any] = {
        "page": page,
        "screen": screen,
        "head": head,
        "trend": board_queries.kept_scores(page=page),
        "undo": board_queries.last_coverage_change(page=page),
    }
    if wants_fragment(request, "board"):
        return vary_on_htmx(render(request, "coverage/board.html", {**context, "is_fragment": True}))
    return vary_on_htmx(render(request, "coverage/board_page.html", {**context, **account_context(head, "alignment")}))


@login_required
@require_safe
def slot(request: SignedIn, code: str) -> HttpResponseBase:
    """One slot beside the board, or as a page of its own: who covers it, why its fill is what it is, who could."""
    head, page = opened(request, code)
    try:
        panel = board_slots.slot_panel(page=page, unit=request.GET.get("unit", ""), role=request.GET.get("role", ""))
    except OrgUnit.DoesNotExist as error:
        raise Http404 from error
    context = {"page": page, "panel": panel, "head": head}
    if wants_fragment(request):
        return vary_on_htmx(render(request, "coverage/board_slot.html", context))
    return vary_on_htmx(render(request, "coverage/board_slot_page.html", context | account_context(head, "alignment")))


def opened(request: SignedIn, code: str) -> tuple[AccountHead, BoardPage]:
    """The account and what its board is drawn from on the day that the address names. Http404 for who doesn't see it."""
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    return head, board_queries.board_page(viewer=request.user, head=head, on=DayForm(request.GET).day())
