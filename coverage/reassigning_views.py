from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from coverage import reassigning, reassigning_services
from coverage.proposal_forms import day_field
from users.permissions import Permission
from users.requests import SignedIn


class ReassignForm(forms.Form):
    """Who gives what to whom, from which day."""

    giver = forms.CharField(required=False)
    taker = forms.CharField(required=False)
    account = forms.CharField(required=False)
    on = day_field(gettext_lazy("From the day"), required=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reassign(request: SignedIn) -> HttpResponseBase:
    """What a re-assignment would change; saved only when the reader says so."""
    data = request.POST if request.method == "POST" else request.GET
    asked, error = _asked(data), ""
    if request.method == "POST":
        try:
            many = reassigning_services.reassign(by=request.user, **{**asked, "keys": asked["keys"] or []})
        except DomainError as refused:
            error = refused.message
        else:
            messages.success(request, _("%(n)d roles and units change hands.") % {"n": many})
            return redirect(f"{reverse('coverage:load')}")
    view = reassigning.what_if(viewer=request.user, **asked)
    may_save = request.user.may(Permission.EDIT_ACCOUNTS)
    context: dict[str, Any] = {"view": view, "error": error, "may_save": may_save}
    if wants_fragment(request, "what-if"):
        return vary_on_htmx(render(request, "coverage/reassign_part.html", context))
    trail = [(_("Teams"), reverse("teams:list")), (_("Load"), reverse("coverage:load")), (_("What if"), "")]
    return vary_on_htmx(render(request, "coverage/reassign.html", {**context, "trail": trail}))


def _asked(data: QueryDict) -> dict[str, Any]:
    """Boxes are read only where they belong to the giver and account that were shown (`of`): else all are chosen."""
    form = ReassignForm({**data.dict(), "giver": data.get("from", ""), "taker": data.get("to", "")})
    form.is_valid()
    given = form.cleaned_data
    day: dt.date | None = given.get("on")
    names = {name: given.get(name, "") for name in ("giver", "taker", "account")}
    is_same = data.get("of") == f"{names['giver']}/{names['account']}"
    return {**names, "keys": data.getlist("item") if is_same else None, "on": day}
