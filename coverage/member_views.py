"""A member's page, and the forms by which administrators say who is one of us."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.team_forms import member_choices
from core.errors import DomainError
from coverage.member_queries import MemberPage, member_page
from teams import services
from teams.forms import MemberForm
from teams.models import Member
from users.permissions import Permission
from users.requests import SignedIn, permission_required

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_safe
def detail(request: SignedIn, email: str) -> HttpResponse:
    page = _page(request, email)
    return render(request, "coverage/member.html", {"page": page, "trail": _trail(str(page.member))})


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponse:
    form = MemberForm(request.POST or None, people=member_choices(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            email = services.add_member(values=_values(form), by=request.user)
            messages.success(request, _("The member is added."))
            return redirect("members:detail", email)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {"form": form, "title": _("Add a member"), "trail": _trail(_("Add a member"))}
    return render(request, "coverage/member_form.html", context, status=422 if form.errors else 200)


@permission_required(Permission.CONFIGURE_TEAMS)
@require_http_methods(FORM_METHODS)
def edit(request: SignedIn, email: str) -> HttpResponse:
    member = _page(request, email).member
    initial = {**MemberForm.initial_of(member), "version": services.member_version(pk=member.pk)}
    people = [(address, name) for address, name in member_choices(request.user) if address != member.email]
    form = MemberForm(request.POST or None, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            services.change_member(pk=member.pk, values=_values(form), version=version, by=request.user)
            messages.success(request, _("The member is saved."))
            return redirect("members:detail", form.cleaned_data["email"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context: dict[str, Any] = {"form": form, "member": member, "title": str(member), "trail": _trail(str(member))}
    return render(request, "coverage/member_form.html", context, status=422 if form.errors else 200)


@permission_required(Permission.CONFIGURE_TEAMS)
@require_POST
def delete(request: SignedIn, email: str) -> HttpResponse:
    """Somebody who was made by mistake; who has done anything stays, and what it is is said."""
    member = _page(request, email).member
    try:
        services.remove_member(pk=member.pk, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("members:detail", email)
    messages.success(request, _("The member is deleted."))
    return redirect("teams:list")


def _page(request: SignedIn, email: str) -> MemberPage:
    try:
        return member_page(viewer=request.user, email=email)
    except Member.DoesNotExist as error:
        raise Http404 from error


def _values(form: MemberForm) -> dict[str, Any]:
    """Named as the columns of a file."""
    given = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    for name in ("works_from", "works_to"):
        given[name] = f"{given[name]:%H:%M}" if given[name] else None
    return given


def _trail(last: str) -> list[tuple[str, str]]:
    return [(_("Teams"), reverse("teams:list")), (last, "")]
