from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from money.queries import business_date
from regions import forms, queries, services
from regions.models import Region
from users.permissions import Permission
from users.requests import SignedIn, permission_required

FORM_METHODS = ("GET", "HEAD", "POST")


@permission_required(Permission.CONFIGURE_REGIONS)
@require_http_methods(FORM_METHODS)
def add(request: SignedIn) -> HttpResponse:
    form = forms.AddRegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.add_region(
                code=given["code"], name=given["name"], parent_code=given["parent"], on=given["on"], by=request.user
            )
            messages.success(request, _("%(name)s is there.") % {"name": given["name"]})
            return redirect("regions:detail", given["code"])
        except DomainError as error:
            _show(form, error)
    context = {"form": form, "trail": [(_("Regions and countries"), reverse("regions:list")), (_("Add a region"), "")]}
    return render(request, "regions/add.html", context, status=422 if form.errors else 200)


def _rename(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.rename_region(code=code, name=given["name"], by=request.user)
    return _("The region has its new name.")


def _move(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    parent = "" if given["parent"] == forms.NO_PARENT else given["parent"]
    services.move_region(code=code, parent_code=parent, on=given["on"], by=request.user)
    return _("The region moves on that day.")


def _end(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.end_region(code=code, on=given["on"], by=request.user)
    return _("The region ends on that day.")


def _country(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.move_country(country=given["country"], region_code=code, on=given["on"], by=request.user)
    return _("The country moves on that day.")


def _end_country(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.end_country(country=request.POST.get("country", ""), on=given["on"], by=request.user)
    return _("The country is unallocated from that day.")


def _lead(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.assign_lead(code=code, email=given["user"], on=given["on"], until=given["until"], by=request.user)
    return _("The lead is assigned.")


def _end_lead(request: SignedIn, code: str, given: dict[str, Any]) -> str:
    services.end_lead(lead_id=int(request.POST.get("lead", 0)), on=given["on"], by=request.user)
    return _("The lead ends on that day.")


DO: dict[str, Callable[[SignedIn, str, dict[str, Any]], str]] = {
    "rename": _rename,
    "move": _move,
    "end": _end,
    "country": _country,
    "end_country": _end_country,
    "lead": _lead,
    "end_lead": _end_lead,
}


@permission_required(Permission.CONFIGURE_REGIONS)
@require_http_methods(FORM_METHODS)
def detail(request: SignedIn, code: str) -> HttpResponse:
    """One region: its name, place, countries and leads, each changed by its own small form (`do` names it)."""
    try:
        history = queries.region_history(viewer=request.user, code=code)
    except Region.DoesNotExist as error:
        raise Http404 from error
    do = request.POST.get("do", "")
    offered = _forms(history.region, do, request.POST if request.method == "POST" else None)
    if do in DO and offered[do].is_valid():
        try:
            messages.success(request, DO[do](request, code, offered[do].cleaned_data))
            return redirect("regions:detail", code)
        except DomainError as error:
            _show(offered[do], error)
    context = {
        "history": history,
        "forms": offered,
        "today": business_date(),
        "did": do,
        "trail": _trail(history.region),
    }
    return render(request, "regions/detail.html", context, status=422 if do else 200)


def _forms(region: Region, do: str, data: Any) -> dict[str, Form]:
    """The forms of the page; only the one that was sent is bound."""
    sent = {name: (data if name == do else None) for name in DO}
    return {
        "rename": forms.RenameForm(sent["rename"], initial={"name": region.name}, prefix=None, auto_id="rename-%s"),
        "move": forms.MoveForm(sent["move"], code=region.code, auto_id="move-%s"),
        "end": forms.EndForm(sent["end"], auto_id="end-%s"),
        "country": forms.CountryForm(sent["country"], auto_id="country-%s"),
        "end_country": forms.EndForm(sent["end_country"], auto_id="end-country-%s"),
        "lead": forms.LeadForm(sent["lead"], auto_id="lead-%s"),
        "end_lead": forms.EndForm(sent["end_lead"], auto_id="end-lead-%s"),
    }


def _trail(region: Region) -> list[tuple[str, str]]:
    return [(_("Regions and countries"), reverse("regions:list")), (region.name, "")]


def _show(form: Form, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.message)
