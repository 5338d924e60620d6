"""The customers whose money makes up a node, largest first, with their figures there."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.db.models import Q

from accounts.access import tree_for
from accounts.models import Account
from money.queries import exponents
from rollups.measures import Measure, keys_by_measure
from users.models import User
from workspace import places, sums
from workspace.dashboard import Amount, Comparison, PartRow, share_of, total_of
from workspace.ground import Ground
from workspace.lenses import PageLens
from workspace.periods import YEAR
from workspace.ranking import largest
from workspace.sums import Book, Key, MonthSum


def book_of(viewer: User, lens: PageLens) -> Book:
    """What a page's lens says of its sums."""
    currency = "" if lens.is_native else lens.currency
    return Book(viewer, currency, lens.revenue_kind, lens.rates, lens.is_overlay)


def _measures(lens: PageLens) -> dict[int, str]:
    """The measures of the lens's book: members have shares of deals, none of revenue."""
    named = keys_by_measure(lens.revenue_kind)
    return {measure: name for measure, name in named.items() if name != "revenue"} if lens.is_overlay else named


def rows(
    *, book: Book, ranking: Book, lens: PageLens, ground: Ground, limit: int | None, whole: Amount
) -> tuple[list[PartRow], int]:
    """The largest customers inside `ground` and how many there are, ranked in the currency of `ranking`."""
    here, measures = sums.inside(ground, lens.period), _measures(lens)
    ids, count = largest(ranking, ground, lens.period, measures, limit)
    amounts = _amounts(book, here, ids, measures, is_native=lens.is_native)
    compared = _compared(book, lens, ground, ids)
    names = {
        pk: (code, name) for pk, code, name in Account.objects.filter(id__in=ids).values_list("id", "code", "name")
    }
    return [_row(pk, names[pk], amounts[pk], compared.get(pk, Comparison()), lens, whole) for pk in ids], count


def rows_of(*, viewer: User, names: dict[int, tuple[str, str]], lens: PageLens) -> dict[int, PartRow]:
    """The figures of given accounts wherever their facts lie, by id and in the order of `names`."""
    book = book_of(viewer, lens)
    ground = Ground(tree_for(viewer), None, None)
    ids = list(names)
    measures = _measures(lens)
    amounts = _amounts(book, sums.inside(ground, lens.period), ids, measures, is_native=lens.is_native)
    compared = _compared(book, lens, ground, ids)
    whole = total_of([amounts[pk].amounts[lens.headline] for pk in ids])
    return {pk: _row(pk, names[pk], amounts[pk], compared.get(pk, Comparison()), lens, whole) for pk in ids}


def _row(
    pk: int, named: tuple[str, str], found: _Found, compared: Comparison, lens: PageLens, whole: Amount
) -> PartRow:
    code, name = named
    return PartRow(
        kind="account",
        code=code,
        name=name,
        url=f"{places.account(code)}?{lens.query}",
        amounts=found.amounts,
        compared=compared,
        share=share_of(found.amounts[lens.headline], whole),
        unpriced=found.unpriced,
    )


class _Found:
    """One customer's sums by the names of measures."""

    def __init__(self, measures: dict[int, str], *, is_native: bool) -> None:
        self.amounts: dict[str, Amount] = {name: {} if is_native else Decimal(0) for name in measures.values()}
        self.unpriced = 0


def _amounts(book: Book, here: Q, ids: list[int], measures: dict[int, str], *, is_native: bool) -> dict[int, _Found]:
    decimals = exponents()
    found: dict[int, _Found] = defaultdict(lambda: _Found(measures, is_native=is_native))
    cells = book.account_cells().filter(here, account_id__in=ids, measure__in=measures).order_by()
    by_key = cells.values_list("account_id", "measure", "currency").annotate(
        total=book.sum_of("minor"), without=book.sum_of("unpriced_facts")
    )
    for account, measure, currency, minor, unpriced in by_key:
        one, name = found[account], measures[measure]
        if measure != Measure.WEIGHTED:  # it repeats the open lines
            one.unpriced += int(unpriced)
        stated = Decimal(minor).scaleb(-decimals[book.currency or currency])
        kept = one.amounts[name]
        if isinstance(kept, dict):
            kept[currency] = kept.get(currency, Decimal(0)) + stated
        else:
            one.amounts[name] = kept + stated
    return found


def growth_of(*, viewer: User, account_id: int, lens: PageLens) -> tuple[Comparison, list[Decimal]]:
    """One account's growth on the same part of the year before, and its revenue in each month of that year in full.

    Nothing to compare and no months where each currency stands for itself.
    """
    if lens.is_native:
        return Comparison(), []
    book, ground = book_of(viewer, lens), Ground(tree_for(viewer), None, None)
    earlier = lens.period.shifted(-YEAR)
    cells = sums.revenue(book, [lens.period, earlier], accounts=[account_id])
    by_month: dict[int, int] = defaultdict(int)
    for (_account, _country, month), cell in cells.items():
        by_month[month] += cell.minor
    exponent = exponents()[lens.currency]
    compared = _comparisons(book, cells, lens, ground, [account_id]).get(account_id, Comparison())
    return compared, [Decimal(by_month[month]).scaleb(-exponent) for month in earlier.numbers]


def _compared(book: Book, lens: PageLens, ground: Ground, ids: list[int]) -> dict[int, Comparison]:
    if not book.currency or lens.elapsed.is_nothing or not ids:
        return {}
    cells = sums.revenue(book, [lens.period, lens.period.shifted(-YEAR)], accounts=ids, country=ground.country)
    return _comparisons(book, cells, lens, ground, ids)


def _comparisons(
    book: Book, cells: dict[Key, MonthSum], lens: PageLens, ground: Ground, ids: list[int]
) -> dict[int, Comparison]:
    part = lens.elapsed
    if part.is_nothing:
        return {}
    now, before = (_by_account(sums.passed(book, cells, p, ground)) for p in (part, part.year_before()))
    exponent, earlier = exponents()[book.currency], part.year_before()
    return {
        pk: Comparison(
            Decimal(now[pk]).scaleb(-exponent),
            Decimal(before[pk]).scaleb(-exponent),
            earlier.first_day,
            earlier.last_day,
        )
        for pk in ids
    }


def _by_account(amounts: dict[sums.Key, int]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for (account, _country, _month), minor in amounts.items():
        found[account] += minor
    return found
