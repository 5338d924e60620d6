"""What pages, endpoints, exports and jobs read of deals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable

from accounts import access
from money.amounts import trimmed
from money.models import SPOT, ExchangeRate
from money.queries import exponents
from pipeline.models import Lead, Opportunity, OpportunityLine, OpportunitySplit, StageHistory
from pipeline.querysets import OpportunityQuerySet
from teams.queries import full_name
from users.models import User
from users.permissions import Permission

#: Of so many deals what was open on an earlier day is replayed in some 0.4 s.
REPLAYED_BESIDE_FIGURES = 50_000


def has_too_many_to_replay() -> bool:
    """Whether a page of figures had better not replay the history of all deals beside them. By the table's size, a deal of 150
    bytes: to count deals takes longer than the page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('pipeline_opportunity')")
        return int(cursor.fetchone()[0]) > 150 * REPLAYED_BESIDE_FIGURES


def amount_in_sight(viewer: User) -> Combinable:
    """A deal's amount as far as the viewer may see its lines: the sum of those in her sight when some are not."""
    if access.scope_of(viewer).is_everything:
        return F("amount")
    lines = OpportunityLine.objects.filter(opportunity=OuterRef("pk"))
    seen = access.may_see_fact(viewer, month="opportunity__month")
    total = lines.filter(seen).order_by().values("opportunity").annotate(total=Sum("amount")).values("total")
    return Case(When(Exists(lines.exclude(seen)), then=Subquery(total)), default=F("amount"))


def lying_in(deals: OpportunityQuerySet, places: Collection[str], *, viewer: User) -> OpportunityQuerySet:
    """Deals of these countries, by their own or by that of a line in the viewer's sight."""
    lines = OpportunityLine.objects.visible_to(viewer).filter(country__in=places, opportunity=OuterRef("pk"))
    return deals.filter(Q(country__in=places) | Q(Exists(lines)))


def opportunities(*, viewer: User) -> OpportunityQuerySet:
    """The deals that `viewer` sees, with `amount_seen` (of lines in her sight) and `owner_name`."""
    seen: OpportunityQuerySet = Opportunity.objects.visible_to(viewer).select_related(
        "account", "stage", "product", "currency"
    )
    return seen.annotate(
        amount_seen=amount_in_sight(viewer),
        owner_name=Case(When(owner__isnull=False, then=full_name("owner__"))),
    )


def size() -> Combinable:
    """A deal's amount over its currency's last known rate: only to put deals of many currencies in an order."""
    last = ExchangeRate.objects.filter(rate_set=SPOT, currency=OuterRef("currency")).order_by("-date")
    is_base = Q(currency__in=ExchangeRate.objects.filter(rate_set=SPOT).values("rate_set__base")[:1])
    rate = Case(When(is_base, then=Value(Decimal(1))), default=Subquery(last.values("rate")[:1]), output_field=_NUMBER)
    return Case(When(amount_seen__isnull=False, then=F("amount_seen") / rate), output_field=_NUMBER)


_NUMBER: DecimalField[Any, Any] = DecimalField(max_digits=60, decimal_places=30)


@dataclass(frozen=True)
class Total:
    """Deals of one currency: how many, their amounts in sight added up, and how many have no amount."""

    currency: str
    exponent: int
    deals: int
    amount: Decimal | None
    without: int


def totals(deals: QuerySet[Opportunity]) -> list[Total]:
    """`deals` added up by currency, the most deals first; currencies are never added to one another."""
    sums = (
        deals.order_by()
        .values_list("currency")
        .annotate(number=Count("*"), total=Sum("amount_seen"), without=Count("*") - Count("amount_seen"))
    )
    decimals = exponents()
    return [
        Total(currency, decimals[currency], *sums_of) for currency, *sums_of in sums.order_by("-number", "currency")
    ]


@dataclass(frozen=True)
class Deal:
    """One deal as a viewer sees it. `is_partial`: it has lines out of her sight. `on` is the business date, `lead` what it
    came from, if she sees that."""

    deal: Opportunity
    lines: list[OpportunityLine]
    splits: list[OpportunitySplit]
    history: list[StageHistory]
    is_partial: bool
    may_edit: bool
    on: dt.date
    lead: Lead | None = None

    @property
    def chance(self) -> Decimal:
        """The probability in percent: the deal's own, else its stage's."""
        own = self.deal.probability
        return trimmed(self.deal.stage.probability if own is None else own, 0)

    @property
    def is_overdue(self) -> bool:
        return self.deal.stage.outcome == "open" and self.deal.close_date < self.on


def opportunity(*, viewer: User, pk: int) -> Deal:
    """Opportunity.DoesNotExist when there is none that `viewer` sees."""
    deal = opportunities(viewer=viewer).select_related("org_unit", "owner").get(pk=pk)
    lines = OpportunityLine.objects.filter(opportunity=deal)
    seen = list(lines.visible_to(viewer).select_related("product", "org_unit").order_by("line"))
    is_partial = lines.count() > len(seen)
    splits = OpportunitySplit.objects.visible_to(viewer).filter(opportunity=deal).select_related("member")
    history = StageHistory.objects.visible_to(viewer).filter(opportunity=deal).select_related("stage")
    return Deal(
        deal=deal,
        lines=seen,
        splits=list(splits.order_by("-type", "-percent", "member__email")),
        history=list(history.order_by("-changed_at", "-id")),
        is_partial=is_partial,
        # Lines that she can't see must not be lost or guessed by saving the ones that she can.
        may_edit=viewer.may(Permission.EDIT_FACTS) and not is_partial,
        on=access.scope_of(viewer).on,
        lead=Lead.objects.visible_to(viewer).filter(pk=deal.lead_id).first() if deal.lead_id else None,
    )
