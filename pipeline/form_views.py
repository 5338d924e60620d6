from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account
from accounts.queries import account_head
from core.errors import DomainError
from pipeline import services
from pipeline.deals import rows_of, version_of
from pipeline.forms import AccountChoice, DealForms
from pipeline.models import Opportunity
from pipeline.queries import Deal, opportunity
from users.permissions import Permission
from users.requests import SignedIn, permission_required

UNDO = "undo_opportunity"
UNDO_CONVERSION = "undo_conversion"
FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponseBase:
    """The account first; then the deal, its lines and splits."""
    if not (code := request.GET.get("account", "")):
        choice = AccountChoice(viewer=request.user)
        return render(
            request, "pipeline/choose_account.html", {"form": choice, "trail": _trail(_("Add an opportunity"))}
        )
    forms = DealForms(request.POST or None, viewer=request.user, account=account_of(request, code))
    if request.method == "POST" and forms.is_valid():
        try:
            pk = services.add_opportunity(rows=forms.rows, by=request.user)
            return redirect("pipeline:detail", pk)
        except DomainError as error:
            show(forms, error)
    return _page(request, forms, title=_("Add an opportunity"), trail=_trail(_("Add an opportunity")))


@permission_required(Permission.EDIT_FACTS)
@require_http_methods(FORM_METHODS)
def edit(request: SignedIn, pk: int) -> HttpResponseBase:
    view = deal_to_change(request, pk).deal
    rows = rows_of(view)
    forms = DealForms(
        request.POST or None, viewer=request.user, account=view.account, rows=rows, version=version_of(rows)
    )
    if request.method == "POST" and forms.is_valid():
        try:
            version = forms.form.cleaned_data["version"]
            reason = forms.form.cleaned_data["reason"]
            services.change_opportunity(pk=pk, rows=forms.rows, version=version, reason=reason, by=request.user)
            return redirect("pipeline:detail", pk)
        except DomainError as error:
            show(forms, error)
    trail = _trail(view.name, reverse("pipeline:detail", args=[pk]), _("Edit"))
    return _page(request, forms, title=_("Edit the opportunity"), trail=trail, deal=view)


@permission_required(Permission.EDIT_FACTS)
@require_POST
def delete(request: SignedIn, pk: int) -> HttpResponse:
    view = deal_to_change(request, pk).deal
    try:
        token = services.delete_opportunity(pk=pk, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("pipeline:detail", pk)
    request.session[UNDO] = {"token": token, "name": view.name}
    return redirect("pipeline:list")


@permission_required(Permission.EDIT_FACTS)
@require_POST
def undo(request: SignedIn) -> HttpResponse:
    kept = request.session.pop(UNDO, {})
    try:
        pk = services.restore_opportunity(token=kept.get("token", ""), by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("pipeline:list")
    messages.success(request, _("“%(name)s” is back.") % {"name": kept["name"]})
    return redirect("pipeline:detail", pk)


def _page(request: SignedIn, forms: DealForms, **context: Any) -> HttpResponse:
    status = 422 if forms.has_errors and request.method == "POST" else 200
    return render(request, "pipeline/form.html", {"forms": forms, **context}, status=status)


def show(forms: DealForms, error: DomainError) -> None:
    """What the write path refused, beside the fields that it is about."""
    if isinstance(error, services.DealRejected):
        forms.show(error.part, error.problems)
    else:
        forms.form.add_error(None, error.message)


def account_of(request: SignedIn, code: str) -> Account:
    """The account, or Http404 for who does not see it."""
    try:
        return account_head(viewer=request.user, code=code).account
    except Account.DoesNotExist as error:
        raise Http404 from error


def deal_in_sight(request: SignedIn, pk: int) -> Deal:
    """The deal, or Http404 for who does not see it."""
    try:
        return opportunity(viewer=request.user, pk=pk)
    except Opportunity.DoesNotExist as error:
        raise Http404 from error


def deal_to_change(request: SignedIn, pk: int) -> Deal:
    """The deal, or Http404 for who may not change all of it."""
    found = deal_in_sight(request, pk)
    if not found.may_edit:
        raise Http404
    return found


def _trail(*parts: str) -> list[tuple[str, str]]:
    """Opportunities, then names and addresses in turn."""
    named = [*parts, ""] if len(parts) % 2 else [*parts]
    pairs = list(zip(named[::2], named[1::2], strict=True))
    return [(_("Opportunities"), reverse("pipeline:list")), *pairs]
