"""What the funnel's page reads: the leads created in a period, as far as the reader sees them, and how far they came.

The cohort is chosen by the filter of the leads list itself, so that every number is the length of the list it opens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import scope_of, tree_for
from accounts.filters import regions_for
from core import formats, months
from core.snapshots import one_snapshot
from money.amounts import trimmed
from money.queries import exponents
from pipeline import lead_queries
from pipeline.lead_filters import NONE, LeadFilter
from pipeline.lead_models import Campaign
from pipeline.lead_querysets import AGES, LeadQuerySet
from regions.queries import region_names
from rollups import funnel
from rollups.funnel import FunnelLead, Step
from rollups.funnel_figures import funnel_leads
from users.models import User
from workspace import places
from workspace.ground import UNALLOCATED, Ground
from workspace.lenses import PageLens

CHOICES = ("region", "source", "campaign")
UNPRICED_SHOWN = 200


@dataclass(frozen=True)
class Chosen:
    """Which leads the funnel is about: created in the months of the lens, in a region with all below it, of one source or
    campaign. Empty: of any."""

    lens: PageLens
    region: str = ""
    source: str = ""
    campaign: str = ""

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day on which leads of the cohort were created."""
        period = self.lens.period
        return months.first_day(period.first), months.last_day(period.last)

    @property
    def narrowed(self) -> dict[str, str]:
        return {name: value for name in CHOICES if (value := getattr(self, name))}

    def list_params(self, **more: str) -> dict[str, str]:
        """The parameters under which the leads list holds exactly the cohort, or with `more` a part of it."""
        first, last = self.days
        own = {"created_from": first.isoformat(), "created_to": last.isoformat()}
        return {**own, **self.narrowed, **more}

    def list_url(self, **more: str) -> str:
        return f"{reverse('leads:list')}?{places.query(self.list_params(**more))}"

    def url(self, **changes: str) -> str:
        """The funnel under the same lens with other choices."""
        params = {**self.lens.params, **self.narrowed, **changes}
        return f"{reverse('funnel:page')}?{places.query(params)}"


@dataclass(frozen=True)
class PartSteps:
    """A part of the cohort with its steps. `list_params` make the leads list hold it; `url` is its own funnel, if it has one."""

    name: str
    url: str
    list_params: Mapping[str, str]
    steps: Sequence[Step]


@dataclass(frozen=True)
class Unpriced:
    """Money of a lead or its deal that has no rate and is in no total."""

    lead: int
    name: str
    step: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Funnel:
    """The funnel of a cohort. Money of steps is in minor units of the lens's currency, which has `exponent` decimals."""

    chosen: Chosen
    currency: str
    exponent: int
    steps: list[Step]
    parts: list[PartSteps]
    sources: list[PartSteps]
    campaigns: list[PartSteps]
    ageing: Mapping[str, Mapping[str, int]]
    unpriced: list[Unpriced]
    is_part: bool
    on: dt.date


@dataclass(frozen=True)
class Offered:
    """What the page's choices offer, as (value, words)."""

    regions: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    campaigns: list[tuple[str, str]]


def offered(*, viewer: User) -> Offered:
    named = sorted(((code, name) for code, (_pk, name) in regions_for(viewer).items()), key=lambda pair: pair[1])
    return Offered(
        regions=[("", _("World")), *named, (UNALLOCATED, _("Unallocated"))],
        sources=[("", _("Any source")), *((s, s) for s in lead_queries.sources(viewer=viewer)), (NONE, _("No source"))],
        campaigns=[
            ("", _("Any campaign")),
            *((one.code, one.name) for one in lead_queries.campaigns()),
            (NONE, _("No campaign")),
        ],
    )


