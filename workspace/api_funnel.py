"""The funnel of leads and the growth of the pipeline over HTTP (docs/reference, "HTTP"; docs/algorithms/funnel.md).

They answer what the pages show: both read the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import months
from money.queries import reporting_currencies
from rollups.api_schema import NATIVE, TEXT, Schema, list_of, object_of
from rollups.funnel import Step
from rollups.growth import Growth
from rollups.lens import LensError, parse_lens
from users.models import User
from workspace import funnel_queries, growth_queries, lenses, queries
from workspace.funnel_queries import CHOICES, Chosen, Funnel, PartSteps
from workspace.growth_queries import MOVEMENTS, GrowthPart, GrowthView
from workspace.lenses import PageLens

_ABOUT = {
    "from": "The first month in which leads were created, such as 2024-01; default: the fiscal year under way.",
    "to": "The last one.",
    "region": "The code of a region, or unallocated; default: the world.",
    "source": "The leads of one source; none: those without.",
    "campaign": "The leads of one campaign, by its code; none: those without.",
    "currency": "A reporting currency.",
    "rates": "spot, constant, or the code of a budget set.",
}
_OF_FUNNEL = ("from", "to", *CHOICES, "currency", "rates")
_OF_GROWTH = ("region", "currency")
_COUNT: Schema = {"type": "integer"}
_DAY: Schema = {"type": "string", "format": "date"}
_RATIO: Schema = {"type": "number", "nullable": True}
_STEPS = list_of(
    object_of(
        step=TEXT, leads=_COUNT, value=TEXT, conversion={**_RATIO, "description": "Of the leads of the step before."},
        median_days={**_RATIO, "description": "From the step before, over the leads of which both days are known."},
        timed=_COUNT, without_amount=_COUNT, unpriced=_COUNT,
    )
)  # fmt: skip
_PART = {"name": TEXT, "steps": _STEPS}
FUNNEL: Schema = object_of(
    **{"from": TEXT}, to=TEXT, region=TEXT, source=TEXT, campaign=TEXT, currency=TEXT, rates=TEXT, as_of=_DAY,
    restricted={"type": "boolean"}, steps=_STEPS,
    parts=list_of(object_of(type={"type": "string", "enum": ["region", "country"]}, code=TEXT, **_PART)),
    sources=list_of(object_of(source=TEXT, **_PART)),
    campaigns=list_of(object_of(campaign=TEXT, **_PART)),
    ageing={
        "type": "object", "additionalProperties": {"type": "object", "additionalProperties": _COUNT},
        "description": "How many leads wait, by status and age: week (0 to 7 days), month (to 30), quarter (to 90), older.",
    },
)  # fmt: skip
_MOVED: dict[str, Schema] = {
    **{name: {**TEXT, "description": "With its sign: before and all between make after."} for name in MOVEMENTS},
    "growth": {**_RATIO, "description": "The change as a share of before."},
}
GROWTH: Schema = object_of(
    region=TEXT, currency=TEXT, before_on=_DAY, as_of=_DAY, restricted={"type": "boolean"}, assumed=_COUNT,
    **_MOVED,
    parts=list_of(object_of(type={"type": "string", "enum": ["region", "country"]}, code=TEXT, name=TEXT, **_MOVED)),
    unpriced=list_of(object_of(on=_DAY, amounts=NATIVE)),
)  # fmt: skip


def _parameters(names: Sequence[str]) -> list[OpenApiParameter | type]:
    return [OpenApiParameter(name, str, description=_ABOUT[name]) for name in names]


class LeadFunnel(APIView):
    """The leads created in some months: how many reached each step, what they are worth there, how long it took, who waits."""

    @extend_schema(parameters=_parameters(_OF_FUNNEL), responses={(200, "application/json"): FUNNEL}, tags=["rollups"])
    def get(self, request: Request) -> Response:
        given = _given(request, _OF_FUNNEL)
        chosen = Chosen(_lens(given), **{name: given[name] for name in CHOICES})
        return Response(funnel_json(funnel_queries.lead_funnel(viewer=_viewer(request), chosen=chosen)))


class PipelineGrowth(APIView):
    """The open pipeline against that of 90 days before, at constant rates: what is new, won, lost, grown, shrunk or gone."""

    @extend_schema(parameters=_parameters(_OF_GROWTH), responses={(200, "application/json"): GROWTH}, tags=["rollups"])
    def get(self, request: Request) -> Response:
        given = _given(request, _OF_GROWTH)
        view = growth_queries.growth_view(viewer=_viewer(request), lens=_lens(given), region=given["region"])
        return Response(growth_json(view))


def _viewer(request: Request) -> User:
    """Whoever signed in: the API lets nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def _given(request: Request, known: Sequence[str]) -> dict[str, str]:
    if wrong := set(request.query_params) - set(known):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(known)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    return {name: request.query_params.get(name, "").strip() for name in known}


