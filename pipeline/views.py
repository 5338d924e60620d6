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
from pipeline import queries
from pipeline.form_views import UNDO
from pipeline.lists import opportunity_list
from pipeline.models import Opportunity
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
    deal = _deal(request, pk)
    trail = [
        (_("Opportunities"), reverse("pipeline:list")),
        (deal.deal.account.name, reverse("pipeline:account", args=[deal.deal.account.code])),
        (deal.deal.name, ""),
    ]
    return render(request, "pipeline/detail.html", {"view": deal, "deal": deal.deal, "trail": trail})


def _deal(request: SignedIn, pk: int) -> queries.Deal:
    try:
        return queries.opportunity(viewer=request.user, pk=pk)
    except Opportunity.DoesNotExist as error:
        raise Http404 from error
