"""Roll-ups over HTTP: figures of regions, accounts, units and members under a lens (docs/reference, "HTTP")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import months
from rollups import queries
from rollups.api_schema import NODE, NODES
from rollups.figures import Child, Figure, Measures, Money, Unpriced
from rollups.lens import PARAMETERS, Lens, parse_lens
from rollups.measures import COUNT_KEYS, MONEY_KEYS
from users.models import User

_ABOUT = {
    "from": "First month, e.g. 2024-01; default: the start of the fiscal year of the as-of date.",
    "to": "Last month, inclusive.",
    "currency": "A reporting currency, or native.",
    "rates": "spot, constant (means of the month one year before), or the code of a budget set.",
    "tree": "then (each month's own last day), now (the as-of date) or a date.",
    "book": "prime, or overlay: a second book beside it, without revenue.",
    "revenue_kind": "recognised, booked or billed; kinds are never added.",
    "as_of": "The business date that decides now and the rates of open deals.",
    "structure": "Of an account: legal, management or geographic.",
}
_LENS = [OpenApiParameter(name, str, description=_ABOUT[name]) for name in PARAMETERS]
_JSON = (200, "application/json")
_node = extend_schema(parameters=_LENS, responses={_JSON: NODE}, tags=["rollups"])
_nodes = extend_schema(parameters=_LENS, responses={_JSON: NODES}, tags=["rollups"])


def _lens(request: Request) -> Lens:
    if wrong := set(request.query_params) - set(PARAMETERS):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(PARAMETERS)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    return parse_lens(request.query_params)


def _viewer(request: Request) -> User:
    """Whoever signed in: the API lets nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def _amount(money: Money | None) -> str | dict[str, str] | None:
    if money is None:
        return None
    if isinstance(money, Decimal):
        return f"{money:f}"
    return {currency: f"{amount:f}" for currency, amount in money.items()}


def measures_json(measures: Measures) -> dict[str, Any]:
    money = {name: _amount(getattr(measures, name)) for name in MONEY_KEYS}
    return {**money, **{name: getattr(measures, name) for name in COUNT_KEYS}}


def _unpriced_json(unpriced: Any) -> dict[str, Any]:
    found: dict[str, Unpriced] = dict(unpriced)
    return {
        name: {"facts": u.facts, "amounts": {code: f"{amount:f}" for code, amount in u.amounts.items()}}
        for name, u in found.items()
    }


def _child_json(child: Child) -> dict[str, Any]:
    return {
        "type": child.type,
        "code": child.code,
        "name": child.name,
        "measures": measures_json(child.measures),
        "unpriced": _unpriced_json(child.unpriced),
    }


def lens_json(lens: Lens) -> dict[str, Any]:
    return {
        "from": months.label(lens.first),
        "to": months.label(lens.last),
        "currency": lens.currency,
        "rates": lens.rates,
        "tree": str(lens.tree),
        "book": lens.book,
        "revenue_kind": lens.revenue_kind,
        "structure": lens.structure,
    }


def figure_json(figure: Figure) -> dict[str, Any]:
    """A node as CONTRACTS says."""
    scope = figure.scope
    return {
        "scope": {"type": scope.type, "code": scope.code, "name": scope.name},
        "lens": lens_json(figure.lens),
        "as_of": figure.as_of.isoformat(),
        "computed_at": figure.computed_at and figure.computed_at.isoformat().replace("+00:00", "Z"),
        "run": figure.run,
        "fresh": figure.fresh,
        "oldest_rate": figure.oldest_rate and figure.oldest_rate.isoformat(),
        "provisional": figure.provisional,
        "measures": measures_json(figure.measures),
        "unpriced": _unpriced_json(figure.unpriced),
        "own": figure.own and measures_json(figure.own),
        "restricted": figure.restricted,
        "months": [{"month": row.month, **measures_json(row.measures)} for row in figure.months],
        "children": [_child_json(child) for child in figure.children],
    }


def _list_json(lens: Lens, figures: list[Figure]) -> dict[str, Any]:
    return {
        "lens": lens_json(lens),
        "as_of": lens.as_of.isoformat(),
        "results": [figure_json(figure) for figure in figures],
    }


class Regions(APIView):
    """Roots and `unallocated`: together every fact in the reader's scope."""

    @_nodes
    def get(self, request: Request) -> Response:
        lens = _lens(request)
        return Response(_list_json(lens, queries.regions_list(viewer=_viewer(request), lens=lens)))


class Region(APIView):
    """One region, or `unallocated`."""

    @_node
    def get(self, request: Request, code: str) -> Response:
        return Response(figure_json(queries.region_figures(viewer=_viewer(request), code=code, lens=_lens(request))))


class Accounts(APIView):
    """Every account that the reader may see."""

    @_nodes
    def get(self, request: Request) -> Response:
        lens = _lens(request)
        return Response(_list_json(lens, queries.accounts_list(viewer=_viewer(request), lens=lens)))


class Account(APIView):
    """One account; its children are the units without a parent, and `unallocated`."""

    @_node
    def get(self, request: Request, code: str) -> Response:
        return Response(figure_json(queries.account_figures(viewer=_viewer(request), code=code, lens=_lens(request))))


class OrgUnit(APIView):
    """One unit with all below it, or `unallocated`: the account's facts without a unit."""

    @_node
    def get(self, request: Request, code: str, unit: str) -> Response:
        lens = _lens(request)
        figure = queries.org_unit_figures(viewer=_viewer(request), account=code, code=unit, lens=lens)
        return Response(figure_json(figure))


class Members(APIView):
    """Every member whom the reader may look up or who shares a deal of hers, and `unassigned`: in the prime book together
    every deal in her scope."""

    @_nodes
    def get(self, request: Request) -> Response:
        lens = _lens(request)
        return Response(_list_json(lens, queries.members_list(viewer=_viewer(request), lens=lens)))


class Member(APIView):
    """One member's shares of deals, or `unassigned`; revenue is null. Its children are accounts."""

    @_node
    def get(self, request: Request, email: str) -> Response:
        return Response(figure_json(queries.member_figures(viewer=_viewer(request), email=email, lens=_lens(request))))


# `path` converters: a code may hold a slash, percent-encoded, which the server decodes before routing.
urlpatterns = [
    path("rollups/regions/", Regions.as_view(), name="rollups-regions"),
    path("rollups/regions/<path:code>/", Region.as_view(), name="rollups-region"),
    path("rollups/accounts/", Accounts.as_view(), name="rollups-accounts"),
    path("rollups/accounts/<path:code>/org-units/<path:unit>/", OrgUnit.as_view(), name="rollups-org-unit"),
    path("rollups/accounts/<path:code>/", Account.as_view(), name="rollups-account"),
    path("rollups/members/", Members.as_view(), name="rollups-members"),
    path("rollups/members/<path:email>/", Member.as_view(), name="rollups-member"),
]
