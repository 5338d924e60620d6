"""What bridge pages read: the roll-ups' bridges, and the way to a node and to its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import tree_for
from accounts.models import UNALLOCATED, Account, Structure
from core import formats
from regions.queries import region_names
from rollups import queries as rollups
from rollups.bridge import BridgeFigure, BridgePart
from rollups.lens import parse_lens
from users.models import User
from workspace import places
from workspace.bridging import Asked

Trail = list[tuple[str, str]]


@dataclass(frozen=True)
class BridgePlace:
    """A node among the pages: its name, the way down to it, its figures, its own bridge, and where its parts open."""

    name: str
    trail: Trail
    figures_url: str
    bridge_url: str
    link: Callable[[BridgePart], str]


def region_bridge(*, viewer: User, code: str, country: str, asked: Asked) -> BridgeFigure | None:
    """The bridge of a region, of `unallocated`, or of the world (an empty code), or of a country that is a direct child;
    None while no whole month has passed."""
    if asked.later is None:
        return None
    lens = parse_lens(asked.parameters)
    if not code:
        return rollups.world_bridge(viewer=viewer, lens=lens, k=asked.k)
    if country:
        return rollups.country_bridge(viewer=viewer, code=code, country=country, lens=lens, k=asked.k)
    return rollups.region_bridge(viewer=viewer, code=code, lens=lens, k=asked.k)


def account_bridge(*, viewer: User, code: str, unit: str, structure: str, asked: Asked) -> BridgeFigure | None:
    """The bridge of an account, or of a unit in a structure of it. Http404 for what the viewer may not see."""
    if asked.later is None:
        return None
    shape = {"structure": structure} if structure in Structure.values else {}
    lens = parse_lens({**asked.parameters, **shape})
    if not unit:
        return rollups.account_bridge(viewer=viewer, code=code, lens=lens, k=asked.k)
    return rollups.org_unit_bridge(viewer=viewer, account=code, code=unit, lens=lens, k=asked.k)


def place(*, viewer: User, code: str, country: str, asked: Asked) -> BridgePlace:
    """Where a region stands today, or a country of it. Http404 when there is no region of that code."""
    if code and country:
        return _country_place(place(viewer=viewer, code=code, country="", asked=asked), code, country, asked)
    query = asked.lens.query
    world = (_("World"), _region_bridge("", asked))
    names = region_names()
    if not code:
        return BridgePlace(
            world[0], [(world[0], f"{places.world()}?{query}"), (_("Bridge"), "")], f"{places.world()}?{query}", world[1],
            lambda part: _region_bridge(part.code, asked),
        )  # fmt: skip
    region = next((pk for pk, (known, _name) in names.items() if known == code), None)
    if region is None and code != UNALLOCATED:
        raise Http404(code)
    path = [] if region is None else list(reversed(tree_for(viewer).on(asked.lens.frame.on).path(region)))
    above = [(names[pk][1], f"{places.region(names[pk][0])}?{query}") for pk in path]
    here = above or [(_("Unallocated"), f"{places.region(UNALLOCATED)}?{query}")]
    return BridgePlace(
        here[-1][0],
        [(world[0], f"{places.world()}?{query}"), *here, (_("Bridge"), "")],
        here[-1][1],
        _region_bridge(code, asked),
        lambda part: _part_of_region(code, part, asked),
    )


def _country_place(region: BridgePlace, code: str, country: str, asked: Asked) -> BridgePlace:
    name, figures = formats.country(country), f"{places.country(code, country)}?{asked.lens.query}"
    trail = [*region.trail[:-1], (name, figures), region.trail[-1]]
    return BridgePlace(
        name, trail, figures, _region_bridge(code, asked, country), lambda part: _of_account(part, asked)
    )


def _of_account(part: BridgePart, asked: Asked) -> str:
    return f"{reverse('figures:bridge', args=[part.code])}?{asked.query}"


def account_place(*, account: Account, unit: str, asked: Asked) -> BridgePlace:
    """An account, or a unit of it by its code."""
    found = account.org_units.filter(code=unit).first() if unit and "\0" not in unit else None
    name = found.name if found else _("Without a unit") if unit == UNALLOCATED else account.name
    figures = f"{reverse('figures:account', args=[account.code])}?{asked.lens.query}"
    bridge = reverse("figures:bridge", args=[account.code])
    return BridgePlace(
        name, [], figures, f"{bridge}?{asked.query}", lambda p: f"{bridge}?{urlencode({'unit': p.code})}&{asked.query}"
    )


def _region_bridge(code: str, asked: Asked, country: str = "") -> str:
    place = {"region": code, "country": country}
    where = "".join(f"{urlencode({name: value})}&" for name, value in place.items() if value)
    return f"{reverse('workspace:bridge')}?{where}{asked.query}"


def _part_of_region(code: str, part: BridgePart, asked: Asked) -> str:
    if part.type == "region":
        return _region_bridge(part.code, asked)
    return _region_bridge(code, asked, part.code)
