from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import queries, services
from accounts.forms import InviteForm
from core.errors import DomainError
from teams.services import invite_member
from users.models import User
from users.permissions import Permission
from users.queries import users
from users.requests import SignedIn, permission_required
from users.services import grantable_access

FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.MANAGE_USERS)
@require_http_methods(FORM_METHODS)
def invite(request: SignedIn) -> HttpResponse:
    """Make a login, for a member or for somebody new; the link to set a password is asked for on her page."""
    form = InviteForm(request.POST or None, offered=grantable_access(by=request.user))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("users:detail", invite_member(by=request.user, **form.cleaned_data))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    trail = [(_("People and access"), reverse("users:list")), (_("Invite somebody"), "")]
    return render(request, "users/invite.html", {"form": form, "trail": trail}, status=422 if form.errors else 200)


@permission_required(Permission.MANAGE_USERS)
@require_http_methods(FORM_METHODS)
def granted(request: SignedIn, pk: int) -> HttpResponse:
    """The accounts granted to a user: a panel of her page, which adds and takes back."""
    try:
        user = users(viewer=request.user).get(pk=pk)
    except User.DoesNotExist as error:
        raise Http404 from error
    if request.method == "POST":
        act = services.revoke_account if "revoke" in request.POST else services.grant_account
        try:
            act(code=request.POST.get("revoke") or request.POST.get("account", ""), user=user, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("users:detail", pk)
    offered = queries.accounts(viewer=request.user).order_by("name", "id").values_list("code", "name")
    context = {"person": user, "grants": queries.grants_of(viewer=request.user, user=user), "offered": offered}
    return render(request, "users/grants.html", context)
