"""Which org units need whom, who is there, and how well: the slots of a customer on one day. Pure: no ORM and no clock.

This is the one definition of a slot, its state and its fill; pages, counts, the score and the solver all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

from accounts.structures import Forest

#: States of a slot.
FILLED: Final = "filled"
INHERITED: Final = "inherited"
EMPTY: Final = "empty"
UNKNOWN: Final = "unknown"
SLOT_STATES: Final = (FILLED, INHERITED, EMPTY, UNKNOWN)

#: States of a unit, beside `inherited` and `unknown`: how it is marked on a chart.
COVERED: Final = "covered"
GAP: Final = "gap"

HALF: Final = Fraction(1, 2)
WHOLE: Final = Fraction(1)
NONE: Final = Fraction(0)


@dataclass(frozen=True)
class Fit:
    """How well a member can work with a unit: do they share a language, and enough working hours. None: not known."""

    shares_language: bool | None = None
    shares_hours: bool | None = None

    @property
    def factor(self) -> Fraction | None:
        """What the fit makes of a fill: one half for each thing that is missing; None while one is not known."""
        if self.shares_language is None or self.shares_hours is None:
            return None
        return (WHOLE if self.shares_language else HALF) * (WHOLE if self.shares_hours else HALF)


#: The fit of a member with a unit, by their ids.
Fits = Callable[[int, int], Fit]


def not_asked(member: int, unit: int) -> Fit:
    """For who only asks where nobody is at all: that does not depend on how well somebody fits."""
    return Fit()


@dataclass(frozen=True)
class Rule:
    """A coverage policy of one tier: units of `unit_kind` need `role`, which weighs `weight` among a unit's slots."""

    unit_kind: str
    role: str
    is_inheritable: bool = True
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Post:
    """Somebody of ours on a unit in a role; `reaches_down` lets units below inherit it."""

    unit: int
    role: str
    member: int
    reaches_down: bool = False


@dataclass(frozen=True)
class Coverer:
    """A member who covers a slot from `unit`, so many links above it (0: on the unit itself)."""

    member: int
    unit: int
    distance: int
    fit: Fit

    @cached_property
    def fill(self) -> Fraction | None:
        """1 on the unit itself, halved with every link above it and by what is missing in the fit; None: not known."""
        return None if self.fit.factor is None else HALF**self.distance * self.fit.factor


@dataclass(frozen=True)
class Slot:
    """A role that a unit needs. `coverers` come in the order of their fill, the unknown ones last, the nearer first."""

    unit: int
    role: str
    weight: Decimal
    coverers: tuple[Coverer, ...] = ()

    @property
    def decisive(self) -> Coverer | None:
        """Who gives the slot its fill; of a slot that is not known, the nearest coverer."""
        return self.coverers[0] if self.coverers else None

    @property
    def fill(self) -> Fraction | None:
        """The largest known fill, 0 without any coverer; None when nobody's fill is known."""
        return self.coverers[0].fill if self.coverers else NONE

    @property
    def state(self) -> str:
        if not self.coverers:
            return EMPTY
        if self.fill is None:
            return UNKNOWN
        return INHERITED if self.coverers[0].distance else FILLED

    def joined_by(self, coverer: Coverer) -> Slot:
        """The slot with one more coverer."""
        return replace(self, coverers=tuple(sorted((*self.coverers, coverer), key=_rank)))

    @property
    def source(self) -> int | None:
        """The unit above from which the decisive coverer reaches down."""
        return self.coverers[0].unit if self.coverers and self.coverers[0].distance else None

    @property
    def members(self) -> tuple[int, ...]:
        """Who covers from where the decisive coverer does, that one first."""
        return tuple(one.member for one in self.coverers if one.unit == self.coverers[0].unit)


@dataclass(frozen=True)
class Slots:
    """The slots of all units, and who stands on each unit in whatever role."""

    by_unit: Mapping[int, tuple[Slot, ...]]
    posts: Mapping[int, tuple[Post, ...]]
    is_known: bool

    def state_of(self, unit: int) -> str:
        """A unit's state: a gap when any slot is empty, unknown when any is, covered when somebody stands on it, else
        inherited. Unknown without a policy for the account's tier. A unit that needs nobody and has nobody has no state."""
        states = {slot.state for slot in self.by_unit.get(unit, ())}
        if EMPTY in states:
            return GAP
        if UNKNOWN in states:
            return UNKNOWN
        if self.posts.get(unit):
            return COVERED
        if states:
            return INHERITED
        return "" if self.is_known else UNKNOWN

    def gaps_of(self, unit: int) -> list[str]:
        """The roles that a unit needs and nobody holds."""
        return [slot.role for slot in self.by_unit.get(unit, ()) if slot.state == EMPTY]

    @cached_property
    def all(self) -> tuple[Slot, ...]:
        return tuple(slot for slots in self.by_unit.values() for slot in slots)

    @property
    def gaps(self) -> list[Slot]:
        return [slot for slot in self.all if slot.state == EMPTY]


def slots_of(
    kinds: Mapping[int, str], above: Forest, rules: Iterable[Rule], posts: Iterable[Post], fits: Fits
) -> Slots:
    """The slots that `rules` ask for on units of the given kinds, with everybody who covers them.

    Coverage is inherited along `above` from every ancestor; posts on other units than those of `kinds` count nowhere.
    """
    needed: dict[str, list[Rule]] = {}
    for rule in rules:
        needed.setdefault(rule.unit_kind, []).append(rule)
    standing: dict[int, list[Post]] = {}
    reaching: dict[int, list[Post]] = {}
    for post in posts:
        if post.unit in kinds:
            standing.setdefault(post.unit, []).append(post)
            if post.reaches_down:
                reaching.setdefault(post.unit, []).append(post)
    found = {}
    for unit, kind in kinds.items():
        rules_here = needed.get(kind, ())
        lent = _lent(unit, above, reaching) if reaching and rules_here else []
        found[unit] = tuple(_slot(unit, rule, standing.get(unit, ()), lent, fits) for rule in rules_here)
    return Slots(found, {unit: tuple(held) for unit, held in standing.items()}, is_known=bool(needed))


def _lent(unit: int, above: Forest, reaching: Mapping[int, list[Post]]) -> list[tuple[int, Post]]:
    """Who reaches down to a unit from above it, with the distance, the nearest first."""
    return [
        (distance, post)
        for distance, ancestor in enumerate(above.ancestors(unit), start=1)
        for post in reaching.get(ancestor, ())
    ]


def _slot(unit: int, rule: Rule, here: Iterable[Post], lent: Iterable[tuple[int, Post]], fits: Fits) -> Slot:
    coverers = [Coverer(post.member, unit, 0, fits(post.member, unit)) for post in here if post.role == rule.role]
    if rule.is_inheritable:
        coverers += [
            Coverer(post.member, post.unit, distance, fits(post.member, unit))
            for distance, post in lent
            if post.role == rule.role
        ]
    coverers.sort(key=_rank)  # stable: among equals the order of the posts stands
    return Slot(unit, rule.role, rule.weight, tuple(coverers))


def _rank(coverer: Coverer) -> tuple[Fraction, int]:
    fill = coverer.fill
    return (WHOLE if fill is None else -fill, coverer.distance)
