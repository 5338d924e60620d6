"""Scores: one with its parts and past, as a tile of other pages, and the weights that an administrator sets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from pipeline.score_models import ScoreKind
from pipeline.score_services import set_weights
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import score_queries, score_screens
from workspace.score_forms import WeightsForm, digest

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_safe
def score(request: SignedIn, kind: str, code: str) -> HttpResponse:
    """The score of one opportunity, account or member."""
    found = score_queries.score_page(viewer=request.user, kind=kind, code=code)
    return render(request, "workspace/score.html", score_screens.page(found, request.user))


@login_required
@require_safe
def tile(request: SignedIn) -> HttpResponse:
    """The score of `?kind=` and `&code=` as a tile; nothing where the reader may not know it."""
    kind, code = request.GET.get("kind", ""), request.GET.get("code", "")
    try:
        found = score_queries.score_page(viewer=request.user, kind=kind, code=code)
    except Http404:
        return HttpResponse("")
    url = reverse("scores:score", args=[kind, code])
    return render(request, "workspace/_score_tile.html", {"tile": score_screens.tile(found), "url": url})


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def weights(request: SignedIn) -> HttpResponse:
    """The weights of a kind. Saved only as they were weighed."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in ScoreKind.values else ScoreKind.OPPORTUNITY.value
    desk = score_queries.desk(viewer=request.user, kind=kind)
    form = WeightsForm(request.POST or None, kind=kind, weights=desk.weights)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        chosen = form.weights()
        if request.POST.get("do") == "save" and form.cleaned_data["seen"] == digest(chosen):
            try:
                return _save(request, kind, form)
            except DomainError as error:
                form.add_error(None, error.message)
        context = {
            "effect": score_queries.effect(viewer=request.user, kind=kind, weights=chosen),
            "test_after": score_queries.tested(viewer=request.user, kind=kind, weights=chosen),
            "seen": digest(chosen),
            "is_same": chosen == dict(desk.weights.of),
        }
    context |= score_screens.desk(desk) | {"form": form}
    return render(request, "workspace/score_weights.html", context, status=422 if form.errors else 200)


def _save(request: SignedIn, kind: str, form: WeightsForm) -> HttpResponse:
    found = set_weights(kind=kind, weights=form.weights(), version=form.cleaned_data["version"], by=request.user)
    words = _("Version %(version)d of the weights is in force; scores of tonight are computed with it.")
    messages.success(request, words % {"version": found.version})
    return redirect(f"{reverse('scores:weights')}?kind={kind}")
