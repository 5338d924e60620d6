"""A deal goes to another stage: a form in a sheet or as a page, also what a drop on the board sends; and the way back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.htmx import SHEET, sheet_or_page, wants_fragment
from pipeline import move_services as services
from pipeline.deal_forms import MoveForm
from pipeline.form_views import deal_to_change
from pipeline.models import Opportunity
from pipeline.move_rules import CriteriaUnmet
from pipeline.queries import Deal
from pipeline.services import DealChanged
from users.permissions import Permission
from users.requests import SignedIn, permission_required

MOVED = "moved_opportunity"


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(("GET", "HEAD", "POST"))
def move(request: SignedIn, pk: int) -> HttpResponseBase:
    """The form; sent, the deal is moved, or the form says what the stage asks for."""
    view = deal_to_change(request, pk)
    version = services.move_version(pk=pk)
    initial = {"stage": request.GET.get("stage") or view.deal.stage_id, "version": version}
    form = MoveForm(request.POST or None, deal=view.deal, on=view.on, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return _moved(request, view.deal, form)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            form.asks_reason = isinstance(error, CriteriaUnmet)
            if isinstance(error, DealChanged):
                # Whoever has read what happened may move it once more.
                form.data = {**request.POST.dict(), "version": str(version)}
    if wants_fragment(request, SHEET):
        # Another stage may ask for a day: the sheet is drawn anew for it.
        form.fields["stage"].widget.attrs |= {"hx-get": request.path, "hx-target": f"#{SHEET}", "hx-trigger": "change"}
    context = {"deal": view.deal, "trail": _trail(view)}
    return sheet_or_page(request, form, context, sheet="pipeline/move_form.html", page="pipeline/move.html")


def _moved(request: SignedIn, deal: Opportunity, form: MoveForm) -> HttpResponse:
    services.move_opportunity(pk=deal.pk, by=request.user, **form.cleaned_data)
    stage = dict(form.fields["stage"].choices)[form.cleaned_data["stage"]]  # type: ignore[attr-defined]  # a ChoiceField
    version = services.move_version(pk=deal.pk)
    request.session[MOVED] = {"pk": deal.pk, "name": deal.name, "stage": stage, "version": version}
    return _done(request, deal.pk, _("“%(name)s” is in “%(stage)s” now.") % {"name": deal.name, "stage": stage})


@permission_required(Permission.EDIT_FACTS)
@require_POST
def take_back(request: SignedIn, pk: int) -> HttpResponse:
    """The deal goes back where it was before its last move."""
    view = deal_to_change(request, pk)
    version = request.POST.get("version", "")
    try:
        services.take_back_move(pk=pk, version=int(version) if version.isdecimal() else 0, by=request.user)
    except DomainError as error:
        return _done(request, pk, error.message, level="error")
    request.session.pop(MOVED, None)
    return _done(request, pk, _("“%(name)s” is back where it was.") % {"name": view.deal.name})


def _done(request: SignedIn, pk: int, said: str, *, level: str = "success") -> HttpResponse:
    """Back on the deal; where htmx asked, the board is told to draw itself anew."""
    if wants_fragment(request):
        told: dict[str, Any] = {"deal-moved": {"pk": pk}, "toast": {"text": said, "level": level}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.add_message(request, messages.ERROR if level == "error" else messages.SUCCESS, said)
    return redirect("pipeline:detail", pk)


def _trail(view: Deal) -> list[tuple[str, str]]:
    deal = view.deal
    return [
        (_("Opportunities"), reverse("pipeline:list")),
        (deal.name, reverse("pipeline:detail", args=[deal.pk])),
        (_("Move"), ""),
    ]
