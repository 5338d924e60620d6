from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import scope_of
from accounts.models import Account
from accounts.queries import account_head
from accounts.tabs import account_context
from core.lists import respond
from pipeline import deal_queries, queries
from pipeline.deal_forms import CompetitorForm, ContactForm, NextStepForm
from pipeline.form_views import UNDO, UNDO_CONVERSION, deal_in_sight
from pipeline.lists import opportunity_list
from pipeline.move_views import MOVED
from pipeline.ways import ways
from users.permissions import Permission
from users.requests import SignedIn


@login_required
@require_safe
def opportunities(request: SignedIn) -> HttpResponseBase:
    spec = opportunity_list(on=scope_of(request.user).on)
    rows = queries.opportunities(viewer=request.user)
    context = {
        "trail": [(spec.caption, "")],
        "may_add": request.user.may(Permission.EDIT_FACTS),
        "deleted": request.session.get(UNDO),
        **ways(request.GET, "list"),
    }
    return respond(request, spec, rows, template="pipeline/list.html", context=context)


@login_required
@require_safe
def account_pipeline(request: SignedIn, code: str) -> HttpResponseBase:
    """The deals of one account: a tab of its page."""
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    rows = queries.opportunities(viewer=request.user).filter(account=head.account)
    context: dict[str, Any] = account_context(head, "pipeline")
    context["may_add"] = request.user.may(Permission.EDIT_FACTS)
    return respond(request, opportunity_list(on=head.on), rows, template="pipeline/account.html", context=context)


@login_required
@require_safe
def detail(request: SignedIn, pk: int) -> HttpResponse:
    deal = deal_in_sight(request, pk)
    trail = [
        (_("Opportunities"), reverse("pipeline:list")),
        (deal.deal.account.name, reverse("pipeline:account", args=[deal.deal.account.code])),
        (deal.deal.name, ""),
    ]
    context: dict[str, Any] = {"view": deal, "deal": deal.deal, "trail": trail}
    context["around"] = deal_queries.around(viewer=request.user, deal=deal.deal, on=deal.on)
    if deal.may_edit:
        context |= _forms(request, deal, context["around"])
    moved = request.session.get(MOVED)
    context["may_undo"] = request.session.get(UNDO_CONVERSION, {}).get("deal") == pk
    context["moved"] = moved if moved and moved["pk"] == pk and deal.may_edit else None
    return render(request, "pipeline/detail.html", context)


def _forms(request: SignedIn, view: queries.Deal, around: deal_queries.Around) -> dict[str, Any]:
    """What is filled in beside a deal."""
    step = around.next_step
    initial = {"text": step.text, "due_on": step.due_on, "member": step.member and step.member.email} if step else {}
    competitors = CompetitorForm(auto_id="competitor-%s")
    return {
        "contact_form": ContactForm(viewer=request.user, account_id=view.deal.account_id, auto_id="contact-%s"),
        "competitor_form": competitors if competitors.has_choice else None,
        "step_form": NextStepForm(viewer=request.user, initial=initial, auto_id="step-%s"),
    }
