"""Which org units need whom, and who is there: the slots of a customer on one day. Pure: no ORM and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from accounts.structures import Forest

COVERED: Final = "covered"
INHERITED: Final = "inherited"
GAP: Final = "gap"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Rule:
    """A coverage policy of one tier: units of `unit_kind` need `role`."""

    unit_kind: str
    role: str
    is_inheritable: bool


@dataclass(frozen=True)
class Post:
    """Somebody of ours on a unit in a role; `reaches_down` lets units below inherit it."""

    unit: int
    role: str
    member: int
    reaches_down: bool


@dataclass(frozen=True)
class Slot:
    """A role that a unit needs. `source` is the unit that an inherited slot gets its members from."""

    unit: int
    role: str
    state: str
    members: tuple[int, ...] = ()
    source: int | None = None


@dataclass(frozen=True)
class Slots:
    """The slots of all units, and who stands on each unit in whatever role."""

    by_unit: Mapping[int, tuple[Slot, ...]]
    posts: Mapping[int, tuple[Post, ...]]
    is_known: bool

    def state_of(self, unit: int) -> str:
        """A unit's state: a gap when any slot is one, covered when somebody stands on it, else inherited.

        Unknown without a policy for the account's tier. A unit that needs nobody and has nobody has no state.
        """
        slots = self.by_unit.get(unit, ())
        if any(slot.state == GAP for slot in slots):
            return GAP
        if self.posts.get(unit):
            return COVERED
        if slots:
            return INHERITED
        return "" if self.is_known else UNKNOWN

    def gaps_of(self, unit: int) -> list[str]:
        """The roles that a unit needs and nobody holds."""
        return [slot.role for slot in self.by_unit.get(unit, ()) if slot.state == GAP]

    @property
    def gaps(self) -> list[Slot]:
        return [slot for slots in self.by_unit.values() for slot in slots if slot.state == GAP]


def slots_of(kinds: Mapping[int, str], above: Forest, rules: Iterable[Rule], posts: Iterable[Post]) -> Slots:
    """The slots that `rules` ask for on units of the given kinds. Coverage is inherited from the nearest unit above."""
    needed: dict[str, list[Rule]] = {}
    for rule in rules:
        needed.setdefault(rule.unit_kind, []).append(rule)
    standing: dict[int, list[Post]] = {}
    for post in posts:
        standing.setdefault(post.unit, []).append(post)
    found = {
        unit: tuple(_slot(unit, rule, above, standing) for rule in needed.get(kind, ())) for unit, kind in kinds.items()
    }
    return Slots(found, {unit: tuple(held) for unit, held in standing.items()}, is_known=bool(needed))


def _slot(unit: int, rule: Rule, above: Forest, standing: Mapping[int, list[Post]]) -> Slot:
    here = tuple(post.member for post in standing.get(unit, ()) if post.role == rule.role)
    if here:
        return Slot(unit, rule.role, COVERED, here)
    for ancestor in above.ancestors(unit) if rule.is_inheritable else ():
        lent = tuple(p.member for p in standing.get(ancestor, ()) if p.role == rule.role and p.reaches_down)
        if lent:
            return Slot(unit, rule.role, INHERITED, lent, ancestor)
    return Slot(unit, rule.role, GAP)
