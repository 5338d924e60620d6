"""Changing a structure from its chart: each deed a sheet and a page of its own, told before it is done, and taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import restructuring
from accounts.models import Account
from accounts.queries import AccountHead, account_head
from accounts.restructured import Restructuring
from accounts.tabs import account_context
from accounts.unit_footprints import estate_of
from core import formats
from core.errors import DomainError
from core.htmx import leave_for, sheet_or_page, vary_on_htmx
from coverage import restructuring_queries
from coverage.forms import StructureForm
from coverage.restructuring_forms import DeedForm, form_for
from users.requests import SignedIn


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restructure(request: SignedIn, code: str, deed: str) -> HttpResponseBase:
    """The form of a deed to the unit that the address names; posted, it is carried out."""
    head = _head(request, code)
    form = _form(request, head, deed, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = _carry_out(request, head, form)
            return leave_for(request, _address(head, form, done.on))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {**account_context(head, "structure"), "deed": deed, "query": request.GET.urlencode()}
    context["title"] = form.title % {"name": form.estate.name_of(form.unit)}
    templates = {"sheet": "coverage/restructure.html", "page": "coverage/restructure_page.html"}
    return sheet_or_page(request, form, context, **templates)


@login_required
@require_safe
def preview(request: SignedIn, code: str, deed: str) -> HttpResponseBase:
    """What the form would do as it is filled in now: the part that it loads beneath its fields."""
    head = _head(request, code)
    form = _form(request, head, deed, request.GET)
    context: dict[str, Any] = {"today": head.on}
    if form.is_valid():
        given = form.cleaned_data
        try:
            deeds = [form.deed()]
            context["preview"] = restructuring_queries.preview(
                viewer=request.user,
                account=head.account,
                estate=form.estate,
                deeds=deeds,
                on=given["on"],
                ends_coverage=form.ends,
            )
        except DomainError as error:
            context["refused"] = error.message
    return vary_on_htmx(render(request, "coverage/restructure_preview.html", context))


@login_required
@require_safe
def options(request: SignedIn, code: str) -> HttpResponseBase:
    """Units for a field that asks for one, while somebody types."""
    head = _head(request, code)
    text = next((value for name in ("parent", "other") if (value := request.GET.get(name, ""))), "")
    found = restructuring_queries.unit_options(estate_of(head.account), text[:100], head.on)
    return vary_on_htmx(render(request, "coverage/unit_options.html", {"options": found}))


@login_required
@require_POST
def undo(request: SignedIn, code: str, pk: int) -> HttpResponse:
    """A step is taken back, while nothing has been built on it."""
    _head(request, code)
    try:
        restructuring.take_back(account=code, pk=pk, by=request.user)
        messages.success(request, _("The structure stands as it did before that step."))
    except Restructuring.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("accounts:detail", code)


def _carry_out(request: SignedIn, head: AccountHead, form: DeedForm) -> Restructuring:
    given = form.cleaned_data
    deed = form.deed()
    if form.errors:
        raise DomainError(_("Look at what is marked."))
    done = restructuring.restructure(
        account=head.account.code,
        deeds=[deed],
        on=given["on"],
        by=request.user,
        reason=given["reason"],
        expected=given["expected"] or None,
        ends_resting=form.ends,
    )
    text = _("Planned from %(day)s: %(words)s.") if done.on > head.on else _("From %(day)s: %(words)s.")
    messages.success(request, text % {"day": formats.day(done.on, style="long"), "words": done.words})
    return done


def _address(head: AccountHead, form: DeedForm, on: dt.date) -> str:
    """The chart on the first day of the change, where that lies ahead, with the unit chosen."""
    chosen = {"structure": form.cleaned_data.get("within") or form.structure, "unit": form.unit}
    if isinstance(chosen["structure"], list):
        chosen["structure"] = form.structure
    if on > head.on:
        chosen["on"] = on.isoformat()
    return f"{reverse('accounts:detail', args=[head.account.code])}?{urlencode(chosen)}"


def _form(request: SignedIn, head: AccountHead, deed: str, sent: Any) -> DeedForm:
    if not restructuring_queries.may_restructure(viewer=request.user, account=head.account):
        raise PermissionDenied(_("You see this account’s structure, but its team and administrators change it."))
    chosen = StructureForm({name: request.GET[name] for name in ("structure",) if name in request.GET}).chosen()
    estate = estate_of(head.account)
    unit = request.GET.get("unit", "")
    if unit not in estate.units:
        raise Http404
    day = StructureForm({"on": request.GET.get("day", "")}).chosen()["on"] or head.on
    structure = chosen["structure"] or next(iter(estate.structures), "legal")
    initial = {"on": day, **{name: request.GET[name] for name in ("parent",) if name in request.GET}}
    try:
        return form_for(deed, sent, estate=estate, unit=unit, structure=structure, initial=initial)
    except KeyError as error:
        raise Http404 from error


def _head(request: SignedIn, code: str) -> AccountHead:
    try:
        return account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
