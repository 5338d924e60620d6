"""Quotas set as a grid: weighed before they are saved, taken back afterwards."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import scope_of
from core.errors import DomainError
from money.queries import fiscal_start_month, reporting_currencies
from revenue.models import QuotaMeasure, QuotaScope
from revenue.quota_services import may_set_some, quota_version, save_quotas, undo_quotas
from users.models import User
from users.requests import SignedIn
from workspace import quota_grid
from workspace.quota_grid import Asked, Grid
from workspace.quota_grid_forms import AskedForm, GridForm, digest
from workspace.quota_lists import scope_words
from workspace.quota_queries import period_words

FORM_METHODS = ("GET", "HEAD", "POST")


@login_required
@require_http_methods(FORM_METHODS)
def grid(request: SignedIn) -> HttpResponse:
    """Saved only as it was weighed: what was changed after the preview is weighed again first."""
    if not may_set_some(request.user):
        raise PermissionDenied(_("Set quotas"))
    asked, chooser = _asked(request)
    shown = quota_grid.grid(viewer=request.user, asked=asked, start_month=fiscal_start_month())
    form = _form(request, shown)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        cells = form.cells()
        if request.POST.get("do") == "save" and form.cleaned_data["seen"] == digest(cells):
            try:
                return _save(request, asked, form)
            except DomainError as error:
                form.add_error(None, error.message)
        context = _weighed(request.user, shown, form)
    context |= _page(request, asked, chooser, shown) | {"form": form}
    return render(request, "workspace/quota_grid.html", context, status=422 if form.errors else 200)


def _asked(request: SignedIn) -> tuple[Asked, AskedForm]:
    scope = request.GET.get("scope", "")
    scope = scope if scope in QuotaScope.values else QuotaScope.REGION.value
    start = fiscal_start_month()
    year = quota_grid.this_year(scope_of(request.user).on, start)
    usual = _usual_of(request.user, scope)
    plain = Asked(scope, "", "", year, "year")
    chooser = AskedForm(request.GET, ways=quota_grid.ways(viewer=request.user, asked=plain))
    return chooser.asked(scope, usual_year=year, usual_of=usual), chooser


def _usual_of(user: User, scope: str) -> str:
    """A lead begins below what she leads, or is; others at the top."""
    led = scope_of(user).region_codes
    if scope == QuotaScope.REGION and led:
        return led[0]
    member = getattr(user, "member", None)
    return member.email if scope == QuotaScope.MEMBER and led and member is not None else ""


def _form(request: SignedIn, shown: Grid) -> GridForm:
    version = quota_version(scope=shown.asked.scope, measure=shown.asked.measure)
    usual = reporting_currencies()[0]
    return GridForm(request.POST or None, grid=shown, usual_currency=usual, initial={"version": version})


def _weighed(user: User, shown: Grid, form: GridForm) -> dict[str, Any]:
    cells = form.cells()
    return {
        "effects": quota_grid.effects(viewer=user, shown=shown, cells=cells),
        "changed": quota_grid.changes(shown, cells),
        "seen": digest(cells),
        "is_weighed": True,
        "period_words": period_words,
    }


def _page(request: SignedIn, asked: Asked, chooser: AskedForm, shown: Grid) -> dict[str, Any]:
    tabs = [(words, f"?scope={scope}", scope == asked.scope) for scope, words in scope_words().items()]
    return {
        "asked": asked,
        "shown": shown,
        "chooser": chooser,
        "tabs": tabs,
        "tabs_label": _("Whose quotas"),
        "address": _address(asked),
        "measure_words": QuotaMeasure(asked.measure).label,
        "trail": [(_("Quotas"), f"{reverse('quotas:list')}?scope={asked.scope}"), (_("Set quotas"), "")],
        "undoable": quota_version(scope=asked.scope, measure=asked.measure),
    }


def _address(asked: Asked) -> str:
    chosen = {"scope": asked.scope, "of": asked.of, "measure": asked.measure, "year": asked.year, "by": asked.by}
    return f"{reverse('quotas:grid')}?{urlencode(chosen)}"


def _save(request: SignedIn, asked: Asked, form: GridForm) -> HttpResponse:
    version = form.cleaned_data["version"]
    changed = save_quotas(
        scope=asked.scope, measure=asked.measure, cells=form.cells(), version=version, by=request.user
    )
    words = ngettext("%(n)d quota was set.", "%(n)d quotas were set.", changed) % {"n": changed}
    messages.success(request, words)
    return redirect(_address(asked))


@login_required
@require_POST
def undo(request: SignedIn, scope: str, measure: str) -> HttpResponse:
    """The last change of the quotas of a scope and measure is taken back."""
    if scope not in QuotaScope.values or measure not in QuotaMeasure.values:
        raise Http404(scope)
    if not may_set_some(request.user):
        raise PermissionDenied(_("Set quotas"))
    try:
        version = int(request.POST.get("version", "0") or 0)
        undo_quotas(scope=scope, measure=measure, version=version, by=request.user)
        messages.success(request, _("The quotas stand as they did before the last change."))
    except ValueError as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('quotas:grid')}?scope={scope}&measure={measure}")
