from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts import access
from users.permissions import Permission

if TYPE_CHECKING:
    from pipeline.lead_models import LeadChange
    from pipeline.models import Lead
    from users.models import User

STEPS: Final = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")
"""The steps of the funnel in their order. Whoever reached one has reached every step before it."""
NEW, MQL, SQL, CONVERTED, REJECTED = "new", "marketing_qualified", "sales_qualified", "converted", "rejected"
WAITING: Final = (NEW, MQL, SQL)
"""A lead of these statuses waits for somebody to move it on."""
AGES: Final = {"week": (0, 7), "month": (8, 30), "quarter": (31, 90), "older": (91, None)}
"""How long a lead waits, in days, both ends included."""


def lead_in_sight(viewer: User, prefix: str = "") -> Q:
    """One's own leads, those of accounts that one works on or was granted, and those in the countries one leads."""
    if viewer.may(Permission.SEE_ALL_FIGURES):
        return Q()
    mine = access.scope_of(viewer)
    return (
        Q(**{f"{prefix}owner__user": viewer})
        | Q(**{f"{prefix}account_id__in": mine.whole_account_ids})
        | Q(**{f"{prefix}country__in": mine.countries_now})
    )


def _day(instant: str) -> TruncDate:
    """The organisation's calendar day of an instant, whoever reads."""
    return TruncDate(instant, tzinfo=timezone.get_default_timezone())


def _changes(*statuses: str) -> models.QuerySet[Any]:
    found = apps.get_model("pipeline", "LeadChange").objects.filter(lead=OuterRef("pk"))
    return found.filter(status__in=statuses) if statuses else found


def _day_of(which: type[Min | Max], *statuses: str) -> Subquery:
    """The first or the last day on which the lead took one of these statuses."""
    found = _changes(*statuses).order_by().values("lead").annotate(day=which(_day("changed_at"))).values("day")
    return Subquery(found, output_field=models.DateField())


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, viewer: User) -> LeadQuerySet:
        return self.filter(lead_in_sight(viewer))

    def with_age(self) -> LeadQuerySet:
        """With `began_on` (created, else first heard of) and `since_on` (in its present status since)."""
        began = Coalesce(F("created_on"), _day_of(Min))
        since = Coalesce(_day_of(Max), F("began_on"))
        return self.annotate(began_on=began).annotate(since_on=Case(When(status=NEW, then="began_on"), default=since))

    def with_steps(self, viewer: User) -> LeadQuerySet:
        """With `rank`, the place in STEPS of the last step reached; `deal_id`, as far as `viewer` sees the deal; and the days
        `marketing_on`, `sales_on`, `deal_on` and `won_on` on which steps were reached, null where that is not known."""
        deals: Any = apps.get_model("pipeline", "Opportunity").objects.visible_to(viewer)
        deal = deals.filter(lead=OuterRef("pk")).order_by()
        won = deal.filter(stage__outcome="won")
        found = self.annotate(deal_id=Subquery(deal.values("pk")[:1]), won_on=Subquery(won.values("close_date")[:1]))
        is_deal = Q(status=CONVERTED) | Q(deal_id__isnull=False)
        is_sql = Q(status=SQL) | Q(Exists(_changes(SQL)))
        is_mql = Q(status=MQL) | Q(Exists(_changes(MQL)))
        cases = [When(cond, then=Value(n)) for n, cond in ((4, Q(won_on__isnull=False)), (3, is_deal), (2, is_sql))]
        return found.annotate(
            rank=Case(*cases, When(is_mql, then=Value(1)), default=Value(0), output_field=models.SmallIntegerField()),
            marketing_on=_day_of(Min, MQL, SQL, CONVERTED),
            sales_on=_day_of(Min, SQL, CONVERTED),
            deal_on=Coalesce(_day_of(Max, CONVERTED), Subquery(deal.values("created_on")[:1])),
        )

    def reached(self, step: str) -> LeadQuerySet:
        """Of leads `with_steps`, those that reached `step` or a later one."""
        return self.filter(Q(rank__gte=STEPS.index(step)))

    def waiting(self, age: str = "", *, on: dt.date) -> LeadQuerySet:
        """Of leads `with_age`, those that wait, of one of AGES on a day. What lies ahead of that day waits since today."""
        found = self.filter(status__in=WAITING)
        if not age:
            return found
        least, most = AGES[age]
        found = found.filter(Q(since_on__lte=on - dt.timedelta(days=least))) if least else found
        return found if most is None else found.filter(Q(since_on__gte=on - dt.timedelta(days=most)))


class LeadChangeQuerySet(models.QuerySet["LeadChange"]):
    def visible_to(self, viewer: User) -> LeadChangeQuerySet:
        return self.filter(lead_in_sight(viewer, "lead__"))
