"""Pipeline growth: the open pipeline of today against that of so many days before, at constant rates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from core.snapshots import one_snapshot
from money.models import CONSTANT
from rollups.growth import GONE, Growth, Key, growth, movement
from rollups.growth_reading import Part, replay
from rollups.priced import Native, priced_in
from rollups.sight import sight_of
from users.models import User

DAYS = 90


@dataclass(frozen=True)
class PipelineGrowth:
    """What lay open on the two days, in minor units of what a deal has in a country, and what became of the deals.

    `unpriced_then` and `unpriced_now` are native sums by currency that are in no total. `assumed` deals of the earlier day
    are known from a later entry only.
    """

    then: dict[Key, int]
    now: dict[Key, int]
    outcomes: dict[int, str]
    unpriced_then: dict[str, Decimal]
    unpriced_now: dict[str, Decimal]
    assumed: frozenset[int]
    on: dt.date
    before_on: dt.date
    currency: str

    @cached_property
    def by_country(self) -> dict[str, Growth]:
        keys: dict[str, list[Key]] = defaultdict(list)
        for key in {*self.then, *self.now}:
            keys[key[1]].append(key)
        return {country: growth(self.then, self.now, self.outcomes, of_one) for country, of_one in sorted(keys.items())}

    def of(self, holds: Callable[[str], bool]) -> Growth:
        """The movements in the countries that `holds` is true of: parts of a whole add up to it."""
        return sum((found for country, found in self.by_country.items() if holds(country)), Growth())

    def deals(self, name: str, holds: Callable[[str], bool]) -> dict[int, int]:
        """The deals under one number of `of`, with what each adds to it in minor units: they add up to it."""
        found: dict[int, int] = defaultdict(int)
        for key in {*self.then, *self.now}:
            if holds(key[1]):
                moved = movement(self.then.get(key), self.now.get(key), self.outcomes.get(key[0], GONE))
                found[key[0]] += int(getattr(moved, name))
        return {deal: minor for deal, minor in found.items() if minor}


@one_snapshot()
def pipeline_growth(*, viewer: User, currency: str, on: dt.date, days: int = DAYS) -> PipelineGrowth:
    """Of what `viewer` may see, in a reporting currency. Both days' facts are priced at the constant rates of `on`."""
    before_on = on - dt.timedelta(days=days)
    found = replay(sight_of(viewer), day=before_on)
    then, unpriced_then = _priced(found.then, currency, on)
    now, unpriced_now = _priced(found.now, currency, on)
    return PipelineGrowth(
        then=then,
        now=now,
        outcomes=found.outcomes,
        unpriced_then=unpriced_then,
        unpriced_now=unpriced_now,
        assumed=frozenset(part.deal for part in found.then if part.is_assumed),
        on=on,
        before_on=before_on,
        currency=currency,
    )


def _priced(parts: Sequence[Part], currency: str, on: dt.date) -> tuple[dict[Key, int], dict[str, Decimal]]:
    """Minor units by deal and country, each fact converted once; and native sums of what has no rate."""
    minors = priced_in(_natives(parts, on), currency=currency, rates=CONSTANT)
    found: dict[Key, int] = defaultdict(int)
    unpriced: dict[str, Decimal] = defaultdict(Decimal)
    for part, minor in zip(parts, minors, strict=True):
        if minor is None:
            unpriced[part.currency] += part.amount
        else:
            found[part.deal, part.country] += minor
    return dict(found), dict(unpriced)


def _natives(parts: Iterable[Part], on: dt.date) -> list[Native]:
    return [Native(part.currency, on, part.amount) for part in parts]
