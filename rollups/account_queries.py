"""Figures beside names: what the accounts list and the structure chart read of the cells, each in one statement.

All are stated in the first reporting currency, as reported (spot), of what the viewer may see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import DecimalField, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.access import may_see_fact, scope_of
from accounts.querysets import AccountQuerySet
from core import months
from money.models import SPOT
from money.queries import exponents, reporting_currencies
from rollups.measures import Measure
from rollups.models import AccountCell, AccountCountryYear, AccountYear, Cell, PriceLens
from rollups.standing import standing
from rollups.years import whole_years
from users.models import User

#: Countries by the months, first and last, in which they are asked about.
Runs = Mapping[tuple[int, int], Collection[str]]


def last_year(month: int) -> tuple[int, int]:
    """The twelve whole months before the month numbered `month`, first and last."""
    return month - 12, month - 1


def with_account_figures(accounts: AccountQuerySet, viewer: User) -> AccountQuerySet:
    """Adds `revenue_sums` (12 whole months) and `open_sums`: minor units and how many facts have no price; null without facts."""
    first, last = last_year(months.month_of(scope_of(viewer).on))
    revenue = _cells(viewer, Measure.RECOGNISED).filter(month__range=(first, last))
    pipeline = _cells(viewer, Measure.OPEN)
    return accounts.annotate(revenue_sums=_sums(revenue), open_sums=_sums(pipeline))


def _cells(viewer: User, measure: Measure) -> QuerySet[AccountCell]:
    cells = AccountCell.objects.filter(measure=measure, account_id=OuterRef("pk"))
    return cells.filter(may_see_fact(viewer))


def rows_of_accounts(*, first: int, last: int, runs: Runs | None = None) -> list[QuerySet[Any]]:
    """What the months `first` to `last` hold of all accounts, whoever reads, in as few rows as there are: those of whole fiscal
    years where they are kept up to now, and cells. No fact is in two of them. `runs`: of countries in some months only.
    """
    now = standing()
    start = now.fiscal_start_now if now.is_sound and now.are_years_kept else None
    by_year: list[Q] = []
    by_month: list[Q] = []
    anywhere = {(first, last): Q()}
    wanted = anywhere if runs is None else {months: Q(country__in=countries) for months, countries in runs.items()}
    for (begun, over), where in wanted.items():
        whole, rest = whole_years(begun, over, start) if start else (range(0), [(begun, over)])
        by_year += [where & Q(year__in=whole)] if whole else []
        by_month += [where & Q(month__range=run) for run in rest]
    years: QuerySet[Any] = AccountYear.objects.all() if runs is None else AccountCountryYear.objects.all()
    held = ((years, by_year), (AccountCell.objects.all(), by_month))
    return [rows.filter(reduce(or_, asked)) for rows, asked in held if asked]


def at_lens(column: str, currency: str, rates: str = SPOT) -> Func:
    """The element of a cell's array `column` that belongs to a lens (an empty currency: native); null when there is none."""
    lens = PriceLens.objects.filter(currency=currency, rates=rates if currency else "native", is_ready=True)
    return Func(
        F(column),
        Subquery(lens.values("slot")),
        template="(%(expressions)s]",
        arg_joiner=")[",
        output_field=IntegerField() if column.endswith("facts") else DecimalField(max_digits=60, decimal_places=8),
    )


def _sums(cells: QuerySet[AccountCell]) -> Subquery:
    """Both sums of an account's cells, which are looked up once."""
    currency = reporting_currencies()[0]
    both = Func(
        Sum(at_lens("minor", currency)),
        Sum(at_lens("unpriced_facts", currency)),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(DecimalField(max_digits=60, decimal_places=8)),
    )
    return Subquery(cells.order_by().values("account_id").annotate(sums=both).values("sums"))


@dataclass(frozen=True)
class UnitAmount:
    """A unit's own facts: `amount` is None when there is none with a price."""

    amount: Decimal | None
    unpriced: int


def unit_revenue(*, viewer: User, account_id: int, before: int) -> dict[int, UnitAmount]:
    """Revenue recognised in the twelve whole months before the month `before`, by unit id (0: none)."""
    cells = Cell.objects.filter(account_id=account_id, measure=Measure.RECOGNISED, month__range=last_year(before))
    return _by_unit(cells, viewer)


def unit_pipeline(*, viewer: User, account_id: int) -> dict[int, UnitAmount]:
    """Open pipeline, whenever it is to close, by unit id (0: none)."""
    return _by_unit(Cell.objects.filter(account_id=account_id, measure=Measure.OPEN), viewer)


def _by_unit(cells: QuerySet[Cell], viewer: User) -> dict[int, UnitAmount]:
    cells = cells.filter(may_see_fact(viewer))
    currency = reporting_currencies()[0]
    exponent = exponents()[currency]
    rows = (
        cells.order_by()
        .values_list("org_unit_id")
        .annotate(
            total=Sum(at_lens("minor", currency)),
            counted=Sum("facts"),
            without=Sum(at_lens("unpriced_facts", currency)),
        )
    )
    return {
        unit: UnitAmount(Decimal(minor or 0).scaleb(-exponent) if facts > (unpriced or 0) else None, unpriced or 0)
        for unit, minor, facts, unpriced in rows
    }
