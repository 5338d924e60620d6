"""Leads: the list, one lead, its form, its way from MQL to opportunity, and back within the hour."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import scope_of
from core.errors import DomainError
from core.lists import respond
from core.staging_rows import RowsRejected
from pipeline import lead_queries, lead_services
from pipeline.form_views import FORM_METHODS
from pipeline.lead_forms import LeadForm, RejectForm
from pipeline.lead_lists import lead_list
from pipeline.lead_rows import row_of, version_of_lead
from pipeline.models import Lead, LeadStatus
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@login_required
@require_safe
def leads(request: SignedIn) -> HttpResponseBase:
    spec = lead_list(lead_queries.limit(on=scope_of(request.user).on))
    rows = lead_queries.leads(viewer=request.user)
    context = {
        "trail": [(spec.caption, "")],
        "may_add": request.user.may(Permission.EDIT_FACTS),
        "may_configure": request.user.may(Permission.CONFIGURE_PIPELINE),
    }
    return respond(request, spec, rows, template="pipeline/leads.html", context=context)


@login_required
@require_safe
def detail(request: SignedIn, pk: int) -> HttpResponse:
    view = lead_of(request, pk)
    reject = RejectForm(reasons=view.reasons)
    return render(request, "pipeline/lead.html", {"view": view, "reject": reject, "trail": _trail(view.lead.name)})


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponseBase:
    initial = {"created_on": scope_of(request.user).on}
    form = LeadForm(request.POST or None, viewer=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("leads:detail", lead_services.add_lead(row=form.row, by=request.user))
        except DomainError as error:
            _show(form, error)
    return _page(request, form, title=_("Add a lead"), trail=_trail(_("Add a lead")))


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(FORM_METHODS)
def edit(request: SignedIn, pk: int) -> HttpResponseBase:
    lead = lead_of(request, pk).lead
    initial = {**row_of(lead), "version": version_of_lead(lead)}
    form = LeadForm(request.POST or None, viewer=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            lead_services.change_lead(pk=pk, row=form.row, version=version, by=request.user)
            return redirect("leads:detail", pk)
        except DomainError as error:
            _show(form, error)
    return _page(request, form, title=_("Edit the lead"), trail=_trail(lead.name, pk, _("Edit")), lead=lead)


@permission_required(Permission.EDIT_FACTS)
@require_POST
def move(request: SignedIn, pk: int) -> HttpResponse:
    """Hand over, accept, reject or take up again: to the status `to`, from the one that the page showed."""
    lead_of(request, pk)
    given = {name: request.POST.get(name, "") for name in ("was", "to", "reason", "note")}
    said = {
        LeadStatus.MARKETING_QUALIFIED: _("The lead is handed over to sales."),
        LeadStatus.SALES_QUALIFIED: _("The lead is accepted."),
        LeadStatus.REJECTED: _("The lead is rejected."),
        LeadStatus.NEW: _("The lead is new again."),
    }
    try:
        lead_services.move_lead(pk=pk, **given, by=request.user)
        messages.success(request, said[LeadStatus(given["to"])])
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("leads:detail", pk)


def _page(request: SignedIn, form: LeadForm, **context: Any) -> HttpResponse:
    return render(request, "pipeline/lead_form.html", {"form": form, **context}, status=422 if form.errors else 200)


def _show(form: LeadForm, error: DomainError) -> None:
    problems = [(p.column, p.reason) for p in error.problems] if isinstance(error, RowsRejected) else []
    for column, reason in problems or [(error.field or "", error.message)]:
        form.add_error(column if column in form.fields else None, reason)


def lead_of(request: SignedIn, pk: int) -> lead_queries.LeadView:
    """The lead, or Http404 for who does not see it."""
    try:
        return lead_queries.lead_view(viewer=request.user, pk=pk)
    except Lead.DoesNotExist as error:
        raise Http404 from error


def _trail(name: str, pk: int | None = None, last: str = "") -> list[tuple[str, str]]:
    """Leads, then a lead or a form, and what is done to the lead."""
    here = [(name, reverse("leads:detail", args=[pk])), (last, "")] if pk else [(name, "")]
    return [(pgettext("sales", "Leads"), reverse("leads:list")), *here]
