"""The rows of a proof: every fact under a figure with its price and the whole minor units that it adds. Frozen; no ORM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from money.conversion import from_minor
from rollups.figures import CheckLine, Figure, Money, ScopeOf
from rollups.lens import Lens

COUNTS = {"opportunities_open": "open", "opportunities_won": "won", "opportunities_lost": "lost"}
"""Measures that count deals, and the outcome they count."""
NO_RATE, OMITTED, NO_AMOUNT, OTHER_KIND, RESTRICTED = "no_rate", "omitted", "no_amount", "other_kind", "restricted"
LISTED = (NO_RATE, OMITTED, NO_AMOUNT)
"""Reasons whose facts can be paged through too."""
_DIGITS = Context(prec=30)


@dataclass(frozen=True)
class Leg:
    """Units of `currency` for one `base`: `total` ÷ `days`. A published rate has one day, its date; a mean has the days of
    `month` (core.months); the base itself has neither. `corrected_at`: the rate was changed after it was first published."""

    currency: str
    base: str
    rate_set: str
    total: Decimal
    days: int
    date: dt.date | None
    month: int | None
    corrected_at: dt.datetime | None = None

    @property
    def rate(self) -> Decimal:
        """To 30 digits, which is exact for a published rate."""
        return _DIGITS.divide(self.total, Decimal(self.days)).normalize(_DIGITS)

    @property
    def is_base(self) -> bool:
        return self.currency == self.base


@dataclass(frozen=True)
class Price:
    """Units of the goal for one unit of the fact's currency, as a fraction, from the legs of both (none: no rate is
    needed)."""

    fraction: Fraction
    legs: tuple[Leg, ...]

    @property
    def decimal(self) -> Decimal:
        """To 30 digits."""
        return _DIGITS.divide(Decimal(self.fraction.numerator), Decimal(self.fraction.denominator)).normalize(_DIGITS)


@dataclass(frozen=True)
class ProofRow:
    """A fact. `kind`: `revenue_entry`, `opportunity` or `opportunity_line`; `id` is the entry's or the deal's. `amount` is
    native; of a counted deal it is that of its lines here. `probability` and `share` are percentages. `minor`: the minor
    units of `goal` that it adds; None for a fact that is not in the figure, or where deals are counted."""

    kind: str
    id: int
    line: int
    external_id: str
    account: str
    account_name: str
    org_unit: str
    org_unit_name: str
    country: str
    product: str
    product_name: str
    on: dt.date
    stage: str
    stage_name: str
    probability: Decimal | None
    amount: Decimal | None
    currency: str
    rate_on: dt.date
    share: Decimal
    price: Price | None
    goal: str
    minor: int | None
    exponent: int
    is_provisional: bool

    @property
    def converted(self) -> Decimal | None:
        return None if self.minor is None else from_minor(self.minor, self.exponent)

    @property
    def key(self) -> tuple[dt.date, int, int]:
        return self.on, self.id, self.line


@dataclass(frozen=True)
class Excluded:
    """Facts at the node and in the months that are not in the figure. `facts` None: some are hidden from the reader, and how
    many is hidden too. `of` names the other kind of revenue."""

    reason: str
    facts: int | None
    amounts: Mapping[str, Decimal]
    of: str = ""


@dataclass(frozen=True)
class Restatement:
    """A rate under the figure that was corrected after it was first published. `earlier` are the values between, as far as
    history has them; so many `facts` here are priced with it."""

    rate_set: str
    base: str
    currency: str
    date: dt.date
    rate: Decimal
    corrected_at: dt.datetime
    earlier: tuple[Decimal, ...]
    facts: int


@dataclass(frozen=True)
class LastRun:
    """The run that last touched the figure."""

    id: int
    kind: str
    finished_at: dt.datetime | None


@dataclass(frozen=True)
class Evidence:
    """What is said once of a whole proof, beside its first page."""

    excluded: tuple[Excluded, ...]
    restatements: tuple[Restatement, ...]
    check: CheckLine


@dataclass(frozen=True)
class Proof:
    """One page of the facts under a figure. The pages' sums add up to `value`; `running` is their sum up to and with this one.

    `facts` counts those of all pages. `parts` say to which part of the node's figure the proof is narrowed. `reason`: the
    page lists the facts that are excluded for it instead.
    """

    figure: Figure
    parts: tuple[ScopeOf, ...]
    measure: str
    value: Money | int
    facts: int
    rows: tuple[ProofRow, ...]
    page_sum: Money | int
    running: Money | int
    seen: int
    run: LastRun | None
    evidence: Evidence | None
    next: str
    previous: str
    reason: str = ""

    @property
    def lens(self) -> Lens:
        return self.figure.lens