def _lens(given: Mapping[str, str]) -> PageLens:
    """The page's lens, from parameters that are read, and refused, as by every other endpoint."""
    lens = parse_lens({name: given.get(name, "") for name in ("from", "to", "currency", "rates")})
    if lens.is_native:
        text = _("“%(wrong)s” is not offered. There are: %(known)s.")
        known = ", ".join(reporting_currencies())
        raise LensError(text % {"wrong": lens.currency, "known": known}, field="currency")
    asked = {"currency": lens.currency, "rates": lens.rates}
    asked |= {"from": months.label(lens.first), "to": months.label(lens.last)}
    found = lenses.chosen(asked, {}, queries.frame())
    if found.refused:
        raise LensError(found.refused[0], field="from")
    return found


def funnel_json(found: Funnel) -> dict[str, Any]:
    chosen = found.chosen
    return {
        **chosen.lens.month_range,
        **{name: getattr(chosen, name) for name in CHOICES},
        "currency": found.currency,
        "rates": chosen.lens.rates,
        "as_of": found.on.isoformat(),
        "restricted": found.is_part,
        "steps": _steps(found, found.steps),
        "parts": [_place(found, part) for part in found.parts],
        "sources": [_part(found, part) for part in found.sources],
        "campaigns": [_part(found, part) for part in found.campaigns],
        "ageing": {status: dict(ages) for status, ages in found.ageing.items()},
    }


def _place(found: Funnel, part: PartSteps) -> dict[str, Any]:
    ((kind, code),) = part.list_params.items()
    return {"type": kind, "code": code, "name": part.name, "steps": _steps(found, part.steps)}


def _part(found: Funnel, part: PartSteps) -> dict[str, Any]:
    return {**part.list_params, "name": part.name, "steps": _steps(found, part.steps)}


def _steps(found: Funnel, steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "step": step.code,
            "leads": step.leads,
            "value": f"{Decimal(step.minor).scaleb(-found.exponent):f}",
            "conversion": _number(step.conversion),
            "median_days": _number(step.median_days),
            "timed": step.timed,
            "without_amount": step.unknown,
            "unpriced": step.unpriced,
        }
        for step in steps
    ]


def growth_json(view: GrowthView) -> dict[str, Any]:
    return {
        "region": view.region,
        "currency": view.currency,
        "before_on": view.before_on.isoformat(),
        "as_of": view.on.isoformat(),
        "restricted": view.is_part,
        "assumed": view.assumed,
        **_moved(view, view.total),
        "parts": [{**_named(part), **_moved(view, part.growth)} for part in view.parts],
        "unpriced": [
            {"on": day.isoformat(), "amounts": {code: f"{amount:f}" for code, amount in sorted(held.items())}}
            for day, held in view.unpriced
        ],
    }


def _named(part: GrowthPart) -> dict[str, str]:
    kind = "country" if part.country else "region"
    return {"type": kind, "code": part.country or part.code, "name": part.name}


def _moved(view: GrowthView, growth: Growth) -> dict[str, Any]:
    return {**{name: f"{view.money(name, growth):f}" for name in MOVEMENTS}, "growth": _number(growth.rate)}


def _number(value: Fraction | None) -> float | None:
    """Exact until here: JSON has no fractions."""
    return None if value is None else float(value)


urlpatterns = [
    path("funnel/", LeadFunnel.as_view(), name="funnel"),
    path("pipeline-growth/", PipelineGrowth.as_view(), name="pipeline-growth"),
]
