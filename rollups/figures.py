"""What readers get: frozen rows that pages and the API show alike. Pure: no ORM, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from rollups.lens import Lens

Money = Decimal | dict[str, Decimal]
"""An amount with its currency's own number of decimals; under `currency=native` one for each currency."""


@dataclass(frozen=True)
class Measures:
    """A figure's measures. Money in the lens's currency; counts are distinct deals. A member, and the overlay book, have no
    revenue: None."""

    revenue: Money | None
    pipeline_open: Money
    pipeline_weighted: Money
    won: Money
    lost: Money
    opportunities_open: int
    opportunities_won: int
    opportunities_lost: int

    @property
    def deals(self) -> int:
        """Open, won and lost: a deal is one of them."""
        return self.opportunities_open + self.opportunities_won + self.opportunities_lost


@dataclass(frozen=True)
class Unpriced:
    """Facts without a rate: how many, and their exact native sums."""

    facts: int
    amounts: dict[str, Decimal]


@dataclass(frozen=True)
class ScopeOf:
    """What a figure is about. `type`: `region`, `account`, `org_unit` or `member`."""

    type: str
    code: str
    name: str


@dataclass(frozen=True)
class MonthRow:
    """One month of the range, e.g. `2024-03`."""

    month: str
    measures: Measures


@dataclass(frozen=True)
class Child:
    """A part of a node: its contribution to this parent in the chosen months. `type`: `region`, `country`, `org_unit`; of a
    member `account`."""

    type: str
    code: str
    name: str
    measures: Measures
    unpriced: Mapping[str, Unpriced]


@dataclass(frozen=True)
class Figure:
    """A node under a lens. `restricted`: it holds only what the reader may see of it. `run` is the latest that touched it,
    `computed_at` when the cells were last brought up to date, `fresh` whether nothing waits. `provisional`: a closed fact
    is dated after the last published rates and will be priced again. `own` stands on org units only."""

    scope: ScopeOf
    lens: Lens
    as_of: dt.date
    computed_at: dt.datetime | None
    run: int | None
    fresh: bool
    oldest_rate: dt.date | None
    provisional: bool
    restricted: bool
    measures: Measures
    unpriced: Mapping[str, Unpriced]
    own: Measures | None
    months: tuple[MonthRow, ...]
    children: tuple[Child, ...]


@dataclass(frozen=True)
class CountryFigure:
    """A country below a region, at any depth, with the region's child that it counts under (`child_code`)."""

    country: str
    name: str
    child_code: str
    measures: Measures
    unpriced: Mapping[str, Unpriced]


@dataclass(frozen=True)
class AccountFigure:
    """An account's part of a region."""

    account_id: int
    code: str
    name: str
    measures: Measures
    unpriced: Mapping[str, Unpriced]


@dataclass(frozen=True)
class Freshness:
    """The state of the cells: a cheap stamp to poll. `waiting` counts queue rows; `oldest_waiting` is since when."""

    fresh: bool
    computed_at: dt.datetime | None
    run: int | None
    as_of: dt.date | None
    waiting: int
    oldest_waiting: dt.datetime | None


@dataclass(frozen=True)
class UnpricedFact:
    """A fact that is counted and not priced. `kind`: `revenue_entry`, `opportunity` or `opportunity_line`; `id` is the
    entry's or the opportunity's."""

    kind: str
    id: int
    external_id: str
    account_code: str
    account_name: str
    country: str
    on: dt.date
    measure: str
    amount: Decimal
    currency: str
    reason: str


class CheckSide(NamedTuple):
    """Facts and their native sum; how many of them have no price, and the native sum of those."""

    facts: int = 0
    native: Decimal = Decimal(0)
    unpriced: int = 0
    unpriced_native: Decimal = Decimal(0)


@dataclass(frozen=True)
class CheckRow:
    """Count and native sum of one measure and currency, of all facts and of those without a price, once from the cells and
    once straight from the facts."""

    measure: str
    currency: str
    cells: CheckSide
    straight: CheckSide

    @property
    def agrees(self) -> bool:
        return self.cells == self.straight


@dataclass(frozen=True)
class CheckLine:
    """Roots + unallocated = all facts, in the reader's scope."""

    rows: tuple[CheckRow, ...]

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows)
