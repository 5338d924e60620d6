"""What a move from one stage to another asks of a deal. Pure: no rows, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LOST = "lost"
OPEN = "open"


@dataclass(frozen=True)
class StageRule:
    """A stage with what it asks: `roles` of contacts before a deal enters it, `criteria` (ids) before a deal leaves it."""

    code: str
    position: int
    outcome: str
    category: str
    is_active: bool = True
    roles: frozenset[str] = frozenset()
    criteria: tuple[int, ...] = ()

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among the stages."""
        return (self.position, self.code)


def is_onward(here: StageRule, there: StageRule) -> bool:
    """Whether `there` is a later stage, which asks for something. To lose a deal asks for nothing."""
    return there.outcome != LOST and there.place > here.place


def passed(rules: Iterable[StageRule], here: StageRule, there: StageRule) -> list[StageRule]:
    """The open stages in use that lie between the two, in their order: what is left out by a leap is asked for all the same."""
    between = [
        rule for rule in rules if rule.outcome == OPEN and rule.is_active and here.place < rule.place < there.place
    ]
    return sorted(between, key=lambda rule: rule.place)


def roles_asked(
    rules: Mapping[str, StageRule], here: StageRule, there: StageRule, by_category: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """The buying roles that a deal needs contacts for to go from `here` to `there`; nothing on the way back."""
    if not is_onward(here, there):
        return frozenset()
    found: frozenset[str] = frozenset()
    for rule in (*passed(rules.values(), here, there), there):
        found |= rule.roles | by_category.get(rule.category, frozenset())
    return found


def criteria_asked(rules: Mapping[str, StageRule], here: StageRule, there: StageRule) -> list[int]:
    """The required criteria (ids) that a deal meets on the way: those of the stage it leaves and of those it passes."""
    if not is_onward(here, there):
        return []
    ways = [here, *passed(rules.values(), here, there)] if here.outcome == OPEN else []
    return [criterion for rule in ways for criterion in rule.criteria]


def roles_of_stage(rule: StageRule, category: str, by_category: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The buying roles that a deal of a stage needs contacts for; `category` is the deal's own, or empty."""
    return rule.roles | by_category.get(category or rule.category, frozenset())
