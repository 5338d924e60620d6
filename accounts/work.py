"""What waits for somebody to do: the sources that a reader's work list asks.

Each room that can find something to do registers a source once, from its AppConfig, so that the list needs to know none of
them: deals whose day has passed, people who went quiet, slots that stand empty, and what later rooms bring.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from django import forms
from django.utils.functional import Promise

from accounts.access import Scope, scope_of
from core.errors import DomainError
from users.models import User

Text = str | Promise
_Read = TypeVar("_Read")


class TooMuch(DomainError):
    """More rows than a list goes through while somebody waits; narrowed to an account there are fewer."""


class Whose(StrEnum):
    """Whose work is listed: what falls to the reader herself, all of the accounts she works on, or all that she sees."""

    MINE = "mine"
    ACCOUNTS = "accounts"
    SIGHT = "sight"


@dataclass(frozen=True)
class Ask:
    """One question to all sources. `account` (an id) narrows it to one account. What one source read, another may use."""

    viewer: User
    on: dt.date
    whose: Whose = Whose.MINE
    account: int | None = None
    _read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def scope(self) -> Scope:
        return scope_of(self.viewer)

    def once(self, name: str, read: Callable[[], _Read]) -> _Read:
        """What `read` finds, read once for all sources of this question."""
        if name not in self._read:
            self._read[name] = read()
        found: _Read = self._read[name]
        return found


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One thing to do. `key` tells it from others of its source and stays the same from day to day.

    `since` is the day on which it began to wait, `due` that by which it should have been done; None: not known, or no such
    day. Its money is that of the deal `deal` (an id), else `amount` of the first reporting currency, else it has none.
    `facts` are what its source's sentence says.
    """

    key: str
    subject: str
    url: str
    account_code: str = ""
    account: str = ""
    since: dt.date | None = None
    due: dt.date | None = None
    deal: int | None = None
    amount: Decimal | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    may_act: bool = True


@dataclass(frozen=True)
class Found:
    """What a source found. `left_out` says what it did not look at, and why; empty when it looked at everything."""

    items: Sequence[WorkItem] = ()
    left_out: str = ""


@dataclass(frozen=True)
class Done:
    """What a deed did, in a sentence, and what its taking back needs (as JSON holds it)."""

    words: str
    back: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What can be done about an item where it stands. `form` takes an item's `facts` as its initial values.

    `carry_out` gets `key`, `by` and the form's values, `take_back` gets `by` and what was kept of it; both raise DomainError,
    and ObjectDoesNotExist for what `by` does not see.
    """

    label: Text
    verb: Text
    form: type[forms.Form]
    carry_out: Callable[..., Done]
    take_back: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class WorkSource:
    """A kind of work. `urgency`, 0 to 100, is how much this kind presses; `explains` says when something is of it.

    `find` answers an `Ask`, or raises TooMuch; `why` says in a sentence why an item is there, `hint` what to do about it where no deed can.
    """

    code: str
    label: Text
    explains: Text
    urgency: int
    find: Callable[[Ask], Found]
    why: Callable[[WorkItem], str]
    hint: Text = ""
    deed: Deed | None = None


_sources: dict[str, WorkSource] = {}


def gives_work(source: WorkSource) -> None:
    """Register a source of work; a second one of the same code takes its place."""
    _sources[source.code] = source


def sources() -> tuple[WorkSource, ...]:
    """Every source, the most pressing first."""
    return tuple(sorted(_sources.values(), key=lambda source: (-source.urgency, source.code)))


def source_of(code: str) -> WorkSource | None:
    return _sources.get(code)
