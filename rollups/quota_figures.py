"""Quotas beside what came: attainment, pace, coverage. Of each quota in its own currency, in one book.

Quotas of several are never added up, and their percentages never averaged: there is no total of a list.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from accounts.access import Scope, scope_of
from core import months
from core.snapshots import one_snapshot
from money.conversion import from_minor, to_minor
from money.queries import exponents
from revenue.models import Quota, QuotaMeasure, QuotaScope
from revenue.quota_queries import Bearer, bearers, products_below
from revenue.quotas import Attained, MonthTarget, Period, spread
from revenue.working_days import Diary, calendar_days
from rollups.figures import Unpriced
from rollups.measures import Measure
from rollups.quota_reading import Ledger, QuotaLens, quota_lens, read
from rollups.quota_sight import Sighted, WorkedIn, places_worked, sighted
from rollups.region_figures import Geography, geography
from rollups.sight import Sight, sight_of
from rollups.tally import Row, Tally, exact
from users.models import User

SPREAD_AT_MOST = 240
"""Months over which working days are looked up; a longer quota is spread by calendar days."""
MEASURES = {QuotaMeasure.REVENUE: Measure.RECOGNISED, QuotaMeasure.WON: Measure.WON}
PlacesOf = Callable[[int], Collection[Hashable]]


@dataclass(frozen=True)
class Attainment:
    """A quota with what came. `actuals` by month, None where they are not stated; `why` says why: `restricted` (a part of
    what there is would say nothing of the whole quota) or `no_revenue` (revenue has no owner). `is_part`: of deals in the
    reader's sight."""

    quota: Quota
    bearer: Bearer
    period: Period
    on: dt.date
    exponent: int
    attained: Attained
    actuals: tuple[int | None, ...]
    unpriced: Unpriced
    oldest_rate: dt.date | None
    is_part: bool = False
    why: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether the period has not ended."""
        return self.period.is_partial(self.on)

    @property
    def has_begun(self) -> bool:
        return self.period.start <= self.on

    @property
    def currency(self) -> str:
        return str(self.quota.currency_id)

    def money(self, minor: int | None) -> Decimal | None:
        return None if minor is None else from_minor(minor, self.exponent)

    @property
    def target(self) -> Decimal:
        return from_minor(self.attained.target, self.exponent)

    @property
    def actual(self) -> Decimal | None:
        return self.money(self.attained.actual)

    @property
    def to_date(self) -> Decimal | None:
        return self.money(self.attained.to_date)

    @property
    def due(self) -> Decimal:
        return from_minor(self.attained.due, self.exponent)

    @property
    def left(self) -> Decimal | None:
        return self.money(self.attained.left)

    @property
    def open(self) -> Decimal | None:
        return self.money(self.attained.open)

    @property
    def months(self) -> list[tuple[MonthTarget, Decimal, Decimal | None]]:
        """Each month's target with its money, and what came."""
        pairs = zip(self.attained.months, self.actuals, strict=True)
        return [(month, from_minor(month.target, self.exponent), self.money(actual)) for month, actual in pairs]


def attainments(
    *, viewer: User, quotas: Sequence[Quota], on: dt.date | None = None, book: str = "prime"
) -> list[Attainment]:
    """The quotas, which `viewer` may know, beside what she may see; one whose scope is gone is left out. `on`: the as-of date."""
    with one_snapshot():
        sight = sight_of(viewer)
        return _attainments(sighted(viewer, sight), quotas, on or scope_of(viewer).on, book) if quotas else []


def whole_attainments(*, quotas: Sequence[Quota], on: dt.date) -> list[Attainment]:
    """The same of everything there is, in the prime book: for what is computed at night, which no reader is shown as such."""
    sight = Sight(Scope(on, is_everything=True, sees_all_accounts=True))
    with one_snapshot():
        return _attainments(Sighted(sight, frozenset()), quotas, on, "prime")


def _attainments(seen: Sighted, quotas: Sequence[Quota], on: dt.date, book: str) -> list[Attainment]:
    named = bearers(of={(quota.scope, quota.scope_code) for quota in quotas})
    known = [quota for quota in quotas if (quota.scope, quota.scope_code) in named]
    if not known:
        return []
    reading = _Reading.begun(seen, known, named, on, book)
    return [reading.attainment(quota) for quota in known]


def target_minor(quota: Quota) -> int:
    """A quota's amount in minor units of its currency: rounded once, half-even, as every amount is."""
    return to_minor(quota.amount, Fraction(1), exponents()[str(quota.currency_id)])


@dataclass(frozen=True)
class _Group:
    """Quotas of one scope and currency are read together."""

    ledger: Ledger
    where: Geography
    lens: QuotaLens


