"""Who fits a slot best, over HTTP."""

from __future__ import annotations

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

from accounts.models import Account
from coverage import suggestion_queries
from coverage.load import Load
from coverage.proposal_reasons import words_of
from coverage.suggestion_forms import SlotForm
from coverage.suggestion_queries import SlotSuggestions, Suggested
from coverage.weighing import account_named
from users.models import User

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_SHARE: Schema = {"type": "number", "nullable": True, "description": "Null: unknown."}
_COUNT: Schema = {"type": "integer"}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_LOAD = _object({"accounts": _COUNT, "units": _COUNT, "contacts": _COUNT, "hours": _TEXT})
SUGGESTIONS: Schema = _object(
    {
        "account": _TEXT,
        "unit": _TEXT,
        "role": _TEXT,
        "on": {"type": "string", "format": "date"},
        "currency": _TEXT,
        "score": _SHARE,
        "gap": {**_TEXT, "nullable": True, "description": "The slot's gap in `currency`. Null: unknown, or not shown."},
        "results": {
            "type": "array",
            "items": _object(
                {
                    "member": _TEXT,
                    "fit": _SHARE,
                    "known_weight": {"type": "number"},
                    "parts": {"type": "object", "additionalProperties": _SHARE},
                    "fill": _SHARE,
                    "reasons": {"type": "array", "items": _TEXT},
                    "contacts": {**_COUNT, "nullable": True, "description": "Null: you may not see the unit's people."},
                    "common_hours": {**_SHARE, "description": "Worked in common in the next 7 days. Null: unknown."},
                    "in_team": {"type": "boolean"},
                    "weekly_hours": {**_TEXT, "nullable": True},
                    "before": _LOAD,
                    "after": _LOAD,
                    "restricted": {"type": "boolean", "description": "Whether there is more load than you may see."},
                    "has_room": {"type": "boolean"},
                    "score_after": _SHARE,
                    "gap_after": {**_TEXT, "nullable": True},
                }
            ),
        },
    }
)
_PARAMETERS = [
    OpenApiParameter("unit", str, required=True, description="Code of an org unit of the account."),
    OpenApiParameter("role", str, required=True, description="Code of a role that its policy asks for."),
    OpenApiParameter("on", str, description="The day; default: the as-of date."),
]


class Suggestions(APIView):
    """Members who fit a slot, the fittest first, with reasons and what each would change."""

    @extend_schema(parameters=_PARAMETERS, responses={(200, "application/json"): SUGGESTIONS}, tags=["alignment"])
    def get(self, request: Request, code: str) -> Response:
        assert isinstance(request.user, User)  # the API lets nobody else through
        form = SlotForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({name: [str(one) for one in said] for name, said in form.errors.items()})
        if wrong := set(request.query_params) - {"unit", "role", "on"}:
            known = _("Unknown parameter. There are: %(known)s.") % {"known": "unit, role, on"}
            raise ValidationError({name: [known] for name in wrong})
        try:
            account = account_named(viewer=request.user, code=code)
            found = suggestion_queries.suggestions(viewer=request.user, account=account, **form.slot(), on=form.day)
        except (Account.DoesNotExist, suggestion_queries.NoSlot) as error:
            raise Http404(code) from error
        return Response(suggestions_json(found))


def suggestions_json(found: SlotSuggestions) -> dict[str, Any]:
    return {
        "account": found.account.code,
        "unit": found.unit.code,
        "role": found.role.code,
        "on": found.on.isoformat(),
        "currency": found.currency,
        "score": _number(found.score),
        "gap": _text(found.gap),
        "results": [_suggested(one, found) for one in found.found],
    }


def _suggested(one: Suggested, found: SlotSuggestions) -> dict[str, Any]:
    return {
        "member": one.member.email,
        "fit": _number(one.fitness.index),
        "known_weight": float(one.fitness.known_weight),
        "parts": {part.name: _number(part.value) for part in one.fitness.parts},
        "fill": _number(one.fill),
        "reasons": words_of(one.codes),
        "contacts": one.contacts,
        "common_hours": None if one.minutes is None else one.minutes / 60,
        "in_team": one.in_team,
        "weekly_hours": _text(one.member.weekly_hours),
        "before": _load(one.before),
        "after": _load(one.after),
        "restricted": one.is_part,
        "has_room": one.has_room,
        "score_after": _number(one.score),
        "gap_after": _text(found.amount(one.gap)),
    }


def _load(load: Load) -> dict[str, Any]:
    return {"accounts": load.accounts, "units": load.units, "contacts": load.contacts, "hours": str(load.hours)}


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


# A `path` converter: a code may hold a slash, percent-encoded, which the server decodes before routing.
urlpatterns = [path("accounts/<path:code>/suggestions/", Suggestions.as_view(), name="suggestions")]
