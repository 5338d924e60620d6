"""From a lead to an opportunity, and back within the hour."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from pipeline import lead_queries, lead_services
from pipeline.deals import DealRows
from pipeline.form_views import FORM_METHODS, UNDO_CONVERSION, account_of, show
from pipeline.forms import AccountChoice, DealForms
from pipeline.lead_rows import row_of
from pipeline.lead_views import lead_of
from pipeline.models import Lead
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(FORM_METHODS)
def convert(request: SignedIn, pk: int) -> HttpResponseBase:
    """The account first, unless the lead has one; then the deal as the lead lets expect it."""
    view = lead_of(request, pk)
    code = request.GET.get("account") or view.lead.account_code or ""
    if not code:
        form = AccountChoice(viewer=request.user)
        context = {"form": form, "lead": view.lead, "trail": _trail(view.lead)}
        return render(request, "pipeline/convert_account.html", context)
    forms = DealForms(
        request.POST or None, viewer=request.user, account=account_of(request, code), rows=_expected(view)
    )
    if request.method == "POST" and forms.is_valid():
        try:
            return _converted(request, view.lead, forms.rows)
        except DomainError as error:
            show(forms, error)
    status = 422 if forms.has_errors and request.method == "POST" else 200
    title = _("Make an opportunity of “%(name)s”") % {"name": view.lead.name}
    context = {"forms": forms, "title": title, "trail": _trail(view.lead), "lead": view.lead}
    return render(request, "pipeline/form.html", context, status=status)


def _converted(request: SignedIn, lead: Lead, rows: DealRows) -> HttpResponse:
    deal, token = lead_services.convert_lead(pk=lead.pk, rows=rows, by=request.user)
    request.session[UNDO_CONVERSION] = {"token": token, "name": lead.name, "deal": deal}
    messages.success(request, _("The lead has become this opportunity."))
    return redirect("pipeline:detail", deal)


@permission_required(Permission.EDIT_FACTS)
@require_POST
def undo(request: SignedIn) -> HttpResponse:
    kept = request.session.pop(UNDO_CONVERSION, {})
    try:
        pk = lead_services.undo_conversion(token=kept.get("token", ""), by=request.user)
    except Lead.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("leads:list")
    messages.success(request, _("“%(name)s” is a lead again.") % {"name": kept["name"]})
    return redirect("leads:detail", pk)


def _expected(view: lead_queries.LeadView) -> DealRows:
    """What the lead says of the deal; of its account, what the reader sees."""
    row = row_of(view.lead)
    kept = {name: row[name] for name in ("amount", "owner_email", "country")}
    kept["currency"] = row["currency"] or (view.lead.account.currency_id if view.lead.account_code else "") or "EUR"
    return DealRows({**kept, "name": view.lead.company or view.lead.name, "created_on": view.on})


def _trail(lead: Any) -> list[tuple[str, str]]:
    here = (lead.name, reverse("leads:detail", args=[lead.pk]))
    return [(pgettext("sales", "Leads"), reverse("leads:list")), here, (_("Make an opportunity"), "")]
