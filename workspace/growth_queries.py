"""Pipeline growth of a region or the world, part by part, and the deals under each of its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import formats, months
from money.queries import exponents
from pipeline import queries as pipeline
from regions.queries import region_names
from rollups.growth import Growth
from rollups.growth_figures import PipelineGrowth, pipeline_growth
from rollups.measures import NO_COUNTRY
from users.models import User
from workspace.funnel_queries import currency_of, ground_of
from workspace.ground import UNALLOCATED
from workspace.lenses import PageLens

MOVEMENTS = tuple(field.name for field in fields(Growth))
DEALS_SHOWN = 200


@dataclass(frozen=True)
class GrowthPart:
    """A part of the node: a region by its `code`, or a country."""

    name: str
    code: str
    growth: Growth
    country: str = ""


@dataclass(frozen=True)
class MovedDeal:
    """A deal under a number, with what it adds in minor units. A deal that is gone, or out of sight by now, has no id."""

    pk: int | None
    name: str
    account: str
    minor: int


@dataclass(frozen=True)
class GrowthView:
    """Movements are in minor units of `currency`, which has `exponent` decimals. `deals` are those under `movement`, if one
    was asked for; `deals_count` says how many there are."""

    region: str
    total: Growth
    parts: list[GrowthPart]
    movement: str
    deals: list[MovedDeal]
    deals_count: int
    unpriced: list[tuple[dt.date, dict[str, Decimal]]]
    assumed: int
    currency: str
    exponent: int
    on: dt.date
    before_on: dt.date
    is_part: bool

    def money(self, name: str, growth: Growth | None = None) -> Decimal:
        """A movement as an amount; what leaves the pipeline below zero."""
        minor = getattr(growth or self.total, name)
        return Decimal(-minor if name in ("shrunk", "won", "lost", "gone") else minor).scaleb(-self.exponent)


def growth_view(*, viewer: User, lens: PageLens, region: str = "", movement: str = "") -> GrowthView:
    """Of what `viewer` may see. Http404 for a region that is not there."""
    scope = scope_of(viewer)
    if region not in ("", UNALLOCATED) and region not in {code for code, _name in region_names().values()}:
        raise Http404(region)
    currency = currency_of(lens)
    found = pipeline_growth(viewer=viewer, currency=currency, on=scope.on)
    ground, month = ground_of(viewer, region, scope.on), months.month_of(scope.on)

    def holds(country: str) -> bool:
        return ground.part(country, month) is not None

    deals = found.deals(movement, holds) if movement in MOVEMENTS else {}
    return GrowthView(
        region=region,
        total=found.of(holds),
        parts=_parts(found, lambda country: ground.part(country, month)),
        movement=movement if movement in MOVEMENTS else "",
        deals=_named(viewer, deals),
        deals_count=len(deals),
        unpriced=[(day, held) for day, held in _unpriced(found) if held],
        assumed=len(found.assumed),
        currency=currency,
        exponent=exponents()[currency],
        on=found.on,
        before_on=found.before_on,
        is_part=not scope.is_everything,
    )


def _unpriced(found: PipelineGrowth) -> list[tuple[dt.date, dict[str, Decimal]]]:
    return [(found.before_on, found.unpriced_then), (found.on, found.unpriced_now)]


def _parts(found: PipelineGrowth, part_of: Callable[[str], int | str | None]) -> list[GrowthPart]:
    """The children of the node, the largest pipeline first; they add up to it."""
    sums: dict[int | str, Growth] = {}
    for country, its in found.by_country.items():
        part = part_of(country)
        if part is not None:
            sums[part] = sums.get(part, Growth()) + its
    names = region_names()
    parts = [
        GrowthPart(*_named_part(part, names), its, "" if isinstance(part, int) or part == UNALLOCATED else part)
        for part, its in sums.items()
    ]
    return sorted(parts, key=lambda part: (-part.growth.after, part.name))


def _named_part(part: int | str, names: dict[int, tuple[str, str]]) -> tuple[str, str]:
    if isinstance(part, int):
        code, name = names[part]
        return name, code
    if part == UNALLOCATED:
        return _("Unallocated"), UNALLOCATED
    return (_("No country") if part == NO_COUNTRY else formats.country(part)), ""


def _named(viewer: User, deals: dict[int, int]) -> list[MovedDeal]:
    first = sorted(deals.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:DEALS_SHOWN]
    seen = pipeline.opportunities(viewer=viewer).filter(pk__in=[pk for pk, _minor in first])
    known = {deal.pk: deal for deal in seen}
    return [
        MovedDeal(pk, known[pk].name, known[pk].account.name, minor)
        if pk in known
        else MovedDeal(None, _("An opportunity that is gone"), "", minor)
        for pk, minor in first
    ]