@one_snapshot()
def lead_funnel(*, viewer: User, chosen: Chosen) -> Funnel:
    """Http404 for a region that is not there."""
    on = scope_of(viewer).on
    rows = LeadFilter(
        chosen.list_params(), queryset=lead_queries.leads(viewer=viewer), request=SimpleNamespace(user=viewer)
    )
    if not rows.is_valid():
        raise Http404(chosen.region)
    currency = currency_of(chosen.lens)
    leads = funnel_leads(viewer=viewer, leads=rows.qs, currency=currency, rates=chosen.lens.rates, on=on)
    return Funnel(
        chosen=chosen,
        currency=currency,
        exponent=exponents()[currency],
        steps=funnel.funnel(leads),
        parts=_by_place(viewer, chosen, leads, on),
        sources=_by_source(chosen, leads),
        campaigns=_by_campaign(chosen, leads),
        ageing=funnel.ageing(leads, AGES),
        unpriced=_unpriced(leads, rows.qs),
        is_part=not scope_of(viewer).is_everything,
        on=on,
    )


def currency_of(lens: PageLens) -> str:
    """A funnel adds currencies up: under a lens of native money it is stated in the first reporting currency."""
    return lens.frame.currencies[0] if lens.is_native else lens.currency


def ground_of(viewer: User, region: str, on: dt.date) -> Ground:
    """The node `region`, or the world, as the tree stands on a day. A world of one root shows that root's parts."""
    tree, names = tree_for(viewer), region_names()
    ids = {code: pk for pk, (code, _name) in names.items()}
    if region:
        return Ground(tree, ids.get(region), on, is_unallocated=region == UNALLOCATED)
    roots = [pk for pk in names if pk not in tree.on(on).parents]
    return Ground(tree, None, on, through=roots[0] if len(roots) == 1 else None)


def _by_place(viewer: User, chosen: Chosen, leads: Sequence[FunnelLead], on: dt.date) -> list[PartSteps]:
    """The children of the region, or the roots, by the tree of today; they add up to the whole."""
    ground, names = ground_of(viewer, chosen.region, on), region_names()
    month = months.month_of(on)
    found = funnel.by(leads, lambda lead: ground.part(lead.country, month))
    rows = []
    for part, its in found.items():
        if isinstance(part, int):
            code, name = names[part]
            rows.append(PartSteps(name, chosen.url(region=code), {"region": code}, funnel.funnel(its)))
        elif part == UNALLOCATED:
            url = chosen.url(region=UNALLOCATED)
            rows.append(PartSteps(_("Unallocated"), url, {"region": UNALLOCATED}, funnel.funnel(its)))
        else:
            name = formats.country(part) if part else _("No country")
            rows.append(PartSteps(name, "", {"country": part or NONE}, funnel.funnel(its)))
    return _largest_first(rows)


def _by_source(chosen: Chosen, leads: Sequence[FunnelLead]) -> list[PartSteps]:
    found = funnel.by(leads, lambda lead: lead.source)
    return _largest_first(
        PartSteps(name or _("No source"), chosen.url(source=name or NONE), {"source": name or NONE}, funnel.funnel(its))
        for name, its in found.items()
    )


def _by_campaign(chosen: Chosen, leads: Sequence[FunnelLead]) -> list[PartSteps]:
    found = funnel.by(leads, lambda lead: lead.campaign)
    names = dict(Campaign.objects.filter(pk__in=[code for code in found if code]).values_list("code", "name"))
    return _largest_first(
        PartSteps(
            names.get(code, _("No campaign")),
            chosen.url(campaign=code or NONE),
            {"campaign": code or NONE},
            funnel.funnel(its),
        )
        for code, its in found.items()
    )


def _largest_first(rows: Iterable[PartSteps]) -> list[PartSteps]:
    return sorted(rows, key=lambda row: (-row.steps[0].leads, row.name))


def _unpriced(leads: Sequence[FunnelLead], rows: LeadQuerySet) -> list[Unpriced]:
    held = [lead for lead in leads if lead.expected.unpriced or (lead.rank >= 3 and lead.deal.unpriced)]
    names = dict(rows.filter(pk__in=[one.id for one in held]).values_list("pk", "name")) if held else {}
    decimals = exponents()
    return [
        Unpriced(lead.id, names[lead.id], step, currency, trimmed(amount, decimals[currency]))
        for lead in held
        for step, worth in (("lead", lead.expected), ("opportunity", lead.deal))
        for currency, amount in worth.unpriced
    ][:UNPRICED_SHOWN]
