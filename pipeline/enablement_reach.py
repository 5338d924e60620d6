"""Which deals a play is for: one meaning for the shelf of a deal, the preview of a form, and the counts.

A play is offered on a deal while that is open, in a stage that it is for, on a day within its dates, and where its product,
place and industry fit as they stand today. Buying role and language put plays in an order; they leave none out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import scope_of, tree_for
from core.periods import BEGINNING
from pipeline.enablement_models import Play, PlayUse
from pipeline.models import Opportunity, OpportunityLine, Outcome, StageHistory
from pipeline.querysets import OpportunityQuerySet
from revenue.models import Product
from users.models import User


@dataclass(frozen=True)
class Reach:
    """What a play is for, saved or not. What is empty fits any deal; `valid_to` is the first day after its dates."""

    stages: frozenset[str] = frozenset()
    product_id: int | None = None
    country: str = ""
    region_id: int | None = None
    industry: str = ""
    valid_from: dt.date = BEGINNING
    valid_to: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def reach_of(play: Play) -> Reach:
    """In one statement, for its stages."""
    return Reach(
        stages=frozenset(play.play_stages.values_list("stage_id", flat=True)),
        product_id=play.product_id,
        country=str(play.country or ""),
        region_id=play.region_id,
        industry=play.industry,
        valid_from=play.valid_from,
        valid_to=play.valid_to,
    )


def products_below(product_id: int) -> set[int]:
    """A product and all below it."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Product.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found, waiting = set(), [product_id]
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children.get(pk, ()))
    return found


def products_above(products: Collection[int]) -> set[int]:
    """These products and all above them."""
    parents = dict(Product.objects.values_list("pk", "parent_id"))
    found: set[int] = set()
    for pk in products:
        at: int | None = pk
        while at is not None and at not in found:
            found.add(at)
            at = parents.get(at)
    return found


def _fitting(
    deals: OpportunityQuerySet, reach: Reach, *, viewer: User, everywhere: bool = False
) -> OpportunityQuerySet:
    """By product, place and industry; lines count as far as `viewer` sees them, or all of them `everywhere`."""
    seen = OpportunityLine.objects.all() if everywhere else OpportunityLine.objects.visible_to(viewer)
    lines = seen.filter(opportunity=OuterRef("pk"))
    if reach.product_id is not None:
        products = products_below(reach.product_id)
        deals = deals.filter(Q(product__in=products) | Exists(lines.filter(product__in=products)))
    places = _countries(reach, viewer)
    if places is not None:
        deals = deals.filter(Q(country__in=places) | Exists(lines.filter(country__in=places)))
    return deals.filter(account__industry__iexact=reach.industry) if reach.industry else deals


def _countries(reach: Reach, viewer: User) -> set[str] | None:
    if reach.region_id is not None:
        return tree_for(viewer).on(scope_of(viewer).on).countries_under([reach.region_id])
    return {reach.country} if reach.country else None


def open_deals(reach: Reach, *, viewer: User) -> OpportunityQuerySet:
    """Every open deal that a play of this reach would be offered on today, whoever sees it: for a number and nothing else."""
    if not reach.holds_on(scope_of(viewer).on):
        return Opportunity.objects.none()
    deals = _fitting(Opportunity.objects.open(), reach, viewer=viewer, everywhere=True)
    return deals.filter(stage__in=reach.stages) if reach.stages else deals


def used_deals(play: Play, *, viewer: User) -> OpportunityQuerySet:
    """Deals in sight that a use of the play stands on."""
    uses = PlayUse.objects.standing().filter(play=play, opportunity=OuterRef("pk"))
    found: OpportunityQuerySet = Opportunity.objects.visible_to(viewer).filter(Exists(uses))
    return found


def offered_deals(play: Play, *, viewer: User) -> OpportunityQuerySet:
    """Deals in sight that the play is or was offered on while they were open, and those it was used on anyway."""
    seen: OpportunityQuerySet = Opportunity.objects.visible_to(viewer)
    reach, on = reach_of(play), scope_of(viewer).on
    uses = PlayUse.objects.standing().filter(play=play, opportunity=OuterRef("pk"))
    if reach.valid_from > on:
        return seen.filter(Exists(uses))
    stayed = Q(Exists(_stays(reach).filter(opportunity=OuterRef("pk"))))
    if reach.holds_on(on):
        now = Q(stage__outcome=Outcome.OPEN)
        stayed = stayed | (now & Q(stage__in=reach.stages) if reach.stages else now)
    fitting = _fitting(Opportunity.objects.all(), reach, viewer=viewer).filter(stayed)
    return seen.filter(Exists(uses) | Q(pk__in=fitting.values("pk")))


def _stays(reach: Reach) -> QuerySet[StageHistory]:
    """Changes of stage, but those taken back, that led into one of the reach's stages for a while within its dates."""
    standing = StageHistory.objects.filter(undoes__isnull=True, undone_by__isnull=True)
    stays = standing.filter(stage__outcome=Outcome.OPEN)
    if reach.stages:
        stays = stays.filter(stage__in=reach.stages)
    if reach.valid_to is not None:
        stays = stays.filter(changed_at__lt=_begin_of(reach.valid_to))
    if reach.valid_from > BEGINNING:
        left = standing.filter(
            opportunity=OuterRef("opportunity"),
            changed_at__gt=OuterRef("changed_at"),
            changed_at__lte=_begin_of(reach.valid_from),
        )
        stays = stays.exclude(Exists(left))
    return stays.order_by()


def _begin_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())
