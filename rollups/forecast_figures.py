"""What readers of a forecast get: frozen rows that pages and the API show alike. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from rollups.figures import Money, ScopeOf, Unpriced
from rollups.forecast_categories import ForecastPeriod
from rollups.forecast_standing import Standing
from rollups.lens import Lens


@dataclass(frozen=True)
class Amounts:
    """A node's forecast by category (`closed`, `commit`, `best_case`, `pipeline`), as computed from the deals: money in the
    lens's currency, distinct deals, and what has no rate. `forecast` is closed and commit together."""

    money: Mapping[str, Money]
    forecast: Money
    deals: Mapping[str, int]
    unpriced: Mapping[str, Unpriced]

    @property
    def unpriced_facts(self) -> int:
        return sum(found.facts for found in self.unpriced.values())


@dataclass(frozen=True)
class Adjustment:
    """An adjustment in force. `stated` is it in the lens's currency, None without a rate: then it is listed and changes nothing.

    `against` is the computed figure when it was made, in its own currency, `present` that of now in the lens's. `changed` names
    the parts whose deals changed since; `is_overtaken`: a node below was adjusted later."""

    id: int
    category: str
    amount: Decimal
    currency: str
    stated: Decimal | None
    against: Decimal
    present: Decimal
    by: str
    at: dt.datetime
    note: str
    basis: Mapping[str, Mapping[str, str]]
    changed: tuple[str, ...] = ()
    is_overtaken: bool = False

    @property
    def is_stale(self) -> bool:
        return bool(self.changed) or self.is_overtaken


@dataclass(frozen=True)
class ForecastPart:
    """A direct child: its contribution to its parent. `type`: `region`, `country`, `member`, or of a member `own`: her own
    deals. `standings` by category are what adjustments make of it, in minor units; empty in native money and the overlay book."""

    type: str
    code: str
    name: str
    amounts: Amounts
    standings: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True)
class ForecastFigure:
    """A node's forecast of a period under a lens. `restricted`: it holds only what the reader may see of it. Parts add up to
    the node in every category, in money and in what has no rate."""

    scope: ScopeOf
    period: ForecastPeriod
    lens: Lens
    as_of: dt.date
    exponent: int | None
    oldest_rate: dt.date | None
    restricted: bool
    amounts: Amounts
    months: tuple[tuple[str, Amounts], ...]
    parts: tuple[ForecastPart, ...]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    adjustments: tuple[Adjustment, ...] = ()
    parent: ScopeOf | None = None
    node_id: int | None = None

    @property
    def is_adjusted(self) -> bool:
        return any(found.source != "computed" for found in self.standings.values())
