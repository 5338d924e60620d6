"""What happened to a forecast between two snapshots, and how good past ones were."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rollups import queries as rollups
from users.requests import SignedIn
from workspace import forecast_accuracy_screens, forecast_places, forecast_queries
from workspace import forecast_flow_screens as screens
from workspace.forecast_lens import sentence as figures_sentence
from workspace.forecast_screens import address
from workspace.forecast_views import asked_of


@login_required
@require_safe
def flow(request: SignedIn, kind: str, code: str = "") -> HttpResponse:
    """A node's open pipeline from one snapshot to another, or to now; `?movement=` lists the deals of a step."""
    asked = forecast_queries.in_one_currency(asked_of(request))
    ends = forecast_queries.ends(request.GET.get("since", ""), request.GET.get("until", ""), asked)
    scope = rollups.forecast_scope(viewer=request.user, kind=kind, code=code)
    context = forecast_places.around(request.user, scope, asked, kind, "flow", _("Flow"))
    context |= {"refused": ends.refused, "found": None}
    if ends.older is not None:
        weeks = {"since": ends.older.week.isoformat(), "until": ends.later.week.isoformat() if ends.later else "now"}
        link = f"{address(kind, code, 'flow')}?{asked.query}&{urlencode(weeks)}&movement="
        found = forecast_queries.flow(viewer=request.user, kind=kind, code=code, asked=asked, ends=ends)
        context |= screens.page(found, lambda name: f"{link}{name}#lines", request.GET.get("movement", ""))
        since = screens.week_choice("since", _("From the snapshot of"), ends.older, ends.known, with_now=False)
        until = screens.week_choice("until", _("To"), ends.later, ends.known, with_now=True)
        context["sentence"] = screens.sentence(asked, since, until)
    return render(request, "workspace/forecast_flow.html", context)


@login_required
@require_safe
def accuracy(request: SignedIn, kind: str, code: str = "") -> HttpResponse:
    """What snapshots and submissions said of a period against what came."""
    asked = forecast_queries.in_one_currency(forecast_queries.finished(asked_of(request), request.GET))
    found = forecast_queries.accuracy(viewer=request.user, kind=kind, code=code, asked=asked)
    context = forecast_places.around(request.user, found.scope, asked, kind, "accuracy", _("Accuracy"))
    context |= forecast_accuracy_screens.page(found) | {"sentence": figures_sentence(asked)}
    return render(request, "workspace/forecast_accuracy.html", context)
