"""Of whose figures a reader sees the whole, and where the working days of a quota are counted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from accounts.models import OrgUnit
from core import months
from regions.queries import calendars
from revenue.models import Quota, QuotaScope
from revenue.quota_queries import Bearer
from revenue.quotas import Period
from revenue.working_days import Diary, Place
from rollups.measures import NO_COUNTRY
from rollups.region_figures import Geography
from rollups.sight import Sight
from teams.models import Member
from teams.queries import line_of
from users.models import User


@dataclass(frozen=True)
class Sighted:
    """A reader's sight, and the members of her line."""

    sight: Sight
    line: frozenset[str]

    def judged(self, quota: Quota, bearer: Bearer, where: Geography, period: Period) -> tuple[str, bool]:
        """Why nothing is stated (`restricted`, or empty), and whether what is stated is of a part. A part of the figures beside
        a whole quota would mislead; of her own line a manager, who knows that she sees a part, is told what she sees."""
        if self.sight.is_everything:
            return "", False
        if quota.scope == QuotaScope.MEMBER:
            return ("", True) if quota.scope_code in self.line else ("restricted", False)
        if quota.scope == QuotaScope.ACCOUNT:
            return ("" if self.sight.sees_whole(bearer.pk) else "restricted"), False
        if quota.scope == QuotaScope.REGION and self._sees_region(bearer, where, period):
            return "", False
        return "restricted", False

    def _sees_region(self, bearer: Bearer, where: Geography, period: Period) -> bool:
        return all(
            self.sight.sees(country, month)
            for month in period.months
            for country in where.countries_of(bearer.pk, month)
        )


def sighted(viewer: User, sight: Sight) -> Sighted:
    if sight.is_everything:
        return Sighted(sight, frozenset())
    return Sighted(sight, frozenset([viewer.email, *line_of(viewer=viewer)]))


WorkedIn = Callable[[int], Collection[Place]]


def places_worked(
    named: Mapping[tuple[str, str], Bearer], where: Geography
) -> tuple[Diary, dict[tuple[str, int], WorkedIn]]:
    """By scope and id, where days are worked in a month: of a region the countries that stand in it at the month's end; of an
    account those of the units open then; of a member her own country and week; of a product all countries of our regions."""
    found: dict[tuple[str, int], WorkedIn] = {}
    units = _units([one.pk for (scope, _), one in named.items() if scope == QuotaScope.ACCOUNT])
    weeks = _weeks([one.pk for (scope, _), one in named.items() if scope == QuotaScope.MEMBER])
    for (scope, _code), bearer in named.items():
        found[scope, bearer.pk] = _worked(scope, bearer.pk, where, units, weeks)
    return Diary(calendars()), found


def _worked(scope: str, pk: int, where: Geography, units: Mapping[int, _Units], weeks: Mapping[int, Place]) -> WorkedIn:
    if scope == QuotaScope.ACCOUNT:
        return lambda month: units[pk].at_end_of(month) if pk in units else ()
    if scope == QuotaScope.MEMBER:
        return lambda _month: (weeks[pk],)
    region = pk if scope == QuotaScope.REGION else None
    return lambda month: [Place(country) for country in where.countries_of(region, month) if country != NO_COUNTRY]


class _Units:
    """The countries of an account's units, with the days on which those are open."""

    def __init__(self) -> None:
        self.spans: set[tuple[str, dt.date, dt.date]] = set()

    def at_end_of(self, month: int) -> set[Place]:
        day = months.last_day(month)
        return {Place(country) for country, since, until in self.spans if since <= day < until}


def _units(account_ids: Collection[int]) -> dict[int, _Units]:
    found: dict[int, _Units] = defaultdict(_Units)
    if not account_ids:
        return found
    rows = OrgUnit.objects.filter(account_id__in=account_ids).exclude(country="").order_by()
    for account, country, since, until in rows.values_list(
        "account_id", "country", "opened_on", "closed_on"
    ).distinct():
        found[account].spans.add((str(country), since or dt.date.min, until or dt.date.max))
    return found


def _weeks(member_ids: Collection[int]) -> dict[int, Place]:
    rows = Member.objects.filter(pk__in=member_ids).values_list("pk", "country", "working_days") if member_ids else ()
    return {pk: Place(str(country), frozenset(days)) for pk, country, days in rows}
