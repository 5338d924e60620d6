"""The set-up of stages: their order, what each is worth and what it asks for. A change of weight is shown before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import BuyingRole
from accounts.table_pages import code_table
from core.errors import DomainError
from pipeline import stage_queries, stage_services
from pipeline.models import Stage
from pipeline.stage_forms import CriterionForm, RolesForm, StageForm
from pipeline.tables import TABLES
from users.permissions import Permission
from users.requests import SignedIn, permission_required
from workspace import stage_screens as screens

FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def stages(request: SignedIn) -> HttpResponse:
    """All stages in their order; moved up and down, closed and opened, deleted where nothing hangs on them."""
    if request.method == "POST":
        code, do = request.POST.get("row", ""), request.POST.get("do", "")
        return _done(request, lambda: _carry_out(do, code, request), reverse("stages:list"))
    context = {"rows": stage_queries.stage_rows(), "categories": stage_queries.category_roles(), "roles": BuyingRole}
    return render(request, "workspace/stages.html", {**screens.frame("stages"), **context})


def _carry_out(do: str, code: str, request: SignedIn) -> str:
    if do in ("up", "down"):
        stage_services.shift_stage(code=code, is_up=do == "up", by=request.user)
        return ""
    if do in ("close", "open"):
        stage_services.close_stage(code=code, is_active=do == "open", by=request.user)
        return _("No deal is moved there any more.") if do == "close" else _("The stage is in use again.")
    if do == "delete":
        stage_services.delete_stage(code=code, by=request.user)
        return _("It is deleted.")
    raise Http404


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponse:
    form = StageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            stage_services.add_stage(code=code, values=form.values, by=request.user)
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
            return redirect("stages:detail", code)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    context = {**screens.frame("stages", _("Add a stage")), "form": form}
    return render(request, "workspace/stage_add.html", context, status=422 if form.errors else 200)


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def stage(request: SignedIn, code: str) -> HttpResponse:
    """One stage. New terms are saved only as they were weighed: what was changed after the preview is weighed again first."""
    desk = _desk(code)
    form = StageForm(request.POST or None, stage=desk.stage, version=stage_services.stage_version(code=code))
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        is_seen = not form.changes_weight or form.cleaned_data["seen"] == form.digest
        if request.POST.get("do") == "save" and is_seen:
            try:
                return _save(request, code, form)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            context = screens.effect(viewer=request.user, stage=desk.stage, form=form)
    context |= {**screens.frame("stages", desk.stage.name), "desk": desk, "form": form, "criterion": CriterionForm()}
    context |= {"roles": BuyingRole, "steps": stage_queries.buying_steps()}
    return render(request, "workspace/stage.html", context, status=422 if form.errors else 200)


def _save(request: SignedIn, code: str, form: StageForm) -> HttpResponse:
    version = form.cleaned_data["version"] or 0
    stage_services.change_stage(code=code, values=form.values, version=version, by=request.user)
    messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
    return redirect("stages:detail", code)


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_POST
def criteria(request: SignedIn, code: str) -> HttpResponse:
    """A criterion is added, changed, moved, or asked for no more."""
    _desk(code)
    return _done(request, lambda: _criterion(request, code), reverse("stages:detail", args=[code]) + "#criteria")


def _criterion(request: SignedIn, code: str) -> str:
    do, row = request.POST.get("do", ""), request.POST.get("row", "")
    pk = int(row) if row.isdecimal() else 0
    if do in ("up", "down"):
        stage_services.shift_criterion(pk=pk, is_up=do == "up", by=request.user)
    elif do == "remove":
        stage_services.remove_criterion(pk=pk, by=request.user)
    elif do in ("add", "change"):
        form = CriterionForm(request.POST)
        if not form.is_valid():
            raise DomainError(" ".join(str(said) for errors in form.errors.values() for said in errors))
        if do == "add":
            stage_services.add_criterion(code=code, by=request.user, **form.cleaned_data)
        else:
            stage_services.change_criterion(pk=pk, by=request.user, **form.cleaned_data)
    else:
        raise Http404
    return ""


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_POST
def stage_contacts(request: SignedIn, code: str) -> HttpResponse:
    """The buying roles that this stage asks for."""
    return _done(request, lambda: _roles(request, stage=code), reverse("stages:detail", args=[code]) + "#contacts")


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_POST
def category_contacts(request: SignedIn) -> HttpResponse:
    """The buying roles that every stage of a forecast category asks for."""
    category = request.POST.get("category", "")
    if category not in [asking.value for asking in stage_queries.ASKING]:
        raise Http404
    return _done(request, lambda: _roles(request, category=category), reverse("stages:list") + "#contacts")


def _roles(request: SignedIn, **of: str) -> str:
    form = RolesForm(request.POST)
    if not form.is_valid():
        raise DomainError(" ".join(str(said) for errors in form.errors.values() for said in errors))
    stage_services.set_required_roles(roles=form.cleaned_data["roles"], by=request.user, **of)
    return _("The required contacts are saved.")


@permission_required(Permission.CONFIGURE_PIPELINE)
@require_http_methods(FORM_METHODS)
def table(request: SignedIn, name: str) -> HttpResponse:
    """The buyer's steps, or competitors."""
    found = TABLES.get(name)
    if found is None:
        raise Http404
    return code_table(request, found, address=reverse("stages:table", args=[name]), frame=screens.frame(name))


def _desk(code: str) -> stage_queries.StageDesk:
    try:
        return stage_queries.stage_desk(code=code)
    except Stage.DoesNotExist as error:
        raise Http404 from error


def _done(request: SignedIn, carry_out: Callable[[], str], address: str) -> HttpResponse:
    """Do it, say so or why not, and show the page again."""
    try:
        if said := carry_out():
            messages.success(request, said)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(address)
