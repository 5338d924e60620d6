"""What a region's, a country's and the world's page show, put together from figures. Pure: no ORM, no clock.

A figure is a Decimal in the currency of the lens, or under `currency=native` a mapping of currency to Decimal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.charts import Chart, MapCountry
from rollups.figures import Child, Measures, Unpriced
from workspace.lenses import PageLens

Amount = Decimal | dict[str, Decimal]


@dataclass(frozen=True)
class Comparison:
    """Revenue of the part of the period that has passed, and of the same part of the year before, both in full.

    Both are None where there is nothing to compare: nothing has passed yet, or each currency stands for itself.
    """

    now: Decimal | None = None
    before: Decimal | None = None
    first_before: dt.date | None = None
    last_before: dt.date | None = None


@dataclass(frozen=True)
class PartRow:
    """A part of the whole: a sub-region, a country, a customer, or what counted under it last year and does no longer.

    `amounts` by the names of measures; None for a part that only the year before had. `share` is of the whole's revenue;
    None where the whole is not above zero, because a share of it would mean nothing. `proof` names it as a part of the
    whole, as the address of a proof does.
    """

    kind: str
    code: str
    name: str
    url: str
    amounts: Mapping[str, Amount] | None
    compared: Comparison
    share: Decimal | None = None
    unpriced: int = 0
    proof: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Addition:
    """The proof that the parts make the whole: shown parts, the sum of the others, and whether all add up to the cent."""

    whole: Amount
    parts: Sequence[tuple[str, Amount]]
    others: Amount | None
    others_count: int
    agrees: bool


@dataclass(frozen=True)
class Whole:
    """The figure of a page's node, with where it stands in time. `children` are its parts as the roll-ups know them."""

    measures: Measures
    unpriced: Mapping[str, Unpriced]
    children: Sequence[Child]
    computed_at: dt.datetime | None
    run: int | None
    is_fresh: bool
    oldest_rate: dt.date | None
    is_provisional: bool
    is_restricted: bool

    def of(self, measure: str) -> Amount:
        """The node's amount of a measure that its book has."""
        found: Amount = getattr(self.measures, measure)
        return found


@dataclass(frozen=True)
class Customers:
    """The largest customers of a node, and how many have a figure there. `code` is the region's, also for a `country` of it;
    empty: the world."""

    lens: PageLens
    code: str
    country: str
    rows: Sequence[PartRow]
    count: int


@dataclass(frozen=True)
class Glance:
    """What a region's, a country's or the world's page says first under one lens: the figures of its node. `code` is the
    region's, also on the page of a `country` of it."""

    kind: str
    code: str
    country: str
    name: str
    trail: Sequence[tuple[str, str]]
    lens: PageLens
    whole: Whole

    @property
    def measures(self) -> Measures:
        return self.whole.measures

    @property
    def unpriced(self) -> list[tuple[str, Unpriced]]:
        """What has no price, by measure, where there is any."""
        return [(name, found) for name, found in self.whole.unpriced.items() if found.facts]


@dataclass(frozen=True)
class Dashboard(Glance):
    """Everything that the page shows.

    `customers` are the parts of a country; to rank those of a region or of the world takes longer than all else, so they come
    after the page. `has_revenue` says whether a fact of revenue lies here.
    """

    compared: Comparison
    rows: Sequence[PartRow]
    addition: Addition
    trend: Chart | None
    countries: Sequence[MapCountry]
    customers: Customers | None
    has_revenue: bool

    @property
    def is_empty(self) -> bool:
        """Whether no fact at all stands behind the page."""
        m = self.measures
        deals = m.opportunities_open + m.opportunities_won + m.opportunities_lost
        return not deals and not self.has_revenue and not self.unpriced


def unpriced_facts(unpriced: Mapping[str, Unpriced]) -> int:
    """How many entries and lines have no price; the weighted pipeline repeats the open lines."""
    return sum(found.facts for name, found in unpriced.items() if name != "pipeline_weighted")


def share_of(part: Amount, whole: Amount) -> Decimal | None:
    """`part` in `whole` as a ratio; None without one currency or a whole above zero."""
    if isinstance(part, dict) or isinstance(whole, dict) or whole <= 0:
        return None
    return part / whole


def total_of(amounts: Sequence[Amount]) -> Amount:
    """The sum: of one currency, or currency by currency."""
    if not any(isinstance(amount, dict) for amount in amounts):
        return sum((a for a in amounts if isinstance(a, Decimal)), Decimal(0))
    sums: dict[str, Decimal] = {}
    for amount in amounts:
        for code, value in (amount if isinstance(amount, dict) else {}).items():
            sums[code] = sums.get(code, Decimal(0)) + value
    return sums


def size_of(amount: Amount) -> Decimal:
    """What to sort by: the amount, or under native currencies the largest single one."""
    return max(amount.values(), default=Decimal(0)) if isinstance(amount, dict) else amount


def addition(whole: Amount, parts: Sequence[tuple[str, Amount]], *, shown: int = 4) -> Addition:
    """The largest parts by name, the rest as one, and whether everything adds up to `whole`."""
    ordered = sorted(parts, key=lambda part: size_of(part[1]), reverse=True)
    named = ordered if len(ordered) <= shown + 1 else ordered[:shown]
    rest = [amount for _, amount in ordered[len(named) :]]
    total = total_of([amount for _, amount in parts])
    return Addition(whole, named, total_of(rest) if rest else None, len(rest), _same(total, whole))


def _same(one: Amount, other: Amount) -> bool:
    if isinstance(one, dict) or isinstance(other, dict):
        left, right = (_without_zeros(a) for a in (one, other))
        return left == right
    return one == other


def _without_zeros(amount: Amount) -> dict[str, Decimal]:
    return {c: v for c, v in amount.items() if v} if isinstance(amount, dict) else {}
