"""Adding cells up along a path. Pure arithmetic over integers and exact decimals: no ORM, no clock."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

from core import months
from money.conversion import from_minor
from rollups.figures import Measures, Money, MonthRow, Unpriced
from rollups.lens import Lens
from rollups.measures import MONEY_KEYS

Key = Hashable
_EXACT = Context(prec=200)  # sums of native amounts never round


@dataclass(frozen=True, slots=True)
class Row:
    """A group of cells at one place (a country, or a unit's id). `currency` is empty unless the lens is native, or the row
    is about unpriced facts."""

    place: Hashable
    month: int
    measure: int
    currency: str
    minor: Decimal
    unpriced_facts: int
    unpriced_native: Decimal
    oldest_rate: dt.date | None
    newest_priced: dt.date | None
    run: int


@dataclass(frozen=True, slots=True)
class Deals:
    """So many deals that lie at all of `places`. At a node that touches one of `already`, another row counts them."""

    month: int
    outcome: str
    places: tuple[Hashable, ...]
    deals: int
    already: tuple[Hashable, ...] = ()


@dataclass
class Tally:
    """Sums of one node, or of one of its months or children."""

    money: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    unpriced: dict[int, dict[str, tuple[int, Decimal]]] = field(default_factory=lambda: defaultdict(dict))
    deals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    oldest_rate: dt.date | None = None
    newest_priced: dt.date | None = None
    run: int = 0

    def add(self, row: Row) -> None:
        if not row.unpriced_facts:
            self.money[row.measure, row.currency] += int(row.minor)
        if row.unpriced_facts:
            facts, native = self.unpriced[row.measure].get(row.currency, (0, Decimal(0)))
            self.unpriced[row.measure][row.currency] = (
                facts + row.unpriced_facts,
                _EXACT.add(native, row.unpriced_native),
            )
        if row.oldest_rate and (self.oldest_rate is None or row.oldest_rate < self.oldest_rate):
            self.oldest_rate = row.oldest_rate
        if row.newest_priced and (self.newest_priced is None or row.newest_priced > self.newest_priced):
            self.newest_priced = row.newest_priced
        self.run = max(self.run, row.run)


@dataclass
class Node:
    """A node's tallies: the total, by month, and by child. `children` are keyed by what `place_of` said."""

    total: Tally = field(default_factory=Tally)
    months: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    children: dict[Key, Tally] = field(default_factory=lambda: defaultdict(Tally))


def climb(rows: Iterable[Row], deals: Iterable[Deals], place_of: Callable[[Hashable, int], Key | None]) -> Node:
    """Add up what lies under a node. `place_of(place, month)` names the node's child that holds the place in that month,
    or None when the place lies outside the node."""
    node = Node()
    for row in rows:
        key = place_of(row.place, row.month)
        if key is not None:
            for tally in (node.total, node.months[row.month], node.children[key]):
                tally.add(row)
    for group in deals:
        counted = {place_of(place, group.month) for place in group.already} - {None}
        keys = {place_of(place, group.month) for place in group.places} - {None}
        if keys and not counted:
            node.total.deals[group.outcome] += group.deals
            node.months[group.month].deals[group.outcome] += group.deals
        for key in keys - counted:
            node.children[key].deals[group.outcome] += group.deals
    return node


@dataclass(frozen=True)
class Shape:
    """How a lens shows tallies: which measures, and how many decimals each currency has. Members have no revenue."""

    lens: Lens
    exponents: Mapping[str, int]
    has_revenue: bool = True

    def measures(self, tally: Tally) -> Measures:
        money = {name: self._money(tally, measure) for measure, name in self.lens.keys.items()}
        return Measures(
            revenue=money.get("revenue") if self.has_revenue else None,
            **{name: money[name] for name in MONEY_KEYS if name != "revenue"},
            opportunities_open=tally.deals.get("open", 0),
            opportunities_won=tally.deals.get("won", 0),
            opportunities_lost=tally.deals.get("lost", 0),
        )

    def unpriced(self, tally: Tally) -> dict[str, Unpriced]:
        """By measure; empty under the native lens, where nothing needs a price."""
        if self.lens.is_native:
            return {}
        names = {name: measure for measure, name in self.lens.keys.items()}
        return {name: self._unpriced_of(tally.unpriced.get(names.get(name, 0), {})) for name in MONEY_KEYS}

    def months(self, node: Node) -> tuple[MonthRow, ...]:
        """Every month of the range, whether or not it has facts."""
        nothing = Tally()
        return tuple(MonthRow(months.label(m), self.measures(node.months.get(m, nothing))) for m in self.lens.months)

    def _money(self, tally: Tally, measure: int) -> Money:
        if not self.lens.is_native:
            total = sum(minor for (m, _), minor in tally.money.items() if m == measure)
            return from_minor(total, self.exponents[self.lens.currency])
        return {
            currency: from_minor(minor, self.exponents[currency])
            for (m, currency), minor in sorted(tally.money.items())
            if m == measure
        }

    def _unpriced_of(self, by_currency: Mapping[str, tuple[int, Decimal]]) -> Unpriced:
        amounts = {code: exact(native, self.exponents[code]) for code, (_, native) in sorted(by_currency.items())}
        return Unpriced(sum(facts for facts, _ in by_currency.values()), amounts)


def exact(amount: Decimal, exponent: int) -> Decimal:
    """`amount` unrounded, with no fewer decimals than its currency has and no needless zeros beyond them."""
    if not amount:
        return from_minor(0, exponent)
    sign, digits, power = amount.as_tuple()
    assert isinstance(power, int)
    while power < -exponent and digits[-1] == 0:
        digits, power = digits[:-1], power + 1
    if power > -exponent:
        digits, power = digits + (0,) * (power + exponent), -exponent
    return Decimal((sign, digits, power))
