"""The funnel of a cohort of leads: how many reached each step, what they are worth there, how long it took. Pure.

Steps are nested: whoever reached one has reached every step before it, so that no step holds more than the one before.
Shares are of sums, never means of shares; a lead or deal counts once, whoever shares it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TypeVar

STEPS = ("lead", "marketing_qualified", "sales_qualified", "opportunity", "won")
_OF_DEAL = 3
"""From this step on, the deal says what it is worth; before it, the lead's expected amount."""
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Worth:
    """Money of a lead or deal: the sum of what is priced in minor units, and what has no price, by currency. Nothing at all
    is not known."""

    minor: int = 0
    facts: int = 0
    unpriced: tuple[tuple[str, Decimal], ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.facts or self.unpriced)


@dataclass(frozen=True)
class FunnelLead:
    """A lead as the funnel needs it. `rank` is the place in STEPS of the last step reached; `days` are those on which each
    step was reached, None where that is not known. `waits` is for how many days it has its present status, None when it
    waits for nothing."""

    id: int
    country: str
    source: str
    campaign: str
    status: str
    rank: int
    days: tuple[dt.date | None, ...]
    waits: int | None
    expected: Worth
    deal: Worth

    def worth(self, step: int) -> Worth:
        return self.deal if step >= _OF_DEAL else self.expected


@dataclass(frozen=True)
class Step:
    """One step of the funnel. Money is in minor units; `unknown` leads have no amount there, `unpriced` facts no rate.

    `conversion` is the share of the step before that came here, None for the first and after an empty one; `median_days`
    the median time from the step before, over the `timed` leads of which both days are known.
    """

    code: str
    leads: int
    minor: int
    unpriced: int
    unknown: int
    conversion: Fraction | None
    median_days: Fraction | None
    timed: int


def funnel(leads: Sequence[FunnelLead]) -> list[Step]:
    """The steps in their order."""
    reached = [[lead for lead in leads if lead.rank >= at] for at in range(len(STEPS))]
    return [_step(at, here, reached[at - 1] if at else None) for at, here in enumerate(reached)]


def _step(at: int, here: Sequence[FunnelLead], before: Sequence[FunnelLead] | None) -> Step:
    worths = [lead.worth(at) for lead in here]
    took = [days for lead in here if at and (days := _took(lead, at)) is not None]
    return Step(
        code=STEPS[at],
        leads=len(here),
        minor=sum(worth.minor for worth in worths),
        unpriced=sum(len(worth.unpriced) for worth in worths),
        unknown=sum(not worth.is_known for worth in worths),
        conversion=Fraction(len(here), len(before)) if before else None,
        median_days=Fraction(median(took)) if took else None,
        timed=len(took),
    )


def _took(lead: FunnelLead, at: int) -> int | None:
    """Days from the step before; a day that is written down as earlier counts as the same day."""
    since, until = lead.days[at - 1], lead.days[at]
    return None if since is None or until is None else max(0, (until - since).days)


def by(leads: Iterable[FunnelLead], key: Callable[[FunnelLead], _Key]) -> dict[_Key, list[FunnelLead]]:
    """Leads by some property; each stands under one key, so that the parts add up to the whole."""
    found: dict[_Key, list[FunnelLead]] = {}
    for lead in leads:
        found.setdefault(key(lead), []).append(lead)
    return found


def ageing(leads: Iterable[FunnelLead], ages: Mapping[str, tuple[int, int | None]]) -> dict[str, dict[str, int]]:
    """How many leads wait, by status and age in days (both ends included)."""
    found: dict[str, dict[str, int]] = {}
    for lead in leads:
        if lead.waits is not None:
            days = max(0, lead.waits)
            age = next(name for name, (least, most) in ages.items() if least <= days and (most is None or days <= most))
            of_status = found.setdefault(lead.status, dict.fromkeys(ages, 0))
            of_status[age] += 1
    return found
