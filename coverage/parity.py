"""Whether the key people of a customer have somebody of ours at eye level. Pure: no ORM and no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

#: From the top down; a contact's and a member's alike.
LEVELS: Final = ("board", "executive", "director", "manager", "staff")
KEY_ROLES: Final = frozenset({"decision_maker", "economic_buyer"})
YEAR_DAYS: Final = 365
KEY_LEVELS: Final = frozenset({"executive"})


@dataclass(frozen=True)
class Tie:
    """A relationship of ours with a contact: the member's level (empty: unknown), and is it active (None: unknown)."""

    level: str
    is_active: bool | None


@dataclass(frozen=True)
class KeyContact:
    """A contact in all her posts: levels and buying roles, empty ones left out; and our ties to her."""

    levels: Collection[str]
    buying_roles: Collection[str]
    ties: Sequence[Tie] = ()

    @property
    def is_key(self) -> bool:
        """A decision maker, an economic buyer, or an executive."""
        return bool(KEY_ROLES.intersection(self.buying_roles) or KEY_LEVELS.intersection(self.levels))

    @property
    def has_parity(self) -> bool | None:
        """Whether an active contact of ours stands at her highest level or one below; None: it can't be known."""
        found = [self._meets(tie) for tie in self.ties]
        if True in found:
            return True
        return None if None in found else False

    def _meets(self, tie: Tie) -> bool | None:
        if tie.is_active is False:
            return False
        if not self.levels or not tie.level:
            return None
        below = LEVELS.index(tie.level) - min(LEVELS.index(level) for level in self.levels)
        return tie.is_active if below in (0, 1) else False


@dataclass(frozen=True)
class Parity:
    """Key contacts: all, those who have somebody of ours at eye level, and those of whom it can't be known."""

    contacts: int = 0
    met: int = 0
    unknown: int = 0

    @property
    def share(self) -> Fraction | None:
        """Of those of whom it is known; None where there are none."""
        known = self.contacts - self.unknown
        return Fraction(self.met, known) if known else None


def parity_of(contacts: Iterable[KeyContact]) -> Parity:
    """The level parity of an account's people; those who are no key contacts don't count."""
    found = [contact.has_parity for contact in contacts if contact.is_key]
    return Parity(len(found), found.count(True), found.count(None))


def is_active(strength: Decimal | None, last_contact_on: dt.date | None, on: dt.date) -> bool | None:
    """A relationship is active with a contact in the year before `on` or later; without a dated contact, while it has a
    strength. None where neither is known. A strength of 0 is no relationship."""
    if strength == 0:
        return False
    if last_contact_on is not None:
        return last_contact_on.toordinal() >= on.toordinal() - YEAR_DAYS
    return None if strength is None else True
