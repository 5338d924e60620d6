from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account, OrgUnit
from accounts.queries import AccountHead, account_head
from core.htmx import vary_on_htmx
from coverage import nodes, queries
from coverage.deed_links import deed_links
from coverage.forms import StructureForm
from coverage.restructuring_queries import may_restructure, steps
from users.requests import SignedIn


@login_required
@require_safe
def structure(request: SignedIn, code: str) -> HttpResponseBase:
    """The structure chart on a chosen day: the part that the account's page loads and redraws."""
    head = _head(request, code)
    form = StructureForm(request.GET)
    chosen = form.chosen()
    chart = queries.structure_chart(viewer=request.user, account=head.account, **chosen)
    # The panel begins with the unit that was asked for, else with the top of the tree.
    first = [chart.view.units[pk].code for pk in chart.view.forest.roots[:1]]
    unit = form.cleaned_data.get("unit", "") or "".join(first)
    context = {
        "chart": chart,
        "nodes": nodes.first_nodes(chart),
        "form": form,
        "gaps": len(chart.covered.staffing.gaps.gaps),
        "unit_url": nodes.panel_url(chart, unit) if unit else "",
        "urls": nodes.addresses(chart, may_restructure=may_restructure(viewer=request.user, account=head.account)),
        "steps": steps(viewer=request.user, account=head.account),
    }
    return vary_on_htmx(render(request, "coverage/structure.html", context))


@login_required
@require_safe
def unit(request: SignedIn, code: str) -> HttpResponseBase:
    """The panel beside the chart for one org unit."""
    head = _head(request, code)
    form = StructureForm(request.GET)
    day = form.chosen()["on"]
    try:
        panel = queries.unit_panel(viewer=request.user, account=head.account, code=request.GET.get("unit", ""), on=day)
    except OrgUnit.DoesNotExist as error:
        raise Http404 from error
    context = {
        "panel": panel,
        "head": head,
        "deeds": deed_links(panel.unit, form.cleaned_data.get("structure", ""), panel.on),
        "may_restructure": may_restructure(viewer=request.user, account=head.account),
    }
    return vary_on_htmx(render(request, "coverage/unit.html", context))


def _head(request: SignedIn, code: str) -> AccountHead:
    try:
        return account_head(viewer=request.user, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error
