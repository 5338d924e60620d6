"""Plays on a deal: a panel of its page, and a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from pipeline import enablement_queries as queries
from pipeline import enablement_services as services
from pipeline.models import Opportunity
from users.requests import SignedIn

PANEL = "deal-plays"


@login_required
@require_http_methods(("GET", "HEAD", "POST"))
def deal_plays(request: SignedIn, pk: int) -> HttpResponseBase:
    """What is offered on a deal, what was used, what was put aside; each noted and taken back here."""
    refused = ""
    if request.method == "POST":
        try:
            said = _carry_out(request, pk)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        except DomainError as error:
            refused = error.message
        else:
            if not wants_fragment(request, PANEL):
                messages.success(request, said)
                return redirect("pipeline:plays", pk)
    return _shown(request, pk, refused)


def _shown(request: SignedIn, pk: int, refused: str) -> HttpResponseBase:
    try:
        found = queries.shelf(viewer=request.user, pk=pk, shows_all="all" in request.GET)
    except Opportunity.DoesNotExist as error:
        raise Http404 from error
    context: dict[str, Any] = {"shelf": found, "deal": found.deal, "refused": refused}
    if wants_fragment(request, PANEL):
        return vary_on_htmx(render(request, "pipeline/plays.html", context))
    context["trail"] = [
        (_("Opportunities"), reverse("pipeline:list")),
        (found.deal.name, reverse("pipeline:detail", args=[pk])),
        (_("Plays"), ""),
    ]
    return vary_on_htmx(render(request, "pipeline/plays_page.html", context, status=422 if refused else 200))


def _carry_out(request: SignedIn, pk: int) -> str:
    """What was done, in words. Http404 for a deed that there is none of."""
    deed = _DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise Http404
    return deed(request, pk, request.POST)


def _number(given: QueryDict, name: str) -> int:
    text = given.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Http404
    return int(text)


def _use(request: SignedIn, pk: int, given: QueryDict) -> str:
    contact = _number(given, "contact") if given.get("contact") else None
    services.note_use(pk=pk, play=given.get("play", ""), contact=contact, by=request.user)
    return _("The use is noted.")


def _put_aside(request: SignedIn, pk: int, given: QueryDict) -> str:
    services.put_aside(pk=pk, play=given.get("play", ""), reason=given.get("reason", ""), by=request.user)
    return _("It is offered here no more.")


def _take_back(request: SignedIn, pk: int, given: QueryDict) -> str:
    services.take_back_use(pk=_number(given, "use"), by=request.user)
    return _("The use is taken back.")


def _offer_again(request: SignedIn, pk: int, given: QueryDict) -> str:
    services.offer_again(pk=_number(given, "dismissal"), by=request.user)
    return _("It is offered here again.")


_DEEDS: dict[str, Callable[[SignedIn, int, QueryDict], str]] = {
    "use": _use,
    "put_aside": _put_aside,
    "take_back": _take_back,
    "offer_again": _offer_again,
}
