"""Quotas of a node and of what stands directly below it, as a grid of periods; and what another grid would do, before it is
saved: what is given below, beside the quota, before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from accounts.access import scope_of, tree_for
from accounts.models import Account
from core import months
from core.snapshots import one_snapshot
from regions.queries import region_names
from revenue.models import Product, Quota, QuotaScope
from revenue.quota_queries import Bearer, QuotaKey, bearers, key_of
from revenue.quota_queries import quotas as known_quotas
from revenue.quota_services import Given, Place, settable
from revenue.quotas import Period
from rollups.quota_figures import period_of, target_minor
from rollups.quota_parts import Assignment, assignments
from teams.models import Member
from teams.querysets import MemberQuerySet
from users.models import User
from workspace import periods

LENGTHS = {"year": 12, "quarter": 3, "month": 1}
MOST_ROWS = 100


@dataclass(frozen=True)
class Asked:
    """Which grid: below the node `of` (empty: the topmost) of a scope, for a fiscal year by its last calendar year."""

    scope: str
    of: str
    measure: str
    year: int
    by: str


@dataclass(frozen=True)
class GridRow:
    """A node with what it has. `is_above`: the node whose parts the others are. `others`: quotas of other periods."""

    bearer: Bearer
    is_above: bool
    may_set: bool
    cells: Mapping[Period, Quota]
    others: int

    @property
    def currency(self) -> str:
        """That of its quotas, where they have one."""
        return next((str(quota.currency_id) for quota in self.cells.values()), "")


@dataclass(frozen=True)
class Grid:
    asked: Asked
    columns: list[Period]
    rows: list[GridRow]
    is_cut: bool

    @property
    def places(self) -> dict[Place, Quota]:
        """What stands in the cells that may be set."""
        return {
            (row.bearer.code, period.start, period.end): quota
            for row in self.rows
            if row.may_set
            for period, quota in row.cells.items()
        }


def columns_of(year: int, by: str, start_month: int) -> list[Period]:
    """The periods of the fiscal year that ends in `year`, or with a start in January is it."""
    last = months.month_of(dt.date(year, 12, 1)) - (0 if start_month == 1 else 13 - start_month)
    length = LENGTHS[by]
    return [
        Period(months.first_day(first), months.first_day(first + length))
        for first in range(last - 11, last + 1, length)
    ]


def this_year(on: dt.date, start_month: int) -> int:
    """The fiscal year that holds a day, by the calendar year in which it ends."""
    return months.last_day(periods.fiscal_year(on, start_month).last).year


def grid(*, viewer: User, asked: Asked, start_month: int) -> Grid:
    """The rows that `viewer` may know, each with whether she may set it."""
    with one_snapshot():
        codes, is_cut = _codes(viewer, asked)
        columns = columns_of(asked.year, asked.by, start_month)
        named = bearers(of={(asked.scope, code) for code in codes})
        may = settable(by=viewer, scope=asked.scope)
        found = known_quotas(viewer=viewer, scope=asked.scope, measure=asked.measure, codes=codes).filter(
            period_start__lt=columns[-1].end, period_end__gt=columns[0].start
        )
        held: dict[str, dict[Period, Quota]] = {}
        for quota in found.select_related("currency"):
            held.setdefault(quota.scope_code, {})[period_of(quota)] = quota
        rows = [
            _row(named[asked.scope, code], code == asked.of, may(code), columns, held.get(code, {}))
            for code in codes
            if (asked.scope, code) in named
        ]
        return Grid(asked, columns, rows, is_cut)


def _row(bearer: Bearer, is_above: bool, may_set: bool, columns: list[Period], held: Mapping[Period, Quota]) -> GridRow:
    cells = {period: held[period] for period in columns if period in held}
    return GridRow(bearer, is_above, may_set, cells, len(held) - len(cells))


def _codes(viewer: User, asked: Asked) -> tuple[list[str], bool]:
    """The node and those directly below it, in order; whether there are more than are shown."""
    found = _BELOW[QuotaScope(asked.scope)](viewer, asked.of)
    codes = list(dict.fromkeys([asked.of, *found] if asked.of else found))
    return codes[:MOST_ROWS], len(codes) > MOST_ROWS


def _regions(viewer: User, of: str) -> list[str]:
    names = region_names()
    snapshot = tree_for(viewer).on(scope_of(viewer).on)
    above = {code: pk for pk, (code, _name) in names.items()}.get(of)
    below = (
        snapshot.children.get(above, []) if above is not None else [pk for pk in names if pk not in snapshot.parents]
    )
    return [names[pk][0] for pk in sorted((pk for pk in below if pk in names), key=lambda pk: names[pk][1])]


def _members(viewer: User, of: str) -> list[str]:
    rows = Member.objects.permitted_to(viewer)
    rows = rows.filter(manager__email=of) if of else rows.filter(manager=None)
    return list(_by_name(rows).values_list("email", flat=True)[: MOST_ROWS + 1])


def _by_name(rows: MemberQuerySet) -> MemberQuerySet:
    found: MemberQuerySet = rows.order_by("family_name", "given_name", "email")
    return found


def _accounts(viewer: User, _of: str) -> list[str]:
    rows = Account.objects.visible_to(viewer).order_by("name", "code")
    return list(rows.values_list("code", flat=True)[: MOST_ROWS + 1])


def _products(_viewer: User, of: str) -> list[str]:
    rows = Product.objects.filter(parent__code=of) if of else Product.objects.filter(parent=None)
    return list(rows.order_by("name", "code").values_list("code", flat=True)[: MOST_ROWS + 1])


_BELOW = {
    QuotaScope.REGION: _regions,
    QuotaScope.MEMBER: _members,
    QuotaScope.ACCOUNT: _accounts,
    QuotaScope.PRODUCT: _products,
}


def ways(*, viewer: User, asked: Asked) -> list[tuple[str, str]]:
    """Nodes that a grid can be opened below: code and name."""
    if asked.scope == QuotaScope.REGION:
        names = region_names()
        parents = set(tree_for(viewer).on(scope_of(viewer).on).children)
        return sorted((names[pk] for pk in parents if pk in names), key=lambda one: one[1])
    if asked.scope == QuotaScope.MEMBER:
        managers = Member.objects.exclude(reports=None).values("pk")
        rows = Member.objects.permitted_to(viewer).filter(pk__in=managers)
        return [(row.email, str(row)) for row in _by_name(rows)]
    if asked.scope == QuotaScope.PRODUCT:
        return list(Product.objects.exclude(children=None).order_by("name").values_list("code", "name").distinct())
    return []


@dataclass(frozen=True)
class Effect:
    """What a grid would do to one quota: it, and what is given below it, before and after; None where there is none."""

    bearer: Bearer
    period: Period
    before: Quota | None
    after: Quota | None
    given_before: Assignment | None
    given_after: Assignment | None

    @property
    def is_over(self) -> bool:
        """Whether more than the quota would be given below."""
        ratio = self.ratio_after
        return ratio is not None and ratio > 1

    @property
    def ratio_before(self) -> Fraction | None:
        return self.given_before.ratio if self.given_before else None

    @property
    def ratio_after(self) -> Fraction | None:
        return self.given_after.ratio if self.given_after else None


def effects(*, viewer: User, shown: Grid, cells: Mapping[Place, Given | None]) -> list[Effect]:
    """Of every quota of the grid's nodes that `cells` change, or below which they change what is given. The largest
    over-assignment first."""
    asked = shown.asked
    codes = [row.bearer.code for row in shown.rows]
    named = {row.bearer.code: row.bearer for row in shown.rows}
    with one_snapshot():
        stored = list(known_quotas(viewer=viewer, scope=asked.scope, measure=asked.measure))
        planned = _edited(stored, cells, asked)
        before, after = _held(stored, codes), _held(planned, codes)
        given = {
            "before": assignments(viewer=viewer, quotas=list(before.values()), instead=stored),
            "after": assignments(viewer=viewer, quotas=list(after.values()), instead=planned),
        }
    found = []
    for key in {**before, **after}:
        one = Effect(
            named[key[1]], Period(key[3], key[4]), before.get(key), after.get(key),
            given["before"].get(key), given["after"].get(key),
        )  # fmt: skip
        if _says_something(one):
            found.append(one)
    return sorted(found, key=lambda e: (-(e.ratio_after or 0), e.bearer.name, e.period.start, -e.period.length))


def _held(quotas: Iterable[Quota], codes: Sequence[str]) -> dict[QuotaKey, Quota]:
    wanted = set(codes)
    return {key_of(quota): quota for quota in quotas if quota.scope_code in wanted}


def _edited(stored: Sequence[Quota], cells: Mapping[Place, Given | None], asked: Asked) -> list[Quota]:
    kept = [quota for quota in stored if (quota.scope_code, quota.period_start, quota.period_end) not in cells]
    new = [
        Quota(
            scope=asked.scope, scope_code=code, measure=asked.measure, period_start=start, period_end=end,
            amount=given[0], currency_id=given[1],
        )
        for (code, start, end), given in cells.items()
        if given is not None
    ]  # fmt: skip
    return kept + new


def _says_something(one: Effect) -> bool:
    return _said(one.before, one.given_before) != _said(one.after, one.given_after)


def _said(quota: Quota | None, given: Assignment | None) -> tuple[object, ...]:
    amount: object = (target_minor(quota), quota.currency_id) if quota else None
    return amount, (given.given, given.unpriced) if given else None


def changes(shown: Grid, cells: Mapping[Place, tuple[Decimal, str] | None]) -> int:
    """How many cells are not what stands."""
    stood = {place: (quota.amount, str(quota.currency_id)) for place, quota in shown.places.items()}
    return sum(stood.get(place) != given for place, given in cells.items())
