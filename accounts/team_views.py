"""An account's team: who serves it, did and will, and the forms by which that changes, each a sheet and a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries, team_forms, team_queries, team_services
from accounts.models import Account
from accounts.queries import AccountHead
from accounts.tabs import account_context
from core.errors import DomainError
from core.htmx import leave_for, sheet_or_page
from core.periods import BEGINNING
from teams.models import TeamMember
from users.requests import SignedIn

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_safe
def team(request: SignedIn, code: str) -> HttpResponse:
    head = _head(request, code)
    found = queries.team(account=head.account, on=head.on)
    desk = team_queries.team_desk(viewer=request.user, account=head.account)
    return render(request, "accounts/team.html", {**account_context(head, "team"), "team": found, "desk": desk})


@login_required
@require_http_methods(FORM_METHODS)
def add(request: SignedIn, code: str) -> HttpResponseBase:
    """Somebody comes into the team."""
    head = _head(request, code)
    form = team_forms.AddForm(request.POST or None, viewer=request.user, initial={"on": head.on})

    def carry_out(given: dict[str, Any]) -> str:
        email = given.pop("member")
        team_services.add_to_team(code=code, email=email, by=request.user, **given)
        return _("The member serves the account.")

    return _respond(request, head, form, carry_out, title=_("Add a member"), verb=_("Add the member"))


@login_required
@require_http_methods(FORM_METHODS)
def appoint(request: SignedIn, code: str) -> HttpResponseBase:
    """Somebody becomes the global account manager from a day on."""
    head = _head(request, code)
    initial = {"on": head.on, "version": team_services.manager_version(account=head.account)}
    form = team_forms.AppointForm(request.POST or None, viewer=request.user, initial=initial)

    def carry_out(given: dict[str, Any]) -> str:
        email = given.pop("member")
        team_services.appoint_manager(code=code, email=email, by=request.user, **given)
        return _("The global account manager is appointed.")

    title = _("Replace the global account manager") if head.manager else _("Appoint the global account manager")
    return _respond(request, head, form, carry_out, title=title, verb=_("Appoint"))


@login_required
@require_http_methods(FORM_METHODS)
def correct(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """What was written wrongly of a membership is said anew."""
    head = _head(request, code)
    row = _row(head, pk)
    initial = {
        "role": row.role_id,
        "on": row.valid_from if row.valid_from > BEGINNING else None,
        "until": row.valid_to,
        "version": team_services.membership_version(row=row),
    }
    form = team_forms.CorrectForm(request.POST or None, initial=initial)

    def carry_out(given: dict[str, Any]) -> str:
        team_services.correct_membership(code=code, pk=pk, by=request.user, **given)
        return _("The membership is corrected.")

    title = _("Correct the role or the dates of %(name)s") % {"name": row.member}
    return _respond(request, head, form, carry_out, title=title, verb=_("Save the correction"), row=row)


@login_required
@require_http_methods(FORM_METHODS)
def end(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """A membership ends on a day."""
    head = _head(request, code)
    row = _row(head, pk)
    initial = {"on": max(head.on, row.valid_from), "version": team_services.membership_version(row=row)}
    form = team_forms.EndForm(request.POST or None, initial=initial)

    def carry_out(given: dict[str, Any]) -> str:
        team_services.end_membership(code=code, pk=pk, by=request.user, **given)
        return _("The membership ends on that day.")

    title = _("End the time of %(name)s in this team") % {"name": row.member}
    return _respond(request, head, form, carry_out, title=title, verb=_("End the membership"), row=row)


@login_required
@require_POST
def undo(request: SignedIn, code: str) -> HttpResponse:
    """The last change of the team is taken back, if it is still the one that the page showed."""
    _head(request, code)
    try:
        version = int(request.POST.get("version", "0") or 0)
        team_services.undo_team_change(code=code, version=version, by=request.user)
        messages.success(request, _("The team stands as it did before the last change."))
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("accounts:team", code)


def _respond(
    request: SignedIn,
    head: AccountHead,
    form: Form,
    carry_out: Callable[[dict[str, Any]], str],
    *,
    title: str,
    verb: str,
    row: TeamMember | None = None,
) -> HttpResponseBase:
    """The form in a sheet or as a page; once it was carried out, the team."""
    address = reverse("accounts:team", args=[head.account.code])
    if not team_queries.may_staff(viewer=request.user, account=head.account):
        raise PermissionDenied(_("You see this account’s team, but its members and administrators change it."))
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, carry_out(dict(form.cleaned_data)))
            return leave_for(request, address)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {**account_context(head, "team"), "title": title, "verb": verb, "row": row}
    templates = {"sheet": "accounts/team_form.html", "page": "accounts/team_form_page.html"}
    return sheet_or_page(request, form, context, **templates)


def _head(request: SignedIn, code: str) -> AccountHead:
    try:
        return queries.account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error


def _row(head: AccountHead, pk: int) -> TeamMember:
    row = TeamMember.objects.filter(pk=pk, team=head.account.team_id).select_related("member", "role").first()
    if row is None:
        raise Http404
    return row
