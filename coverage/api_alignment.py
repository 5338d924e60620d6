"""The alignment of an account over HTTP: its score, its parts, and every slot with its reasons (docs/reference, "HTTP")."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Account as AccountModel
from coverage import reasons, weighing
from coverage.alignment import WeighedSlot
from coverage.slots import SLOT_STATES
from coverage.weighing import Report, Weighing
from money.conversion import from_minor
from money.queries import exponents
from teams.models import Member
from users.models import User

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_MONEY: Schema = {"type": "string", "description": "A decimal string in `currency`."}
_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer"}


def _share(about: str, *, nullable: bool = True, most: int | None = 1) -> Schema:
    limits = {"minimum": 0} if most is None else {"minimum": 0, "maximum": most}
    return {"type": "number", **limits, "nullable": nullable, "description": about}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_SLOT = _object(
    {
        "unit": _TEXT,
        "role": _TEXT,
        "weight": {"type": "number", "minimum": 0},
        "value": {**_MONEY, "nullable": True, "description": "The value of the unit, in `currency`. Null: not shown."},
        "state": {"type": "string", "enum": list(SLOT_STATES)},
        "member": {**_TEXT, "nullable": True, "description": "E-mail address of who decides the fill."},
        "fill": _share("Null: unknown."),
        "gap": {
            **_MONEY,
            "nullable": True,
            "description": "value × weight × (1 − fill) ÷ Σ weight. Null: unknown, or not shown.",
        },
        "reasons": {"type": "array", "items": _TEXT},
    }
)
_BRIDGE = _object(
    {
        "unit": _TEXT,
        "effective": _share("1 ÷ Σ share²: on how many of us the unit rests. Null: no strength is known.", most=None),
        "bow_tie": {"type": "boolean", "description": "Whether it narrows to one person: fewer than two."},
        "first": {**_TEXT, "nullable": True, "description": "E-mail address of who has the largest share of strength."},
        "share": _share("The share of strength of `first`.", nullable=False),
        "at_risk": {
            **_MONEY,
            "nullable": True,
            "description": "The unit's revenue of the last twelve whole months behind `first`. Null: not shown.",
        },
        "unknown": {**_COUNT, "description": "Relationships whose strength is not known."},
    }
)
ALIGNMENT: Schema = _object(
    {
        "account": _TEXT,
        "on": _DAY,
        "currency": _TEXT,
        "score": _share("Σ value × weight × fill ÷ Σ value × weight over known slots; null when nothing is known."),
        "known_weight": _share("Σ value × weight of the known slots ÷ that of all.", nullable=False),
        "gap": {
            **_MONEY,
            "nullable": True,
            "description": "The sum of the slots' gaps, in `currency`. Null: not shown.",
        },
        "mirror_ratio": _share("Null when no management link has both its ends covered."),
        "level_parity": _share("Null without a key contact of whom it is known, and where people are not seen."),
        "unknown_potentials": _COUNT,
        "unpriced": _COUNT,
        "restricted": {"type": "boolean", "description": "Whether the values hold only a part of the account's facts."},
        "has_money": {
            "type": "boolean",
            "description": "False: none of the account's figures are for you; every unit counts the same, and no money is shown.",
        },
        "definition": {"type": "integer", "description": "The version of the definition."},
        "slots": {"type": "array", "items": _SLOT},
        "revenue_at_risk": {
            **_MONEY,
            "nullable": True,
            "description": "The sum of `at_risk`. Null where no strength is known, and where people are not seen.",
        },
        "bridges": {
            "type": "array",
            "items": _BRIDGE,
            "nullable": True,
            "description": "Of open units with a relationship, by code. Null where people are not seen.",
        },
    }
)
_ON = OpenApiParameter("on", dt.date, description="The day; default: the as-of date.")


class Alignment(APIView):
    """How well an account's team stands where the account's worth lies."""

    @extend_schema(parameters=[_ON], responses={(200, "application/json"): ALIGNMENT}, tags=["alignment"])
    def get(self, request: Request, code: str) -> Response:
        assert isinstance(request.user, User)  # the API lets nobody else through
        try:
            report = weighing.report(viewer=request.user, code=code, on=_day(request))
        except AccountModel.DoesNotExist as error:
            raise Http404(code) from error
        return Response(report_json(report))


def _day(request: Request) -> dt.date | None:
    if wrong := set(request.query_params) - {"on"}:
        raise ValidationError(
            {name: [_("Unknown parameter. There are: %(known)s.") % {"known": "on"}] for name in wrong}
        )
    text = request.query_params.get("on", "").strip()
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date() if text else None  # noqa: DTZ007  a calendar day has no time zone
    except ValueError as error:
        known = _("a date such as 2024-01-31")
        raise ValidationError({"on": [_("“%(wrong)s” is not %(known)s.") % {"wrong": text, "known": known}]}) from error


def report_json(report: Report) -> dict[str, Any]:
    """An account's alignment as CONTRACTS says."""
    found = report.weighing
    alignment, exponent = found.alignment, exponents()[found.currency] if report.has_money else None
    return {
        "account": report.account.code,
        "on": report.on.isoformat(),
        "currency": found.currency,
        "score": _number(alignment.score),
        "known_weight": _number(alignment.known_weight),
        "gap": _money(alignment.gap, exponent),
        "mirror_ratio": _number(report.mirror.ratio),
        "level_parity": _number(report.people.parity.share) if report.people else None,
        "unknown_potentials": found.unknown_potentials,
        "unpriced": found.unpriced,
        "restricted": report.is_restricted,
        "has_money": report.has_money,
        "definition": report.definition,
        "slots": [_slot(one, found, exponent) for one in _in_order(found)],
        "revenue_at_risk": None if report.at_risk is None else _money(report.at_risk, exponent),
        "bridges": _bridges(report, exponent),
    }


