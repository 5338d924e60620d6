"""What administrators decide about leads: the time limit, campaigns, and reasons to reject one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.table_pages import code_table
from core.errors import DomainError
from pipeline import lead_queries, lead_set_up
from pipeline.form_views import FORM_METHODS
from pipeline.lead_forms import CampaignForm, LimitForm
from pipeline.lead_models import Campaign
from users.permissions import Permission
from users.requests import SignedIn, permission_required


def frame(current: str) -> dict[str, Any]:
    """The tabs over the pages of leads' set-up; `current` is the name of a page's address."""
    named = (
        ("set_up", _("Time limit")),
        ("score", _("Score")),
        ("campaigns", _("Campaigns")),
        ("reasons", _("Rejection reasons")),
    )
    tabs = [(label, reverse(f"leads:{name}"), name == current) for name, label in named]
    here = next(label for name, label in named if name == current)
    trail = [
        (pgettext("sales", "Leads"), reverse("leads:list")),
        (_("Set-up of leads"), reverse("leads:set_up")),
        (here, ""),
    ]
    return {"tabs": tabs, "tabs_label": _("Set-up of leads"), "trail": trail}


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def limits(request: SignedIn) -> HttpResponse:
    """How many working days a lead may wait for its acceptance."""
    form = LimitForm(request.POST or None, initial={"accept_days": lead_queries.accept_days()})
    if request.method == "POST" and form.is_valid():
        lead_set_up.change_limit(days=form.cleaned_data["accept_days"], by=request.user)
        messages.success(request, _("The time limit is saved."))
        return redirect("leads:set_up")
    context = {**frame("set_up"), "form": form}
    return render(request, "pipeline/lead_limits.html", context, status=422 if form.errors else 200)


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def reasons(request: SignedIn) -> HttpResponse:
    return code_table(request, lead_set_up.REASONS, address=reverse("leads:reasons"), frame=frame("reasons"))


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def campaigns(request: SignedIn) -> HttpResponse:
    """All campaigns, and a form for one more."""
    form = CampaignForm(request.POST or None, is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            lead_set_up.add_campaign(**form.cleaned_data, by=request.user)
            messages.success(request, _("The campaign is added."))
            return redirect("leads:campaigns")
        except DomainError as error:
            form.add_error(error.field, error.message)
    context = {**frame("campaigns"), "form": form, "rows": lead_set_up.campaign_rows()}
    return render(request, "pipeline/campaigns.html", context, status=422 if form.errors else 200)


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def campaign(request: SignedIn, code: str) -> HttpResponse:
    """One campaign: changed, or deleted while no lead names it."""
    try:
        found = lead_set_up.campaign(code=code)
        form = CampaignForm(request.POST or None, is_new=False, initial=lead_set_up.stated(found))
        if request.POST.get("do") == "delete":
            lead_set_up.delete_campaign(code=code, by=request.user)
            return redirect("leads:campaigns")
        if request.method == "POST" and form.is_valid():
            lead_set_up.change_campaign(code=code, **form.cleaned_data, by=request.user)
            messages.success(request, _("The campaign is saved."))
            return redirect("leads:campaigns")
    except Campaign.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        form.add_error(error.field, error.message)
    context = {**frame("campaigns"), "form": form, "campaign": found}
    return render(request, "pipeline/campaign.html", context, status=422 if form.errors else 200)