@dataclass
class _Reading:
    on: dt.date
    book: str
    bearers: Mapping[tuple[str, str], Bearer]
    kinds: Mapping[int, Collection[int]]
    groups: Mapping[tuple[str, str], _Group]
    diary: Diary
    worked: Mapping[tuple[str, int], WorkedIn]
    seen: Sighted

    @classmethod
    def begun(
        cls, seen: Sighted, quotas: Sequence[Quota], named: Mapping[tuple[str, str], Bearer], on: dt.date, book: str
    ) -> _Reading:
        kinds = products_below([one.pk for (scope, _), one in named.items() if scope == QuotaScope.PRODUCT])
        together: dict[tuple[str, str], list[Quota]] = defaultdict(list)
        for quota in quotas:
            together[quota.scope, str(quota.currency_id)].append(quota)
        groups = {}
        for (scope, currency), rows in together.items():
            ids = {named[scope, quota.scope_code].pk for quota in rows}
            if scope == QuotaScope.PRODUCT:
                ids = {one for pk in ids for one in kinds[pk]}
            groups[scope, currency] = _group(QuotaScope(scope), currency, rows, seen.sight, ids, on, book)
        diary, worked = places_worked(named, next(iter(groups.values())).where)
        return cls(on, book, named, kinds, groups, diary, worked, seen)

    def attainment(self, quota: Quota) -> Attainment:
        bearer = self.bearers[quota.scope, quota.scope_code]
        group, period = self.groups[quota.scope, str(quota.currency_id)], period_of(quota)
        targets = self._spread(quota, bearer, period)
        why, is_part = self._unstated(quota, bearer, group, period)
        came = _Came.of(group.ledger, period, self._places(quota, bearer, group), self.on)
        measure, exponent = int(MEASURES[QuotaMeasure(quota.measure)]), exponents()[str(quota.currency_id)]
        return Attainment(
            quota=quota,
            bearer=bearer,
            period=period,
            on=self.on,
            exponent=exponent,
            attained=Attained(
                targets,
                None if why else _minor(came.total, measure),
                None if why else _minor(came.to_date, measure),
                None if why == "restricted" else _minor(came.total, int(Measure.OPEN)),
            ),
            actuals=tuple(None if why else _minor(came.months[one.month], measure) for one in targets),
            unpriced=Unpriced(0, {}) if why else _unpriced(came.total, measure),
            oldest_rate=None if why else came.total.oldest_rate,
            is_part=is_part,
            why=why,
        )

    def _spread(self, quota: Quota, bearer: Bearer, period: Period) -> tuple[MonthTarget, ...]:
        """By working days; by calendar days where none is worked or the period is too long to look them up."""
        places = self.worked[quota.scope, bearer.pk]
        if len(period.months) <= SPREAD_AT_MOST:
            parts = [self.diary.month_days(places(month), period, month, self.on) for month in period.months]
            if any(part.days for part in parts):
                return spread(target_minor(quota), parts)
        return spread(target_minor(quota), [calendar_days(period, month, self.on) for month in period.months])

    def _places(self, quota: Quota, bearer: Bearer, group: _Group) -> PlacesOf:
        if quota.scope == QuotaScope.REGION:
            return lambda month: group.where.countries_of(bearer.pk, month)
        if quota.scope == QuotaScope.PRODUCT:
            return lambda _month: self.kinds[bearer.pk]
        return lambda _month: (bearer.pk,)

    def _unstated(self, quota: Quota, bearer: Bearer, group: _Group, period: Period) -> tuple[str, bool]:
        """Why nothing is stated, and whether it is of a part."""
        has_owner = quota.scope == QuotaScope.MEMBER or self.book == "overlay"
        if has_owner and quota.measure == QuotaMeasure.REVENUE:
            return "no_revenue", False
        return self.seen.judged(quota, bearer, group.where, period)


def period_of(quota: Quota) -> Period:
    return Period(quota.period_start, quota.period_end)


def _group(
    scope: QuotaScope, currency: str, rows: Iterable[Quota], sight: Sight, ids: Collection[int], on: dt.date, book: str
) -> _Group:
    periods = [period_of(quota) for quota in rows]
    span = range(min(p.months[0] for p in periods), max(p.months[-1] for p in periods) + 1)
    cut = {month for period in periods for month in period.cut_months} | ({months.month_of(on)} & set(span))
    lens = quota_lens(span, currency, book, on)
    return _Group(read(scope, lens, sight, ids, cut), geography(lens), lens)


@dataclass
class _Came:
    """What lies in a period: in all, until the day, and by month."""

    total: Tally
    to_date: Tally
    months: dict[int, Tally]

    @classmethod
    def of(cls, ledger: Ledger, period: Period, places: PlacesOf, on: dt.date) -> _Came:
        found = cls(Tally(), Tally(), {month: Tally() for month in period.months})
        current = months.month_of(on)
        for month in period.months:
            here, (since, until) = places(month), period.part_of(month)
            is_whole = period.holds_whole(month)
            rows = ledger.whole(here, month) if is_whole else ledger.part(here, since, until)
            passed = rows if month < current else []
            if month == current:
                passed = ledger.part(here, since, min(until, on + dt.timedelta(days=1)))
            _add(rows, found.total, found.months[month])
            _add(passed, found.to_date)
        return found


def _add(rows: Iterable[Row], *tallies: Tally) -> None:
    for row in rows:
        for tally in tallies:
            tally.add(row)


def _minor(tally: Tally, measure: int) -> int:
    return sum(minor for (one, _currency), minor in tally.money.items() if one == measure)


def _unpriced(tally: Tally, measure: int) -> Unpriced:
    held: Mapping[str, tuple[int, Any]] = tally.unpriced.get(measure, {})
    amounts = {code: exact(native, exponents()[code]) for code, (_, native) in sorted(held.items())}
    return Unpriced(sum(facts for facts, _ in held.values()), amounts)
