"""What scores are computed from, read for all subjects of a kind at once: a fixed number of statements each.

Of everything there is: scores are kept at night, and shown to those who see their subject.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from statistics import median

from django.db import connection
from django.db.models import Count, Max, Q, Sum

from accounts.models import Account, Contact, Relationship
from core import months
from coverage.alignment import DEFINITION
from coverage.bridges import Strength, bridges_of
from coverage.models import AlignmentScore
from coverage.parity import KEY_LEVELS, KEY_ROLES
from money.models import CONSTANT, MONTH_AVERAGE
from money.queries import reporting_currencies
from pipeline.deal_models import NextStep
from pipeline.journey import roles_of_stage
from pipeline.journey_queries import Median, all_stage_medians, journey_rules, roles_held
from pipeline.models import Opportunity
from pipeline.scores import AccountTraits, DealTraits, MemberTraits
from revenue.models import Quota, QuotaMeasure, QuotaScope
from rollups.account_queries import at_lens, last_year
from rollups.deal_standing import Standing, closed_standings, open_standings
from rollups.measures import Book, Measure
from rollups.models import AccountCell
from rollups.quota_figures import Attainment, whole_attainments
from teams.models import Member

LATELY = 90
"""Days within which a contact is not quiet."""
KEPT_NIGHTS = 7
"""An alignment of an earlier night is out of date."""


def deal_traits(*, on: dt.date) -> dict[int, DealTraits]:
    """By the id of every open deal."""
    usual = all_stage_medians()
    standing = open_standings(on=on)
    wanted, held = _roles([one.deal for one in standing])
    steps = _steps(on)
    return {
        one.deal: replace(
            _deal(one, usual),
            roles=len(wanted[one.deal] & held.get(one.deal, set())),
            roles_wanted=len(wanted[one.deal]),
            step_in=steps.get(one.deal),
        )
        for one in standing
    }


def past_deal_traits(*, on: dt.date, days_before: int) -> list[tuple[str, DealTraits]]:
    """Of every closed deal its outcome, and what was known of it so many days before it closed."""
    usual = all_stage_medians()
    return [(one.outcome, _deal(one, usual)) for one in closed_standings(on=on, days_before=days_before)]


def _deal(one: Standing, usual: Mapping[str, Median]) -> DealTraits:
    median_stay = usual.get(one.stage or "")
    return DealTraits(
        days_in_stage=one.days,
        usual_days=Fraction(median_stay.days) if median_stay else None,
        postponed=one.postponed,
        amount=one.amount,
        usual_amount=one.usual,
    )


def _roles(deal_ids: Collection[int]) -> tuple[dict[int, frozenset[str]], Mapping[int, set[str]]]:
    """What the stage of each deal asks for, and what it has."""
    rules = journey_rules()
    wanted = {
        pk: roles_of_stage(rules.stages[stage], category, rules.by_category)
        for pk, stage, category in Opportunity.objects.filter(pk__in=deal_ids).values_list(
            "pk", "stage_id", "forecast_category"
        )
    }
    return {pk: wanted.get(pk, frozenset()) for pk in deal_ids}, roles_held(deal_ids=deal_ids)


def _steps(on: dt.date) -> dict[int, int]:
    """Days until the open next step of a deal is due."""
    rows = NextStep.objects.filter(done_at=None, due_on__isnull=False).values_list("opportunity_id", "due_on")
    return {deal: (due - on).days for deal, due in rows if due is not None}


def account_traits(*, on: dt.date) -> dict[int, AccountTraits]:
    """By the id of every account."""
    revenue, before = _revenue(on)
    deals = _deals_of_accounts(on)
    contacts, alignment, bridges = _contacts(on), _alignment(on), _bridges()
    found = {}
    for pk in Account.objects.order_by("id").values_list("id", flat=True):
        pending, overdue = deals.get(pk, (None, 0))
        known, lately = contacts.get(pk, (None, 0))
        found[pk] = AccountTraits(
            revenue=revenue.get(pk, 0),
            revenue_before=before.get(pk),
            open=pending,
            overdue=overdue,
            contacts=known,
            contacts_lately=lately,
            alignment=alignment.get(pk),
            bridges=bridges.get(pk),
        )
    return found


def _revenue(on: dt.date) -> tuple[dict[int, int], dict[int, int]]:
    """Revenue of the last 12 whole months and of those before, both at the mean rates of the earlier months."""
    first, last = last_year(months.month_of(on))
    return _sums(first, last, CONSTANT), _sums(first - 12, last - 12, MONTH_AVERAGE)


def _sums(first: int, last: int, rates: str) -> dict[int, int]:
    cells = AccountCell.objects.filter(measure=Measure.RECOGNISED, month__range=(first, last)).order_by()
    rows = cells.values_list("account_id").annotate(total=Sum(at_lens("minor", reporting_currencies()[0], rates)))
    return {account: int(total) for account, total in rows if total is not None}


def _deals_of_accounts(on: dt.date) -> dict[int, tuple[int, int]]:
    """Open deals, and those of them that are overdue."""
    rows = Opportunity.objects.filter(stage__outcome="open").order_by().values_list("account_id")
    counts = rows.annotate(pending=Count("pk"), late=Count("pk", filter=Q(close_date__lt=on)))
    return {account: (pending, late) for account, pending, late in counts}


def _contacts(on: dt.date) -> dict[int, tuple[int, int]]:
    """Key contacts whose last contact is known, and those of them with one lately."""
    key = Q(buying_role__in=KEY_ROLES) | Q(level__in=KEY_LEVELS)
    last = Contact.objects.filter(key).annotate(last=Max("relationships__last_contact_on")).filter(last__isnull=False)
    since = on - dt.timedelta(days=LATELY)
    found: dict[int, list[bool]] = defaultdict(list)
    for account, day in last.order_by().values_list("account_id", "last"):
        found[account].append(day >= since)
    return {account: (len(days), sum(days)) for account, days in found.items()}


def _alignment(on: dt.date) -> dict[int, Decimal]:
    nights = AlignmentScore.objects.filter(
        country="", definition=DEFINITION, on__lte=on, on__gt=on - dt.timedelta(days=KEPT_NIGHTS), score__isnull=False
    )
    rows = nights.order_by("on").values_list("account_id", "score")
    return {account: score for account, score in rows if score is not None}


def _bridges() -> dict[int, Fraction]:
    """On how many of us all relationships with an account rest."""
    held: dict[int, list[Strength]] = defaultdict(list)
    rows = Relationship.objects.order_by("member__email", "id")
    for account, member, strength in rows.values_list("contact__account_id", "member_id", "strength"):
        held[account].append(Strength(member, strength))
    found = {account: bridges_of(known).effective for account, known in held.items()}
    return {account: effective for account, effective in found.items() if effective is not None}


def member_traits(*, on: dt.date) -> dict[int, MemberTraits]:
    """By the id of every member who has a deal or a quota."""
    quotas, closed, ages = _quotas(on), _closed(on), _ages(on)
    found = {}
    for pk in Member.objects.order_by("id").values_list("id", flat=True):
        if pk not in quotas and pk not in closed and pk not in ages:
            continue
        attained = quotas[pk].attained if pk in quotas else None
        won, lost = closed.get(pk, (0, 0))
        found[pk] = MemberTraits(
            pace=attained.pace if attained else None,
            won=won,
            lost=lost,
            coverage=attained.coverage if attained else None,
            is_met=bool(attained and attained.target > 0 and attained.is_met),
            age=ages.get(pk),
        )
    return found


def _quotas(on: dt.date) -> dict[int, Attainment]:
    """Of each member the longest quota of won deals whose period holds the day."""
    rows = Quota.objects.filter(
        scope=QuotaScope.MEMBER, measure=QuotaMeasure.WON, period_start__lte=on, period_end__gt=on
    )
    found: dict[int, Attainment] = {}
    for one in whole_attainments(quotas=list(rows.select_related("currency")), on=on):
        held = found.get(one.bearer.pk)
        if held is None or one.period.length > held.period.length:
            found[one.bearer.pk] = one
    return found


_CLOSED = f"""
SELECT member_id, COALESCE(sum(deals) FILTER (WHERE outcome = 'won'), 0)::int,
       COALESCE(sum(deals) FILTER (WHERE outcome = 'lost'), 0)::int
  FROM rollups_sharedeals
 WHERE book = {Book.PRIME:d} AND member_id > 0 AND month BETWEEN %s AND %s AND outcome IN ('won', 'lost') GROUP BY member_id
"""


def _closed(on: dt.date) -> dict[int, tuple[int, int]]:
    """Deals won and lost in the last 12 whole months and the one under way, in which a member has a prime share."""
    month = months.month_of(on)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [month - 12, month])
        return {member: (won, lost) for member, won, lost in cursor.fetchall()}


def _ages(on: dt.date) -> dict[int, Fraction]:
    """The median age of a member's open deals, in days."""
    days: dict[int, list[int]] = defaultdict(list)
    rows = Opportunity.objects.filter(stage__outcome="open", owner__isnull=False, created_on__lte=on).order_by()
    for owner, created in rows.values_list("owner_id", "created_on"):
        if created is not None:
            days[owner].append((on - created).days)
    return {owner: Fraction(median(map(Fraction, ages))) for owner, ages in days.items()}
