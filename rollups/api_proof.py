"""Proofs over HTTP: the facts under a figure, page by page (docs/reference, "HTTP")."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core import months
from core.api.pages import read_size
from rollups import queries
from rollups.api import lens_json
from rollups.api_proof_schema import PROOF
from rollups.figures import CheckLine, CheckSide, Money, ScopeOf
from rollups.lens import PARAMETERS, parse_lens
from rollups.proof import Evidence, Excluded, Leg, Price, Proof, ProofRow, Restatement
from rollups.proof_cursors import read_cursor
from rollups.proof_figures import MEASURES
from rollups.proof_ground import Asked, narrowed
from rollups.proof_words import leg_words, reason_words
from users.models import User

_ABOUT = {
    "measure": f"The figure to prove: {', '.join(MEASURES)}.",
    "month": "One month of the range, e.g. 2024-03.",
    "country": "Only what lies in a country (of a region or an account).",
    "child": "Only what a direct child gives: a sub-region or root by its code; a unit by its code, or own.",
    "account": "Only one account's part (of a region or a member).",
    "excluded": "The facts left out instead: no_rate, omitted or no_amount.",
    "cursor": "As `next` and `previous` hold it.",
    "page_size": "1 to 1,000; 100 unless given.",
}
_KNOWN = (*PARAMETERS, *_ABOUT)
_JSON = (200, "application/json")
_proof = extend_schema(
    parameters=[OpenApiParameter(name, str, description=_ABOUT.get(name, "As of the figure.")) for name in _KNOWN],
    responses={_JSON: PROOF},
    tags=["rollups"],
)


def _answer(request: Request, asked: Asked) -> Response:
    if wrong := set(request.query_params) - set(_KNOWN):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(_KNOWN)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    assert isinstance(request.user, User)  # the API lets nobody else through
    asked, lens = narrowed(asked, parse_lens(request.query_params), request.query_params)
    cursor = request.query_params.get("cursor")
    found = queries.proof(
        viewer=request.user,
        asked=asked,
        lens=lens,
        measure=request.query_params.get("measure", "").strip(),
        cursor=read_cursor(cursor) if cursor else None,
        size=read_size(request.query_params.get("page_size")),
        reason=request.query_params.get("excluded", "").strip(),
    )
    return Response(proof_json(found, request.build_absolute_uri()))


def _money(money: Money | int | None) -> Any:
    if isinstance(money, Decimal):
        return f"{money:f}"
    if isinstance(money, dict):
        return {code: f"{amount:f}" for code, amount in money.items()}
    return money


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _scope(scope: ScopeOf) -> dict[str, str]:
    return {"type": scope.type, "code": scope.code, "name": scope.name}


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def leg_json(leg: Leg) -> dict[str, Any]:
    return {
        "currency": leg.currency,
        "base": leg.base,
        "rate_set": leg.rate_set,
        "rate": _plain(leg.rate),
        "date": leg.date and leg.date.isoformat(),
        "month": None if leg.month is None else months.label(leg.month),
        "days": leg.days,
        "sum": _plain(leg.total.normalize()),
        "corrected_at": _instant(leg.corrected_at),
        "source": leg_words(leg),
    }


def _price(price: Price | None) -> dict[str, Any]:
    return {
        "legs": [leg_json(leg) for leg in price.legs] if price else [],
        "price": _plain(price.decimal) if price else None,
    }


def row_json(row: ProofRow) -> dict[str, Any]:
    """One fact. `converted` is what it adds to the figure."""
    return {
        "kind": row.kind,
        "id": row.id,
        "external_id": row.external_id,
        "account": row.account,
        "org_unit": row.org_unit or None,
        "country": row.country or None,
        "product": row.product or None,
        "date": row.on.isoformat(),
        "stage": row.stage or None,
        "probability": _plain(row.probability),
        "amount": _plain(row.amount),
        "currency": row.currency,
        "rate_date": row.rate_on.isoformat(),
        **_price(row.price),
        "share": _plain(row.share),
        "converted": _plain(row.converted),
        "converted_currency": row.goal,
        "provisional": row.is_provisional,
    }


def excluded_json(found: Excluded) -> dict[str, Any]:
    amounts = {code: _plain(amount) for code, amount in found.amounts.items()}
    return {
        "reason": found.reason,
        "kind": found.of or None,
        "text": reason_words(found.reason, found.of),
        "facts": found.facts,
        "amounts": amounts,
    }


def restatement_json(found: Restatement) -> dict[str, Any]:
    return {
        "rate_set": found.rate_set,
        "base": found.base,
        "currency": found.currency,
        "date": found.date.isoformat(),
        "rate": _plain(found.rate),
        "earlier": [_plain(rate) for rate in found.earlier],
        "corrected_at": _instant(found.corrected_at),
        "facts": found.facts,
    }


def _side(side: CheckSide) -> dict[str, Any]:
    return {
        "facts": side.facts,
        "amount": _plain(side.native),
        "unpriced": side.unpriced,
        "unpriced_amount": _plain(side.unpriced_native),
    }


def check_json(check: CheckLine) -> dict[str, Any]:
    rows = [
        {
            "measure": row.measure,
            "currency": row.currency or None,
            "rollups": _side(row.cells),
            "facts": _side(row.straight),
            "agrees": row.agrees,
        }
        for row in check.rows
    ]
    return {"agrees": check.agrees, "rows": rows}


def _evidence(found: Evidence | None) -> dict[str, Any]:
    if found is None:
        return {"excluded": None, "restatements": None, "check": None}
    return {
        "excluded": [excluded_json(group) for group in found.excluded],
        "restatements": [restatement_json(rate) for rate in found.restatements],
        "check": check_json(found.check),
    }


def proof_json(found: Proof, address: str) -> dict[str, Any]:
    """A page of a proof. `running` of the last page is `total`."""
    figure, run = found.figure, found.run

    def page_at(cursor: str) -> str | None:
        return replace_query_param(address, "cursor", cursor) if cursor else None

    return {
        "scope": _scope(figure.scope),
        "parts": [_scope(part) for part in found.parts],
        "lens": lens_json(found.lens),
        "as_of": figure.as_of.isoformat(),
        "computed_at": _instant(figure.computed_at),
        "run": run and {"id": run.id, "kind": run.kind, "finished_at": _instant(run.finished_at)},
        "fresh": figure.fresh,
        "oldest_rate": figure.oldest_rate and figure.oldest_rate.isoformat(),
        "provisional": figure.provisional,
        "restricted": figure.restricted,
        "measure": found.measure,
        "total": _money(found.value),
        "facts": found.facts,
        "sum_of_page": _money(found.page_sum),
        "running": {"facts": found.seen, "sum": _money(found.running)},
        "excluded_for": found.reason or None,
        "results": [row_json(row) for row in found.rows],
        "next": page_at(found.next),
        "previous": page_at(found.previous),
        **_evidence(found.evidence),
    }


class WorldProof(APIView):
    """All facts in the reader's scope."""

    @_proof
    def get(self, request: Request) -> Response:
        return _answer(request, Asked(region=""))


