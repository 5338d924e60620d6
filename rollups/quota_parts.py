"""Over-assignment: what the nodes below were given together, beside the quota of the node above them.

Along the region tree, and along the line of managers. Quotas that overlap are never added up: of each node below those count
that share no day, the longest first; a node without any is looked through to the nodes below it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from django.conf import settings
from django.db import connection

from accounts.access import scope_of, tree_for
from core.snapshots import one_snapshot
from money.conversion import to_minor
from money.models import SPOT
from money.queries import exponents
from regions.queries import region_names
from revenue.models import Quota, QuotaScope
from revenue.quota_queries import Bearer, QuotaKey, bearers, key_of
from revenue.quota_queries import quotas as known_quotas
from revenue.quotas import Period, apart, over_assignment
from rollups.quota_figures import period_of, target_minor
from teams.models import Member
from users.models import User

OF_A_LINE = (QuotaScope.REGION, QuotaScope.MEMBER)
"""Scopes whose nodes stand below each other."""


@dataclass(frozen=True)
class PartQuota:
    """What one node below was given. `minor` in the currency of the quota above, None where a rate is missing; `is_whole`:
    its quotas fill the period."""

    bearer: Bearer
    minor: int | None
    is_whole: bool


@dataclass(frozen=True)
class Assignment:
    """A quota (`target`, minor units) and what was given below. `without`: nodes below which nobody has any; `rate_on`: the
    day of the rates that other currencies were converted at."""

    target: int
    parts: tuple[PartQuota, ...]
    without: tuple[Bearer, ...]
    rate_on: dt.date

    @property
    def given(self) -> int:
        return sum(part.minor for part in self.parts if part.minor is not None)

    @property
    def unpriced(self) -> int:
        return sum(part.minor is None for part in self.parts)

    @property
    def ratio(self) -> Fraction | None:
        """Given below ÷ the quota; None where nothing is, or a part of it has no rate."""
        return None if self.unpriced else over_assignment(self.target, [part.minor or 0 for part in self.parts])


def assignments(
    *, viewer: User, quotas: Sequence[Quota], on: dt.date | None = None, instead: Sequence[Quota] | None = None
) -> dict[QuotaKey, Assignment]:
    """By `key_of`, of each quota that has nodes below it. `instead`: the quotas there would be, where a plan is weighed."""
    above = [quota for quota in quotas if quota.scope in OF_A_LINE]
    if not above:
        return {}
    with one_snapshot():
        day = on or scope_of(viewer).on
        pool = list(instead) if instead is not None else _pool(viewer, above)
        lines = {scope: _line(viewer, QuotaScope(scope)) for scope in {quota.scope for quota in above}}
        found: dict[QuotaKey, tuple[Quota, _Held, list[str], list[str]]] = {}
        for quota in above:
            period = period_of(quota)
            below = lines[quota.scope](min(max(day, period.start), period.end - dt.timedelta(days=1)))
            held = _Held.of(pool, quota, period, min(period.start, day))
            if below(quota.scope_code):
                found[key_of(quota)] = quota, held, *_walked(below, quota.scope_code, held)
        codes = {(q.scope, code) for q, _, given, without in found.values() for code in (*given, *without)}
        named = bearers(of=codes)
        prices = _prices(held.pairs for _, held, _, _ in found.values())
        return {
            key: _assignment(quota, held, given, without, named, prices)
            for key, (quota, held, given, without) in found.items()
        }


def _pool(viewer: User, above: Sequence[Quota]) -> list[Quota]:
    rows = known_quotas(viewer=viewer).filter(
        scope__in={quota.scope for quota in above},
        measure__in={quota.measure for quota in above},
        period_start__lt=max(quota.period_end for quota in above),
        period_end__gt=min(quota.period_start for quota in above),
    )
    return list(rows)


Below = Callable[[str], Sequence[str]]
"""Which codes stand directly below one."""
BelowOn = Callable[[dt.date], Below]


def _line(viewer: User, scope: QuotaScope) -> BelowOn:
    return _regions(viewer) if scope == QuotaScope.REGION else _managers()


def _regions(viewer: User) -> BelowOn:
    names, tree = region_names(), tree_for(viewer)
    ids = {code: pk for pk, (code, _name) in names.items()}

    def on(day: dt.date) -> Below:
        children = tree.on(day).children
        return lambda code: sorted(names[pk][0] for pk in children.get(ids.get(code, 0), ()) if pk in names)

    return on


def _managers() -> BelowOn:
    """The line of managers as it is now: it has no dates."""
    rows = list(Member.objects.exclude(manager=None).values_list("manager__email", "email").order_by("email"))
    below: dict[str, list[str]] = defaultdict(list)
    for manager, email in rows:
        below[manager].append(email)
    return lambda _day: lambda code: below.get(code, ())


@dataclass(frozen=True)
class _Held:
    """The quotas of one measure by code, of which those inside one period may count."""

    period: Period
    goal: str
    rate_on: dt.date
    by_code: Mapping[str, Mapping[Period, Quota]]
    counted: dict[str, list[Quota]] = field(default_factory=dict)

    @classmethod
    def of(cls, pool: Iterable[Quota], above: Quota, period: Period, rate_on: dt.date) -> _Held:
        by_code: dict[str, dict[Period, Quota]] = defaultdict(dict)
        for quota in pool:
            if (quota.scope, quota.measure) == (above.scope, above.measure):
                by_code[quota.scope_code][period_of(quota)] = quota
        return cls(period, str(above.currency_id), rate_on, by_code)

    def counts(self, code: str) -> list[Quota]:
        if code not in self.counted:
            held = self.by_code.get(code, {})
            self.counted[code] = [held[period] for period in apart(held, self.period)]
        return self.counted[code]

    @property
    def pairs(self) -> set[tuple[str, str, dt.date]]:
        currencies = {str(quota.currency_id) for rows in self.counted.values() for quota in rows}
        return {(currency, self.goal, self.rate_on) for currency in currencies if currency != self.goal}


def _walked(below: Below, code: str, held: _Held) -> tuple[list[str], list[str]]:
    """The nearest nodes below that were given something, and those below which nobody was."""
    given: list[str] = []
    without: list[str] = []
    for child in below(code):
        found = list(_nearest(below, child, held, frozenset([code])))
        given += found
        without += [] if found else [child]
    return given, without


def _nearest(below: Below, code: str, held: _Held, above: frozenset[str]) -> Iterator[str]:
    if held.counts(code):
        yield code
    elif code not in above:
        for child in below(code):
            yield from _nearest(below, child, held, above | {code})


Prices = Mapping[tuple[str, str, dt.date], Fraction]


def _prices(asked: Iterable[set[tuple[str, str, dt.date]]]) -> dict[tuple[str, str, dt.date], Fraction]:
    """Units of the goal for one of the source, as reported on the day; absent where no rate is in reach."""
    pairs = sorted(set().union(*asked))
    if not pairs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.source, p.goal, p.day, q.numerator, q.denominator
                 FROM unnest(%(sources)s::text[], %(goals)s::text[], %(days)s::date[]) p (source, goal, day)
                CROSS JOIN LATERAL money_quote(%(rates)s, p.source, p.goal, p.day, %(max_age)s) q
                WHERE q.numerator IS NOT NULL""",
            {
                "sources": [pair[0] for pair in pairs],
                "goals": [pair[1] for pair in pairs],
                "days": [pair[2] for pair in pairs],
                "rates": SPOT,
                "max_age": settings.GAM_RATE_MAX_AGE_DAYS,
            },
        )
        return {(source, goal, day): Fraction(n) / Fraction(d) for source, goal, day, n, d in cursor.fetchall()}


def _assignment(
    quota: Quota,
    held: _Held,
    given: Sequence[str],
    without: Sequence[str],
    named: Mapping[tuple[str, str], Bearer],
    prices: Prices,
) -> Assignment:
    parts = [
        PartQuota(
            named[quota.scope, code],
            _sum(held.counts(code), held, prices),
            sum(period_of(one).length for one in held.counts(code)) == held.period.length,
        )
        for code in given
        if (quota.scope, code) in named
    ]
    gone = [named[quota.scope, code] for code in without if (quota.scope, code) in named]
    return Assignment(target_minor(quota), tuple(parts), tuple(gone), held.rate_on)


def _sum(quotas: Sequence[Quota], held: _Held, prices: Prices) -> int | None:
    """Each quota is converted once, to the minor unit; None where a rate is missing."""
    found = 0
    for quota in quotas:
        currency = str(quota.currency_id)
        rate = Fraction(1) if currency == held.goal else prices.get((currency, held.goal, held.rate_on))
        if rate is None:
            return None
        found += to_minor(quota.amount, rate, exponents()[held.goal])
    return found
