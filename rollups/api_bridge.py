"""Bridges over HTTP: from the revenue of an earlier period to that of a later one (docs/reference, "HTTP")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import months
from rollups import queries
from rollups.api import lens_json
from rollups.api_schema import BRIDGE
from rollups.bridge import LEAST, MOST, USUAL, Bridge, BridgeFigure, BridgePart
from rollups.figures import Unpriced
from rollups.lens import PARAMETERS, Lens, LensError, parse_lens
from users.models import User

_View = TypeVar("_View", bound=Callable[..., Response])

_ABOUT = {
    "from": "First month of the later period, e.g. 2024-01; default: the start of the fiscal year of the as-of date.",
    "to": "Last month of the later period, inclusive. The trees of its last day are held still.",
    "k": f"How many months before the earlier period lies, {LEAST} to {MOST}; {USUAL} unless given.",
    "currency": "A reporting currency. Native amounts of several currencies have no bridge.",
    "rates": "spot: a bridge begins and ends at revenue as reported.",
    "tree": "then: a bridge begins and ends by the trees of the time.",
    "book": "prime.",
    "revenue_kind": "recognised, booked or billed; kinds are never added.",
    "as_of": "The business date that decides the fiscal year; revenue itself does not depend on it.",
    "structure": "Of an account: legal, management or geographic.",
}
_CHILD = "Only what a country gives that is a direct child; its parts are accounts."
_JSON = (200, "application/json")


def _described(**more: str) -> Callable[[_View], _View]:
    about = {**_ABOUT, **more}
    parameters = [OpenApiParameter(name, str, description=text) for name, text in about.items()]
    return extend_schema(parameters=parameters, responses={_JSON: BRIDGE}, tags=["rollups"])


_bridge = _described()


def _asked(request: Request, *more: str) -> tuple[User, Lens, int]:
    """Who asks, the later period's lens, and the months between the periods. `more`: parameters beside those of all."""
    known = (*PARAMETERS, "k", *more)
    if wrong := set(request.query_params) - set(known):
        text = _("Unknown parameter. There are: %(known)s.") % {"known": ", ".join(known)}
        raise ValidationError({name: [text] for name in sorted(wrong)})
    assert isinstance(request.user, User)  # the API lets nobody else through
    return request.user, parse_lens(request.query_params), _apart(request.query_params.get("k", "").strip())


def _apart(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and LEAST <= int(text) <= MOST):
        words = _("“%(wrong)s” is not a number of whole months from %(least)d to %(most)d.")
        raise LensError(words % {"wrong": text, "least": LEAST, "most": MOST}, field="k")
    return int(text)


def bridge_json(bridge: Bridge) -> dict[str, str]:
    """The six amounts, in the order of a waterfall."""
    return {name: f"{amount:f}" for name, amount in bridge.amounts.items()}


def _part_json(part: BridgePart) -> dict[str, Any]:
    return {"type": part.type, "code": part.code, "name": part.name, **bridge_json(part.bridge)}


def _period_json(lens: Lens, unpriced: Unpriced) -> dict[str, Any]:
    return {
        "from": months.label(lens.first),
        "to": months.label(lens.last),
        "unpriced": {
            "facts": unpriced.facts,
            "amounts": {code: f"{amount:f}" for code, amount in unpriced.amounts.items()},
        },
    }


def bridge_figure_json(found: BridgeFigure) -> dict[str, Any]:
    """A node's bridge with its parts; `periods` say from which months to which, and what of them has no rate."""
    earlier, later = found.unpriced
    return {
        "scope": {"type": found.scope.type, "code": found.scope.code, "name": found.scope.name},
        "lens": lens_json(found.lens),
        "k": found.k,
        "tree_day": found.tree_day.isoformat(),
        "as_of": found.lens.as_of.isoformat(),
        "computed_at": found.computed_at and found.computed_at.isoformat().replace("+00:00", "Z"),
        "run": found.run,
        "fresh": found.fresh,
        **bridge_json(found.bridge),
        "periods": {"before": _period_json(found.earlier, earlier), "after": _period_json(found.lens, later)},
        "own": found.own and bridge_json(found.own),
        "restricted": found.restricted,
        "children": [_part_json(part) for part in found.parts],
    }


class WorldBridge(APIView):
    """All facts in the reader's scope. The parts are the roots and `unallocated`; over them structure is zero."""

    @_bridge
    def get(self, request: Request) -> Response:
        viewer, lens, k = _asked(request)
        return Response(bridge_figure_json(queries.world_bridge(viewer=viewer, lens=lens, k=k)))


class RegionBridge(APIView):
    """One region, or `unallocated`; or one of its countries."""

    @_described(child=_CHILD)
    def get(self, request: Request, code: str) -> Response:
        viewer, lens, k = _asked(request, "child")
        if child := request.query_params.get("child", "").strip():
            found = queries.country_bridge(viewer=viewer, code=code, country=child, lens=lens, k=k)
            return Response(bridge_figure_json(found))
        return Response(bridge_figure_json(queries.region_bridge(viewer=viewer, code=code, lens=lens, k=k)))


class AccountBridge(APIView):
    """One account; its parts are the units without a parent, and `unallocated`."""

    @_bridge
    def get(self, request: Request, code: str) -> Response:
        viewer, lens, k = _asked(request)
        return Response(bridge_figure_json(queries.account_bridge(viewer=viewer, code=code, lens=lens, k=k)))


class OrgUnitBridge(APIView):
    """One unit with all below it, or `unallocated`: the account's facts without a unit."""

    @_bridge
    def get(self, request: Request, code: str, unit: str) -> Response:
        viewer, lens, k = _asked(request)
        found = queries.org_unit_bridge(viewer=viewer, account=code, code=unit, lens=lens, k=k)
        return Response(bridge_figure_json(found))


# They stand before the addresses of figures, whose codes may hold slashes too.
urlpatterns = [
    path("rollups/bridge/", WorldBridge.as_view(), name="rollups-world-bridge"),
    path("rollups/regions/<path:code>/bridge/", RegionBridge.as_view(), name="rollups-region-bridge"),
    path(
        "rollups/accounts/<path:code>/org-units/<path:unit>/bridge/",
        OrgUnitBridge.as_view(),
        name="rollups-org-unit-bridge",
    ),
    path("rollups/accounts/<path:code>/bridge/", AccountBridge.as_view(), name="rollups-account-bridge"),
]