def _in_order(found: Weighing) -> list[WeighedSlot]:
    units = found.staffing.units
    return sorted(found.alignment.slots, key=lambda one: (units[one.slot.unit].code, one.slot.role))


def _slot(one: WeighedSlot, found: Weighing, exponent: int | None) -> dict[str, Any]:
    slot, staffing = one.slot, found.staffing
    return {
        "unit": staffing.units[slot.unit].code,
        "role": slot.role,
        "weight": float(slot.weight),
        "value": _money(round(one.value), exponent),
        "state": slot.state,
        "member": staffing.members[slot.decisive.member].email if slot.decisive else None,
        "fill": _number(slot.fill),
        "gap": None if one.gap is None else _money(one.gap, exponent),
        "reasons": [*reasons.of_slot(slot, staffing.units), *reasons.of_value(found.facts.get(slot.unit))],
    }


def _bridges(report: Report, exponent: int | None) -> list[dict[str, Any]] | None:
    if report.people is None:
        return None
    units = report.weighing.staffing.units
    known = Member.objects.in_bulk({one.first for one in report.bridges.values() if one.first is not None})
    return [
        {
            "unit": units[unit].code,
            "effective": _number(one.effective),
            "bow_tie": one.is_bow_tie,
            "first": known[one.first].email if one.first is not None else None,
            "share": float(one.share),
            "at_risk": _money(one.at_risk(report.weighing.revenue(unit)), exponent),
            "unknown": one.unknown,
        }
        for unit, one in sorted(report.bridges.items(), key=lambda pair: units[pair[0]].code)
    ]


def _number(value: Fraction | None) -> float | None:
    """Exact until here: JSON has no fractions."""
    return None if value is None else float(value)


def _money(minor: int, exponent: int | None) -> str | None:
    """Minor units of a currency with so many decimals; None: not for the reader."""
    return None if exponent is None else f"{from_minor(minor, exponent):f}"


# A `path` converter: a code may hold a slash, percent-encoded, which the server decodes before routing.
urlpatterns = [path("accounts/<path:code>/alignment/", Alignment.as_view(), name="alignment")]
