"""What belongs to an account and follows it into another when the two turn out to be one customer.

Each room registers its own tables here once, from its AppConfig, so that a merge forgets none and imports nothing upward.
A test walks the models and the database: a table that names an account, or a unit, without being registered fails it.

The SQL of a `Following` speaks of `r`, a row that would move, and `t`, a row that the target has already.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import models


class Key(Enum):
    """What a row names its account by."""

    ID = "id"
    CODE = "code"


class Clash(Enum):
    """What becomes of a row whose like the target has already: it stays with the old code, or it is left out."""

    STAYS = "stays"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Following:
    """A table whose rows move with their account.

    `column` names the account, by `key`. `only` limits the rows, `clash` says which have their like in the target.
    `money` is the pair of columns (amount, currency) that a preview adds up. `is_chosen`: moved only where somebody says so.
    """

    model: type[models.Model]
    column: str = "account_id"
    key: Key = Key.ID
    only: str = "true"
    clash: str = "false"
    on_clash: Clash = Clash.LEFT_OUT
    money: tuple[str, str] | None = None
    is_chosen: bool = False

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def noun(self) -> Any:
        return self.model._meta.verbose_name_plural


_following: list[Following] = []
_attached: list[type[models.Model]] = []


def goes_with_account(model: type[models.Model], **how: Any) -> None:
    """Register a table that names the account of its rows. The order of registration is the order of moving."""
    found = Following(model, **how)
    if all(one.label != found.label for one in _following):
        _following.append(found)


def goes_with_its_rows(model: type[models.Model]) -> None:
    """Register a table whose rows name no account, but a unit or a contact of one: they follow it untouched."""
    if model not in _attached:
        _attached.append(model)


def following() -> tuple[Following, ...]:
    """Every table that moves, in the order of moving."""
    return tuple(_following)


def attached() -> tuple[type[models.Model], ...]:
    """Every table whose rows follow untouched."""
    return tuple(_attached)
