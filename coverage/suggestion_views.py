from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from accounts.queries import account_head
from accounts.tabs import account_context
from core.errors import DomainError
from core.htmx import vary_on_htmx, wants_fragment
from coverage import suggestion_queries, suggestion_services
from coverage.proposal_forms import AcceptForm
from coverage.suggestion_forms import SlotForm
from coverage.weighing import account_named
from users.permissions import Permission
from users.requests import SignedIn, permission_required


@login_required
@require_safe
def suggestions(request: SignedIn, code: str) -> HttpResponseBase:
    """Who fits a slot (`unit`, `role`) best: the part that a page loads beside it."""
    return _shown(request, _account(request, code), SlotForm(request.GET), "")


@permission_required(Permission.EDIT_ACCOUNTS)
@require_POST
def fill(request: SignedIn, code: str) -> HttpResponseBase:
    """Put a suggested member on the slot; what is left to suggest stands in its place."""
    account, form, day = _account(request, code), SlotForm(request.POST), AcceptForm(request.POST)
    error = ""
    try:
        if day.is_valid():
            given: dict[str, Any] = {**form.slot(), "member_email": request.POST.get("member", "")}
            suggestion_services.fill_slot(by=request.user, account=account, valid_from=day.day, **given)
        else:
            error = str(day.errors["valid_from"][0])
    except DomainError as refused:
        error = refused.message
    except ObjectDoesNotExist as gone:
        raise Http404 from gone
    answer = _shown(request, account, form, error)
    if not error:
        answer.headers["HX-Trigger"] = "coverage-changed"
    return answer


def _shown(request: SignedIn, account: Account, form: SlotForm, error: str) -> HttpResponseBase:
    try:
        found = suggestion_queries.suggestions(viewer=request.user, account=account, on=form.day, **form.slot())
    except suggestion_queries.NoSlot as gone:
        raise Http404 from gone
    may_fill = request.user.may(Permission.EDIT_ACCOUNTS)
    context = {"found": found, "may_fill": may_fill, "error": error}
    if wants_fragment(request):
        return vary_on_htmx(render(request, "coverage/suggestions.html", context))
    head = account_head(viewer=request.user, code=account.code)
    page = {**context, **account_context(head, "alignment")}
    return vary_on_htmx(render(request, "coverage/suggestions_page.html", page))


def _account(request: SignedIn, code: str) -> Account:
    try:
        return account_named(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
