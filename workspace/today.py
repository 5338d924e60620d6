"""The home of each reader: her accounts and deals, her regions and what changed there, or the state of the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from accounts.access import scope_of
from accounts.models import Account
from core.snapshots import one_snapshot
from pipeline.models import Opportunity, StageHistory
from pipeline.queries import opportunities
from regions.models import Region
from rollups import queries as rollups
from teams.models import TeamMember
from users.models import User
from workspace import customers, gaps, queries
from workspace.dashboard import Dashboard, PartRow, size_of
from workspace.gaps import GapCount
from workspace.lenses import PageLens

#: Deals that close within so many days are due; changes of so many days are news.
DUE_DAYS, NEWS_DAYS = 30, 14
SHOWN, NEWS_SHOWN = 12, 8


@dataclass(frozen=True)
class AccountRow:
    """An account that the reader works on: the figures, her own roles in its team, and its empty slots."""

    row: PartRow
    roles: Sequence[str]
    gaps: GapCount


@dataclass(frozen=True)
class Deals:
    """Open deals to look at: `overdue` ones first, then those due soon; counts of all, rows of the first."""

    rows: Sequence[Opportunity]
    overdue: int
    due: int
    on: dt.date


@dataclass(frozen=True)
class Today:
    """A reader's home. Sections that say nothing to her are empty."""

    accounts: Sequence[AccountRow]
    deals: Deals
    regions: Sequence[Dashboard]
    news: Sequence[StageHistory]
    computed_at: dt.datetime | None


@one_snapshot()
def today(*, viewer: User, lens: PageLens) -> Today:
    """The accounts one works on, the regions one leads, the deals due, and how deals moved."""
    scope = scope_of(viewer)
    codes = list(
        Region.objects.permitted_to(viewer)
        .filter(id__in=scope.region_ids)
        .order_by("code")
        .values_list("code", flat=True)
    )
    return Today(
        accounts=_accounts(viewer, lens),
        deals=_deals(viewer, scope.on),
        regions=[queries.region_dashboard(viewer=viewer, code=code, lens=lens) for code in codes],
        news=_news(viewer, scope.on),
        computed_at=rollups.freshness().computed_at,
    )


def _accounts(viewer: User, lens: PageLens) -> list[AccountRow]:
    scope = scope_of(viewer)
    named = Account.objects.filter(id__in=scope.whole_account_ids).order_by("name")
    names = {pk: (code, name) for pk, code, name in named.values_list("id", "code", "name")}
    rows = customers.rows_of(viewer=viewer, names=names, lens=lens)
    empty = gaps.counted(viewer=viewer, account_ids=list(names), on=scope.on)
    roles: dict[str, list[str]] = {}
    mine = TeamMember.objects.as_of(scope.on).filter(member__user=viewer, team__account__id__in=names)
    for code, role in mine.order_by("role__position").values_list("team__account__code", "role__name"):
        roles.setdefault(code, []).append(role)
    found = [AccountRow(row, roles.get(row.code, []), empty[pk]) for pk, row in rows.items()]
    return sorted(found, key=lambda one: -size_of(one.row.amounts[lens.headline] if one.row.amounts else Decimal(0)))


def _deals(viewer: User, on: dt.date) -> Deals:
    """One's own deals and those of the accounts one works on; a lead without either looks at her regions'."""
    scope = scope_of(viewer)
    deals = opportunities(viewer=viewer).open()
    mine = (
        deals.filter(Q(owner__user=viewer) | Q(account_id__in=scope.whole_account_ids))
        if scope.whole_account_ids
        else deals
    )
    close = mine.filter(close_date__lte=on + dt.timedelta(days=DUE_DAYS))
    counted = close.order_by().aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(close_date__lt=on)))
    rows = close.select_related("account", "stage", "currency").order_by("close_date", "id")[:SHOWN]
    return Deals(list(rows), counted["overdue"], counted["all"] - counted["overdue"], on)


def _news(viewer: User, on: dt.date) -> list[StageHistory]:
    """How deals moved lately, the latest first."""
    since = on - dt.timedelta(days=NEWS_DAYS)
    moves = StageHistory.objects.visible_to(viewer).filter(changed_at__date__gte=since, changed_at__date__lte=on)
    related = ("opportunity__account", "opportunity__currency", "stage")
    return list(moves.select_related(*related).order_by("-changed_at", "-id")[:NEWS_SHOWN])
