"""Forecasts over HTTP: figures of regions and manager lines, weekly snapshots, flows between them and accuracy
(docs/reference, "HTTP"; docs/algorithms/forecast.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import months
from money.queries import fiscal_start_month
from rollups import api_forecast_json as written
from rollups import queries
from rollups.api_forecast_schema import ACCURACY, FIGURE, FLOW, SAID, SNAPSHOTS
from rollups.forecast_categories import ForecastPeriod, parse_period, quarter_at
from rollups.lens import Lens, LensError, parse_lens
from rollups.sight import sight_of
from users.models import User

_View = TypeVar("_View", bound=Callable[..., Response])
_ABOUT = {
    "period": "A quarter of the fiscal calendar (2024-Q1) or a month (2024-01); default: the quarter under way.",
    "currency": "A reporting currency, or native; flows, snapshots and accuracy need one currency.",
    "rates": "spot, constant, or the code of a budget set.",
    "tree": "then (each month's own last day), now (the as-of date) or a date.",
    "book": "prime, or overlay.",
    "as_of": "The business date that decides the rates of open deals.",
}
_MOMENTS = {
    "since": "A day of the week of the earlier snapshot; default: the last one before the period.",
    "until": "A day of the week of the later one, or now; default: now, of a period that has ended the first after it.",
}
_SNAPSHOT = ("period", "currency")
_JSON = (200, "application/json")


def _described(response: Mapping[str, Any], names: tuple[str, ...], **more: str) -> Callable[[_View], _View]:
    about = {**{name: _ABOUT[name] for name in names}, **more}
    parameters = [OpenApiParameter(name, str, description=text) for name, text in about.items()]
    return extend_schema(parameters=parameters, responses={_JSON: dict(response)}, tags=["forecasts"])


def _viewer(request: Request) -> User:
    """Whoever signed in: the API lets nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def _asked(request: Request, known: tuple[str, ...]) -> tuple[Lens, ForecastPeriod]:
    given = request.query_params
    if wrong := set(given) - set(known):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(known)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    lens = parse_lens({name: given[name] for name in known if name in given and name in _ABOUT and name != "period"})
    start, word = fiscal_start_month(), given.get("period", "").strip()
    period = parse_period(word, start) if word else quarter_at(months.month_of(lens.as_of), start)
    return lens.over(period.first, period.last), period


class Figures(APIView):
    """A node's forecast by category, as computed and with the adjustments that the reader may know of. Without a code: of the
    world, or of everybody."""

    kind = "region"

    @_described(FIGURE, tuple(_ABOUT))
    def get(self, request: Request, code: str = "") -> Response:
        lens, period = _asked(request, tuple(_ABOUT))
        if self.kind == "region":
            found = queries.region_forecast(viewer=_viewer(request), code=code, lens=lens, period=period)
        else:
            found = queries.member_forecast(viewer=_viewer(request), email=code, lens=lens, period=period)
        return Response(written.figure_json(found))


class Snapshots(APIView):
    """Every weekly snapshot, the latest first."""

    @_described(SNAPSHOTS, ())
    def get(self, request: Request) -> Response:
        _asked(request, ())
        return Response({"results": [written.snapshot_json(one) for one in queries.snapshots()]})


class Said(APIView):
    """What every snapshot said of a node's period, the latest first: replayed from frozen rows."""

    kind = "region"

    @_described(SAID, _SNAPSHOT)
    def get(self, request: Request, code: str = "") -> Response:
        lens, period = _asked(request, _SNAPSHOT)
        known = [one for one in queries.snapshots() if lens.currency in one.currencies]
        given: dict[str, Any] = {
            "sight": sight_of(_viewer(request)),
            "period": period,
            "snapshots": known,
            "currency": lens.currency,
        }
        scope = queries.forecast_scope(viewer=_viewer(request), kind=self.kind, code=code)
        of_region = self.kind == "region"
        found = queries.said_of_region(code=code, **given) if of_region else queries.said_of_member(node=scope, **given)
        return Response(written.said_json(found, scope, lens, period, restricted=not given["sight"].is_everything))


class Flow(APIView):
    """What happened to a node's open pipeline of a period between two snapshots, or a snapshot and now."""

    kind = "region"

    @_described(FLOW, _SNAPSHOT, **_MOMENTS)
    def get(self, request: Request, code: str = "") -> Response:
        lens, period = _asked(request, (*_SNAPSHOT, *_MOMENTS))
        known = queries.snapshots()
        older, later = queries.usual_moments(known, period)
        since, until = (request.query_params.get(name, "").strip() for name in _MOMENTS)
        older = queries.snapshot_at(since, known, field="since") if since else older
        later = queries.snapshot_at(until, known, field="until") if until else later
        if older is None:
            raise LensError(_("A flow begins at a snapshot, and there is none of that week."), field="since")
        given: dict[str, Any] = {"period": period, "older": older, "later": later, "currency": lens.currency}
        viewer = _viewer(request)
        if self.kind == "region":
            return Response(written.flow_json(queries.region_flow(viewer=viewer, code=code, **given)))
        return Response(written.flow_json(queries.member_flow(viewer=viewer, email=code, **given)))


class Accuracy(APIView):
    """What snapshots and submissions said of a period against what was won in it."""

    kind = "region"

    @_described(ACCURACY, _SNAPSHOT)
    def get(self, request: Request, code: str = "") -> Response:
        lens, period = _asked(request, _SNAPSHOT)
        found = queries.accuracy(
            viewer=_viewer(request),
            kind=self.kind,
            code=code,
            lens=lens,
            period=period,
            start_month=fiscal_start_month(),
        )
        return Response(written.accuracy_json(found))


_PARTS: dict[str, type[APIView]] = {"flow": Flow, "snapshots": Said, "accuracy": Accuracy}


def _of(kind: str, plural: str) -> list[URLPattern]:
    """Of everything first, then of one: a code may hold a slash, percent-encoded, which the server decodes before routing."""
    parts = {what: view.as_view(kind=kind) for what, view in _PARTS.items()}
    everything = [
        path(f"forecasts/{plural}/{what}/", view, name=f"forecasts-{plural}-{what}") for what, view in parts.items()
    ]
    one = [
        path(f"forecasts/{plural}/<path:code>/{what}/", view, name=f"forecasts-{kind}-{what}")
        for what, view in parts.items()
    ]
    figures = Figures.as_view(kind=kind)
    return [
        path(f"forecasts/{plural}/", figures, name=f"forecasts-{plural}"),
        *everything,
        *one,
        path(f"forecasts/{plural}/<path:code>/", figures, name=f"forecasts-{kind}"),
    ]


urlpatterns = [
    path("forecasts/snapshots/", Snapshots.as_view(), name="forecasts-snapshots"),
    *_of("region", "regions"),
    *_of("member", "members"),
]
