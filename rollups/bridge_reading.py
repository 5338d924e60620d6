"""What a bridge adds up: revenue of its two periods, as reported and at steady rates, by place and month.

Four reads of cells whatever the node, and one more for a period in which a currency has no mean. The figures of twelve
months' distance are stored; those of another distance are computed from the facts by the same formulas (`rollups.source`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from money.models import CONSTANT, MONTH_AVERAGE, SPOT
from rollups.lens import Lens
from rollups.measures import REVENUE_KINDS
from rollups.reading import country_cells, grouped_rows, rows_by_country, rows_of_accounts
from rollups.sight import Sight
from rollups.source import Source, source_of
from rollups.tally import Row

#: `constant` rates are the means of so many months before.
YEAR = 12


@dataclass(frozen=True)
class RevenueLens(Lens):
    """A lens of one kind of revenue and nothing else: no deal is read for a bridge."""

    @property
    def keys(self) -> dict[int, str]:
        return {int(REVENUE_KINDS[self.revenue_kind]): "revenue"}

    @classmethod
    def of(cls, lens: Lens) -> RevenueLens:
        return cls(**{one.name: getattr(lens, one.name) for one in fields(lens)})


@dataclass(frozen=True)
class Book:
    """Where the reads of one bridge are made, and how a source's cells are named there."""

    rows: Callable[[Source], list[Row]]
    cells: Callable[[Source], str]
    place: str
    sight: Sight
    accounts: Sequence[int] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def book_of_countries(sight: Sight) -> Book:
    """All facts in sight, by country."""
    return Book(
        rows=lambda source: rows_by_country(source, sight),
        cells=lambda source: country_cells(source, sight),
        place="country",
        sight=sight,
        accounts=sight.whole_account_ids,
    )


def book_of_country(sight: Sight, country: str) -> Book:
    """A country's facts in sight, by account."""

    def cells(source: Source) -> str:
        return f"(SELECT * FROM {source.cells('account')} c WHERE c.country = %(country)s AND {sight.of_account('c')})"

    more = {"country": country}
    return Book(
        rows=lambda s: [row for _, row in grouped_rows(s, sight, cells(s), ("account_id",), (), more)],
        cells=cells,
        place="account_id",
        sight=sight,
        more=more,
    )


def book_of_account(sight: Sight, account_id: int) -> Book:
    """An account's facts in sight, by unit."""
    return Book(
        rows=lambda source: rows_of_accounts(source, sight, [account_id])[account_id],
        cells=lambda s: f"(SELECT * FROM {s.cells('unit', of_accounts=True)} u WHERE {sight.of_account('u')})",
        place="org_unit_id",
        sight=sight,
        accounts=[account_id],
    )


@dataclass(frozen=True)
class PeriodRows:
    """One period's revenue: as reported, at steady rates, and as reported what has no steady rate."""

    spot: list[Row]
    steady: list[Row]
    unmatched: list[Row]


def read_periods(book: Book, lens: Lens, k: int) -> tuple[PeriodRows, PeriodRows]:
    """The rows of the months of `lens` moved back by `k`, and of those months themselves. Revenue knows no as-of date: that
    of `lens` should be the cells' own, so that they are read.

    Both are priced at the means of the earlier months: a later month's at the mean of the month `k` before it, an earlier
    one's at its own.
    """
    later_rates = CONSTANT if k == YEAR else f"{MONTH_AVERAGE}:{k}"
    return _read(book, lens.over(lens.first - k, lens.last - k), MONTH_AVERAGE), _read(book, lens, later_rates)


def _read(book: Book, lens: Lens, steady_rates: str) -> PeriodRows:
    reported = source_of(RevenueLens.of(replace(lens, rates=SPOT)))
    steady = book.rows(source_of(RevenueLens.of(replace(lens, rates=steady_rates))))
    return PeriodRows(book.rows(reported), steady, _unmatched(book, reported, steady))


def _unmatched(book: Book, reported: Source, steady: Sequence[Row]) -> list[Row]:
    """A mean is a month's: it prices all facts of a currency and month, or none of them. So what has no mean is whole cells
    of the reported figures, and no fact is read."""
    pairs = sorted({(row.month, row.currency) for row in steady if row.unpriced_facts})
    if not pairs:
        return []
    statement = f"""
SELECT x.{book.place}, x.month, x.measure, sum(x.minor) FROM {book.cells(reported)} x
  JOIN unnest(%(pair_months)s::int[], %(pair_currencies)s::text[]) p (month, currency) USING (month, currency)
 GROUP BY 1, 2, 3"""
    given: dict[str, Any] = {**reported.given(), **book.sight.given(), **book.more, "accounts": list(book.accounts)}
    given |= {"pair_months": [month for month, _ in pairs], "pair_currencies": [currency for _, currency in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [
            Row(place, month, measure, "", minor, 0, Decimal(0), None, None, 0)
            for place, month, measure, minor in cursor.fetchall()
        ]
