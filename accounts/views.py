from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.figures import figure_head, part_words
from accounts.lists import accounts_list, contacts_list
from accounts.models import Account
from accounts.tabs import account_context
from core.lists import respond
from users.permissions import Permission
from users.requests import SignedIn


@login_required
@require_safe
def account_list(request: SignedIn) -> HttpResponseBase:
    rows = queries.accounts_with_figures(viewer=request.user)
    spec = accounts_list()
    context = {
        "trail": [(spec.caption, "")],
        "may_merge": request.user.may(Permission.MERGE_ACCOUNTS),
        "part_words": part_words(viewer=request.user),
    }
    head = figure_head(viewer=request.user)
    return respond(request, spec, rows, template="accounts/list.html", context=context, export_head=head)


@login_required
@require_safe
def account_detail(request: SignedIn, code: str) -> HttpResponse:
    """The account's page: its structure is loaded from the room that knows who covers what."""
    context = _head(request, code, "structure")
    may_change = queries.may_change_structure(viewer=request.user, account=context["head"].account)
    return render(
        request,
        "accounts/structure.html",
        {**context, "query": request.GET.urlencode(), "may_compare": may_change},
    )


@login_required
@require_safe
def account_people(request: SignedIn, code: str) -> HttpResponseBase:
    context = _head(request, code, "people")
    rows = queries.contacts(viewer=request.user, account=context["head"].account)
    return respond(request, contacts_list(), rows, template="accounts/people.html", context=context)


def _head(request: SignedIn, code: str, tab: str) -> dict[str, Any]:
    try:
        return account_context(queries.account_head(viewer=request.user, code=code), tab)
    except Account.DoesNotExist as error:
        raise Http404 from error
