"""The pages on which two accounts become one, and are taken apart again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import merge_preview, merges, queries
from accounts.forms import MergeForm
from accounts.merged import AccountMerge
from accounts.models import Account
from core.errors import DomainError
from users.permissions import Permission
from users.requests import SignedIn, permission_required

_SHOWN = 200


@permission_required(Permission.MERGE_ACCOUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedIn, code: str) -> HttpResponseBase:
    """Choose the account that stays, see what the merge would do, then do it."""
    gone = _account(request, code)
    form = MergeForm(request.POST or request.GET or None, viewer=request.user, gone=gone)
    context: dict[str, Any] = {"gone": gone, "form": form, "trail": _trail(gone)}
    if form.is_valid():
        into, choices = form.cleaned_data["into"], form.choices
        if request.method == "POST":
            try:
                reason = form.cleaned_data["reason"]
                merges.merge_accounts(gone=code, into=into.code, choices=choices, reason=reason, by=request.user)
                messages.success(
                    request, _("%(gone)s is part of %(into)s now.") % {"gone": gone.name, "into": into.name}
                )
                return redirect("accounts:detail", into.code)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        context["preview"] = merge_preview.preview(viewer=request.user, gone=gone, into=into, choices=choices)
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "accounts/merge.html", context, status=status)


@permission_required(Permission.MERGE_ACCOUNTS)
@require_safe
def merged(request: SignedIn) -> HttpResponse:
    """What was merged into what, when, by whom and why; each can be taken back."""
    found = list(merge_preview.merges(viewer=request.user)[:_SHOWN])
    trail = [(_("Accounts"), reverse("accounts:list")), (_("Merged accounts"), "")]
    return render(request, "accounts/merges.html", {"merges": found, "trail": trail})


@permission_required(Permission.MERGE_ACCOUNTS)
@require_POST
def undo(request: SignedIn, pk: int) -> HttpResponse:
    try:
        done = merges.undo_merge(pk=pk, by=request.user)
    except AccountMerge.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("accounts:merged")
    messages.success(request, _("%(name)s is an account of its own again.") % {"name": done.gone_name})
    return redirect("accounts:detail", done.gone_code)


def _account(request: SignedIn, code: str) -> Account:
    try:
        return queries.account_head(viewer=request.user, code=code).account
    except Account.DoesNotExist as error:
        raise Http404 from error


def _trail(gone: Account) -> list[tuple[str, str]]:
    here = reverse("accounts:detail", args=[gone.code])
    return [(_("Accounts"), reverse("accounts:list")), (gone.name, here), (_("Merge into another account"), "")]
