"""Quotas beside what came, over HTTP (docs/reference, "HTTP"; docs/algorithms/quotas.md)."""

from __future__ import annotations

import datetime as dt
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
from core.api.pages import cut
from money.conversion import from_minor
from money.queries import business_date
from revenue.models import QuotaMeasure, QuotaScope
from revenue.quota_queries import key_of
from revenue.quota_queries import quotas as known_quotas
from revenue.quotas import MonthTarget
from rollups.api_schema import NATIVE, TEXT, Schema, list_of, object_of
from rollups.measures import BOOKS
from rollups.quota_figures import Attainment, attainments
from rollups.quota_parts import Assignment, assignments
from users.models import User

_DAY: Schema = {"type": "string", "format": "date"}
_RATIO: Schema = {"type": "number", "nullable": True}
_MONEY: Schema = {**TEXT, "description": "A decimal string in the quota's currency."}
_OR_NULL: Schema = {**_MONEY, "nullable": True}
_ABOUT = {
    "scope": "region, account, member or product.",
    "scope_code": "The code within the scope, of a member the e-mail address.",
    "measure": "revenue or won.",
    "on": "Quotas whose period holds this day.",
    "book": "prime, or overlay: a second book beside it, never added to it.",
    "as_of": "The business date: what has passed, and the rates of open deals.",
    "cursor": "As `next` and `previous` hold it.",
    "page_size": "1 to 1,000; 100 unless given.",
}
_MONTH = object_of(month=TEXT, target=_MONEY, actual=_OR_NULL, working_days={"type": "number"})
_ASSIGNED: Schema = {
    **object_of(
        given=_MONEY, ratio=_RATIO, parts={"type": "integer"}, without={"type": "integer"}, unpriced={"type": "integer"}
    ),
    "nullable": True,
    "description": "What the nodes below were given together; null where there are none.",
}
ATTAINMENT: Schema = object_of(
    scope=TEXT, scope_code=TEXT, name=TEXT, measure=TEXT, period_start=_DAY, period_end=_DAY, currency=TEXT,
    quota=_MONEY, book=TEXT, as_of=_DAY, partial={"type": "boolean"}, part={"type": "boolean"},
    unstated={**TEXT, "nullable": True, "description": "Why nothing is stated: restricted or no_revenue."},
    actual=_OR_NULL, actual_to_date=_OR_NULL, due_to_date=_MONEY, left=_OR_NULL, pipeline_open=_OR_NULL,
    attainment=_RATIO, pace=_RATIO, coverage=_RATIO, met={"type": "boolean"},
    working_days={"type": "number"}, working_days_passed={"type": "number"},
    unpriced=object_of(facts={"type": "integer"}, amounts=NATIVE),
    oldest_rate={**_DAY, "nullable": True}, over_assignment=_ASSIGNED, months=list_of(_MONTH),
)  # fmt: skip
_PAGE = object_of(next={**TEXT, "nullable": True}, previous={**TEXT, "nullable": True}, results=list_of(ATTAINMENT))


class Attainments(APIView):
    """Quotas that the reader may know, each beside what came: in its own currency, by its own period. They are never added
    up, and their percentages never averaged."""

    @extend_schema(
        parameters=[OpenApiParameter(name, str, description=about) for name, about in _ABOUT.items()],
        responses={(200, "application/json"): _PAGE},
        tags=["rollups"],
    )
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)  # the API lets nobody else through
        given = _given(request)
        rows = known_quotas(
            viewer=request.user, scope=given["scope"], measure=given["measure"], on=_day(given, "on"),
            codes=[given["scope_code"]] if given["scope_code"] else None,
        )  # fmt: skip
        as_of, book = _day(given, "as_of") or business_date(), given["book"] or "prime"
        page = cut(request, rows, lambda ordered, most: list(ordered[:most]), lambda quota: quota.pk)
        found = attainments(viewer=request.user, quotas=page["results"], on=as_of, book=book)
        below = assignments(viewer=request.user, quotas=page["results"], on=as_of)
        page["results"] = [attainment_json(one, book, below.get(key_of(one.quota))) for one in found]
        return Response(page)


def _given(request: Request) -> dict[str, str]:
    if wrong := set(request.query_params) - set(_ABOUT):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(_ABOUT)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    given = {name: request.query_params.get(name, "").strip() for name in _ABOUT}
    for name, known in (("scope", QuotaScope.values), ("measure", QuotaMeasure.values), ("book", list(BOOKS))):
        if given[name] and given[name] not in known:
            words = _("“%(wrong)s” is not offered. There are: %(known)s.")
            raise ValidationError({name: [words % {"wrong": given[name], "known": ", ".join(known)}]})
    if "\0" in given["scope_code"]:
        raise ValidationError({"scope_code": [_("Is not a code.")]})
    return given


def _day(given: dict[str, str], name: str) -> dt.date | None:
    text = given[name]
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007  a calendar day has no time zone
    except ValueError as error:
        known = _("a date such as 2024-01-31")
        raise ValidationError({name: [_("“%(wrong)s” is not %(known)s.") % {"wrong": text, "known": known}]}) from error


def attainment_json(found: Attainment, book: str, below: Assignment | None) -> dict[str, Any]:
    """A quota with its attainment."""
    quota = found.quota
    return {
        "scope": quota.scope,
        "scope_code": quota.scope_code,
        "name": found.bearer.name,
        "measure": quota.measure,
        "period_start": quota.period_start.isoformat(),
        "period_end": quota.period_end.isoformat(),
        "currency": found.currency,
        "quota": _money(found.target),
        "book": book,
        "as_of": found.on.isoformat(),
        "partial": found.is_partial,
        "part": found.is_part,
        "unstated": found.why or None,
        **_came_json(found),
        "unpriced": {
            "facts": found.unpriced.facts,
            "amounts": {code: f"{amount:f}" for code, amount in found.unpriced.amounts.items()},
        },
        "oldest_rate": found.oldest_rate and found.oldest_rate.isoformat(),
        "over_assignment": below and _assigned_json(below, found.exponent),
        "months": [_month_json(*one) for one in found.months],
    }


def _came_json(found: Attainment) -> dict[str, Any]:
    attained = found.attained
    return {
        "actual": _money(found.actual),
        "actual_to_date": _money(found.to_date),
        "due_to_date": _money(found.due),
        "left": _money(found.left),
        "pipeline_open": _money(found.open),
        "attainment": _number(attained.attainment),
        "pace": _number(attained.pace),
        "coverage": _number(attained.coverage),
        "met": attained.is_met,
        "working_days": float(attained.days),
        "working_days_passed": float(attained.passed),
    }


def _month_json(month: MonthTarget, target: Decimal, actual: Decimal | None) -> dict[str, Any]:
    return {
        "month": months.label(month.month),
        "target": _money(target),
        "actual": _money(actual),
        "working_days": float(month.days),
    }


def _assigned_json(below: Assignment, exponent: int) -> dict[str, Any]:
    return {
        "given": _money(from_minor(below.given, exponent)),
        "ratio": _number(below.ratio),
        "parts": len(below.parts),
        "without": len(below.without),
        "unpriced": below.unpriced,
    }


def _number(value: Fraction | None) -> float | None:
    """Exact until here: JSON has no fractions."""
    return None if value is None else float(value)


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


urlpatterns = [path("attainments/", Attainments.as_view(), name="attainments")]