class RegionProof(APIView):
    """One region, or `unallocated`."""

    @_proof
    def get(self, request: Request, code: str) -> Response:
        return _answer(request, Asked(region=code))


class AccountProof(APIView):
    """One account."""

    @_proof
    def get(self, request: Request, code: str) -> Response:
        return _answer(request, Asked(account=code))


class OrgUnitProof(APIView):
    """One unit with all below it, or `unallocated`."""

    @_proof
    def get(self, request: Request, code: str, unit: str) -> Response:
        return _answer(request, Asked(account=code, unit=unit))


class MemberProof(APIView):
    """One member's shares of deals, or `unassigned`."""

    @_proof
    def get(self, request: Request, email: str) -> Response:
        return _answer(request, Asked(member=email))


# They stand before the addresses of figures, whose codes may hold slashes too.
urlpatterns = [
    path("rollups/proof/", WorldProof.as_view(), name="rollups-world-proof"),
    path("rollups/regions/<path:code>/proof/", RegionProof.as_view(), name="rollups-region-proof"),
    path(
        "rollups/accounts/<path:code>/org-units/<path:unit>/proof/",
        OrgUnitProof.as_view(),
        name="rollups-org-unit-proof",
    ),
    path("rollups/accounts/<path:code>/proof/", AccountProof.as_view(), name="rollups-account-proof"),
    path("rollups/members/<path:email>/proof/", MemberProof.as_view(), name="rollups-member-proof"),
]
