"""What is done on the alignment board: somebody comes to a slot, goes, and the last change is taken back. Each form is a sheet
beside the board and a page of its own; what it would do is shown before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account, OrgUnit
from accounts.queries import AccountHead, account_head
from accounts.tabs import account_context
from accounts.team_forms import member_choices
from core.errors import DomainError
from core.htmx import sheet_or_page, vary_on_htmx, wants_fragment
from coverage import board_queries, board_services, board_slots
from coverage.board_forms import CoverForm, EndForm, PreviewForm
from coverage.board_services import CoverageChanged, slot_version
from coverage.models import Coverage
from teams.models import TeamRole
from teams.queries import members
from users.requests import SignedIn

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_http_methods(FORM_METHODS)
def cover(request: SignedIn, code: str) -> HttpResponseBase:
    """Somebody covers a slot from a day on."""
    head = _editable(request, code)
    given = request.POST if request.method == "POST" else request.GET
    unit, role = _slot(head, given)
    colleagues = dict(member_choices(request.user))
    held = Coverage.objects.filter(org_unit=unit, role=role).as_of(head.on)
    version = slot_version(unit=unit.pk, role=role.code)
    initial = {
        "unit": unit.code,
        "role": role.code,
        "version": version,
        "member": request.GET.get("member", ""),
        "on": request.GET.get("on") or head.on,
        "instead": "yes" if held else "no",
    }
    form = CoverForm(request.POST or None, members=colleagues, is_held=bool(held), initial=initial)

    def carry_out(values: dict[str, Any]) -> str:
        email = values.pop("member")
        board_services.cover_slot(code=code, email=email, by=request.user, **values)
        return _("%(name)s covers it.") % {"name": colleagues[email]}

    title = _("%(role)s of %(unit)s") % {"role": role.name, "unit": unit.name}
    return _respond(
        request, head, form, carry_out, title=title, verb=_("Cover the slot"), version=version, is_cover=True
    )


@login_required
@require_http_methods(FORM_METHODS)
def end(request: SignedIn, code: str, pk: int) -> HttpResponseBase:
    """Somebody ceases to cover a unit."""
    head = _editable(request, code)
    row = Coverage.objects.filter(pk=pk, account=head.account).select_related("member", "org_unit", "role").first()
    if row is None:
        raise Http404
    version = slot_version(unit=row.org_unit_id, role=row.role_id)
    form = EndForm(request.POST or None, initial={"version": version, "on": request.GET.get("on") or head.on})

    def carry_out(values: dict[str, Any]) -> str:
        board_services.end_coverage(code=code, pk=pk, by=request.user, **values)
        return _("The coverage ends on that day.")

    title = _("End the coverage of %(unit)s by %(name)s") % {"unit": row.org_unit.name, "name": row.member}
    return _respond(request, head, form, carry_out, title=title, verb=_("End the coverage"), version=version)


@login_required
@require_POST
def undo(request: SignedIn, code: str) -> HttpResponseBase:
    """The account's coverage stands again as it did before its last change."""
    head = _editable(request, code)
    try:
        board_services.undo_coverage_change(code=code, version=int(request.POST.get("version", "")), by=request.user)
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        return _done(request, head, error.message, level="error")
    return _done(request, head, _("The coverage stands as it did before the last change."))


@login_required
@require_safe
def preview(request: SignedIn, code: str) -> HttpResponseBase:
    """What somebody's coming to a slot would change: the score, the gap and the loads. Nothing is written."""
    head = _editable(request, code)
    form = PreviewForm(request.GET)
    found = form.is_valid() and members(viewer=request.user).filter(email=form.cleaned_data["member"]).first()
    if not found:
        return vary_on_htmx(render(request, "coverage/board_preview.html", {"preview": None}))
    given = form.cleaned_data
    page = board_queries.board_page(viewer=request.user, head=head, on=given["on"])
    try:
        unit = board_slots.unit_named(page, given["unit"])
    except OrgUnit.DoesNotExist as error:
        raise Http404 from error
    what = board_slots.preview(
        viewer=request.user, page=page, unit=unit, role=given["role"], member=found,
        covers_descendants=given["covers_descendants"], instead=given["instead"] == "yes",
    )  # fmt: skip
    context = {
        "preview": what,
        "page": page,
        "member": found,
        "unit": page.lines[unit],
        "role": page.roles.get(given["role"]),
    }
    return vary_on_htmx(render(request, "coverage/board_preview.html", context))


def _slot(head: AccountHead, given: QueryDict) -> tuple[OrgUnit, TeamRole]:
    unit = OrgUnit.objects.filter(account=head.account, code=given.get("unit", "")).first()
    role = board_queries.role_named(given.get("role", ""))
    if unit is None or role is None:
        raise Http404
    return unit, role


def _respond(
    request: SignedIn,
    head: AccountHead,
    form: Form,
    carry_out: Callable[[dict[str, Any]], str],
    *,
    title: str,
    verb: str,
    version: int,
    is_cover: bool = False,
) -> HttpResponseBase:
    """The form in a sheet or as a page; once it was carried out, the board."""
    if request.method == "POST" and form.is_valid():
        try:
            return _done(request, head, carry_out(dict(form.cleaned_data)))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            if isinstance(error, CoverageChanged):
                # Whoever has read what happened may save once more, over it.
                form.data = {**request.POST.dict(), "version": str(version)}
    context = {**account_context(head, "alignment"), "title": title, "verb": verb, "is_cover": is_cover}
    templates = {"sheet": "coverage/board_form.html", "page": "coverage/board_form_page.html"}
    return sheet_or_page(request, form, context, **templates)


def _done(request: SignedIn, head: AccountHead, said: str, *, level: str = "success") -> HttpResponse:
    """Back on the board; where htmx asked, the board is told to draw itself anew."""
    if wants_fragment(request):
        told = {"coverage-changed": {}, "toast": {"text": said, "level": level}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.add_message(request, messages.ERROR if level == "error" else messages.SUCCESS, said)
    return redirect(reverse("coverage:board", args=[head.account.code]))


def _editable(request: SignedIn, code: str) -> AccountHead:
    try:
        head = account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
    if not board_queries.may_cover(viewer=request.user, head=head):
        raise PermissionDenied(_("You see this account’s coverage, but only those who see it whole change it."))
    return head
