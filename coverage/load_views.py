from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.exports import streamed_csv
from core.htmx import vary_on_htmx, wants_fragment
from coverage import load_queries, load_services
from coverage.load_forms import LoadFilter, LoadSettingsForm
from coverage.load_lists import EXPORTED, Exported, band_picture, page_of
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@login_required
@require_safe
def loads(request: SignedIn) -> HttpResponseBase:
    """Accounts per manager against the band, and hours against capacity."""
    form = LoadFilter(request.GET, viewer=request.user)
    found = load_queries.team_load(viewer=request.user, chosen=form.chosen())
    if request.GET.get("format") == "csv":
        return streamed_csv(EXPORTED, Exported(found.shown), name="load", head=form.in_words(found))
    context: dict[str, Any] = {"found": found, "form": form, "page": page_of(found, request.GET)}
    context["picture"] = band_picture(found, request.GET)
    context["user_may_configure_load"] = request.user.may(Permission.CONFIGURE_TEAMS)
    if wants_fragment(request, "load-list"):
        return vary_on_htmx(render(request, "coverage/load_list.html", context))
    context["trail"] = [(_("Teams"), reverse("teams:list")), (_("Load"), "")]
    return vary_on_htmx(render(request, "coverage/load.html", context))


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def load_settings(request: SignedIn) -> HttpResponseBase:
    """The band, the hours for a relationship, and the weights of account types."""
    form = LoadSettingsForm(request.POST or None, **load_services.settings_offered())
    if request.method == "POST" and form.is_valid():
        try:
            load_services.change_settings(by=request.user, **form.chosen())
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("The load settings are saved."))
            return redirect("coverage:load")
    trail = [(_("Teams"), reverse("teams:list")), (_("Load"), reverse("coverage:load")), (_("Settings"), "")]
    return render(request, "coverage/load_settings.html", {"form": form, "trail": trail})
