"""What the structure chart asks for as it is looked at, and the structure on paper and in files."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account, OrgUnit
from accounts.queries import AccountHead, account_head
from accounts.tabs import account_context
from core import formats
from core.exports import streamed_csv
from coverage import nodes, queries
from coverage.forms import BranchForm, StructureForm
from coverage.outlines import Outline, export_columns, outline
from coverage.pictures import svg_of
from coverage.queries import StructureChart
from users.requests import SignedIn


@login_required
@require_safe
def branch(request: SignedIn, code: str) -> HttpResponseBase:
    """The next units below one of them, for the chart's script."""
    chart = _chart(request, code)
    form = BranchForm(request.GET)
    unit = form.unit_id()
    if unit and unit not in chart.view.units:
        raise Http404
    return JsonResponse({"nodes": nodes.below(chart, unit or nodes.TOP, form.after())})


@login_required
@require_safe
def search(request: SignedIn, code: str) -> HttpResponseBase:
    """Units that hold the words of `q`, with what it takes to show them in the tree."""
    return JsonResponse(nodes.found(_chart(request, code), request.GET.get("q", "")[:100]))


@login_required
@require_safe
def outline_page(request: SignedIn, code: str) -> HttpResponseBase:
    """The whole structure, or the chosen branch, as a table from the top down: for paper, and without scripts."""
    head = _head(request, code)
    found = _outline(request, code)
    context: dict[str, Any] = {"outline": found, "subtitle": _subtitle(found), "query": request.GET.urlencode()}
    return render(request, "coverage/outline.html", {**account_context(head, "structure"), **context})


@login_required
@require_safe
def export(request: SignedIn, code: str, kind: str) -> HttpResponseBase:
    """The same rows as a file: `csv` or `svg`."""
    found = _outline(request, code)
    name = f"structure-{code}-{found.chart.view.structure}-{found.chart.view.on.isoformat()}".replace("/", "-")
    if kind == "csv":
        head = [found.chart.account.name, _subtitle(found)]
        return streamed_csv(export_columns(found.chart.currency), found, name=name, head=head)
    pieces = svg_of(found.rows, title=found.chart.account.name, subtitle=_subtitle(found), unit=found.chart.currency)
    response = StreamingHttpResponse(pieces, content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    return response


def _subtitle(found: Outline) -> str:
    view = found.chart.view
    told = {
        "structure": dict(StructureForm.base_fields["structure"].choices)[view.structure],  # type: ignore[attr-defined]  # a ChoiceField
        "day": formats.day(view.on, style="long"),
        "number": len(found.rows),
    }
    said = _("Structure: %(structure)s · %(day)s · %(number)s units") % told
    return f"{said} · {found.top.name}" if found.top else said


def _outline(request: SignedIn, code: str) -> Outline:
    try:
        return outline(_chart(request, code), code=request.GET.get("unit", ""))
    except OrgUnit.DoesNotExist as error:
        raise Http404 from error


def _chart(request: SignedIn, code: str) -> StructureChart:
    head = _head(request, code)
    chosen = StructureForm(request.GET).chosen()
    return queries.structure_chart(viewer=request.user, account=head.account, **chosen)


def _head(request: SignedIn, code: str) -> AccountHead:
    try:
        return account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
