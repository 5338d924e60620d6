"""Where forecasts open: the way down to a node, its tabs, and the switch between regions and members."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.access import scope_of, tree_for
from regions.queries import region_names
from rollups import queries as rollups
from rollups.forecast_figures import ForecastFigure
from users.models import User
from workspace import forecast_lens
from workspace.forecast_lens import AskedForecast
from workspace.forecast_screens import address

Trail = list[tuple[str, str]]


def trail(viewer: User, scope: Any, asked: AskedForecast, kind: str, last: str = "") -> Trail:
    """From the world down to a region by today's structure, or from everybody down to a member."""
    top = _("World") if kind == "region" else _("Everybody")
    found = [(_("Forecast"), f"{address('region', '')}?{asked.query}"), (top, f"{address(kind, '')}?{asked.query}")]
    if scope.code:
        above = (
            _regions_above(viewer, scope.code)
            if kind == "region"
            else rollups.managers_above(viewer=viewer, email=scope.code)
        )
        found += [(name, f"{address(kind, code)}?{asked.query}") for code, name in above]
        found.append((scope.name, f"{address(kind, scope.code)}?{asked.query}"))
        if kind == "region":  # its first word leads to the world already
            del found[1]
    if last:
        return [*found, (last, "")]
    return [*found[:-1], (found[-1][0], "")]


def _regions_above(viewer: User, code: str) -> list[tuple[str, str]]:
    names = region_names()
    region = next((pk for pk, (known, _name) in names.items() if known == code), None)
    if region is None:
        return []
    path = tree_for(viewer).on(scope_of(viewer).on).path(region)
    return [names[pk] for pk in reversed(path[1:])]


def tabs(asked: AskedForecast, kind: str, code: str, here: str) -> list[tuple[str, str, bool]]:
    words = (("", _("Figures")), ("flow", _("Flow")), ("accuracy", _("Accuracy")))
    return [(label, f"{address(kind, code, what)}?{asked.query}", what == here) for what, label in words]


def page(viewer: User, figure: ForecastFigure, asked: AskedForecast, kind: str, here: str) -> dict[str, Any]:
    """What stands around every page of a node."""
    scope = figure.scope
    last = {"flow": _("Flow"), "accuracy": _("Accuracy"), "adjust": _("Adjust")}.get(here, "")
    return around(viewer, scope, asked, kind, here, last) | {"figure": figure}


def around(viewer: User, scope: Any, asked: AskedForecast, kind: str, here: str, last: str) -> dict[str, Any]:
    url = address(kind, scope.code)
    judged = {} if not scope.code else {
        "adjust_url": f"{address(kind, scope.code, 'adjust')}?{asked.query}",
        "back_url": f"{address(kind, scope.code, 'take_back')}?{asked.query}",
    }  # fmt: skip
    acts = {} if kind == "member" and not scope.code else {
        "submit_url": f"{address(kind, scope.code, 'submit')}?{asked.query}",
        "lock_url": f"{address(kind, scope.code, 'lock')}?{asked.query}",
    }  # fmt: skip
    return {
        "asked": asked,
        "kind": kind,
        "scope": scope,
        "name": scope.name,
        "trail": trail(viewer, scope, asked, kind, last),
        "tabs": tabs(asked, kind, scope.code, here),
        "tabs_label": _("Forecast"),
        "sentence": (forecast_lens.sentence if kind == "region" else forecast_lens.members_sentence)(asked),
        "switch": [(_("By region"), f"{address('region', '')}?{asked.query}", kind == "region"),
                   (_("By member"), f"{address('member', '')}?{asked.query}", kind == "member")],
        "url": url,
        **judged,
        **acts,
    }  # fmt: skip
