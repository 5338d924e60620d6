"""The weights of the lead score: tried on the leads that wait before they are saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from pipeline import lead_score_services as services
from pipeline.form_views import FORM_METHODS
from pipeline.lead_queries import all_sources
from pipeline.lead_score_forms import ScoreForm, digest
from pipeline.lead_scores import definition
from pipeline.lead_set_up_views import frame
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def weights(request: SignedIn) -> HttpResponse:
    """The definition in force. Another one is saved only as it was tried."""
    stands = definition()
    form = ScoreForm(request.POST or None, stands=stands, sources=all_sources())
    context: dict[str, Any] = {**frame("score"), "form": form, "stands": stands}
    if request.method == "POST" and form.is_valid():
        told = form.definition()
        if request.POST.get("do") == "save" and form.cleaned_data["seen"] == digest(told):
            try:
                services.keep_definition(told=told, version=form.cleaned_data["version"], by=request.user)
                messages.success(request, _("Leads are scored so from now on; the versions before are kept."))
                return redirect("leads:score")
            except DomainError as error:
                form.add_error(None, error.message)
        context |= {"effect": services.effect(viewer=request.user, told=told), "seen": digest(told)}
        context["is_same"] = digest(told) == digest(stands)
    return render(request, "pipeline/lead_score.html", context, status=422 if form.errors else 200)
