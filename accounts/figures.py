"""Figures beside an account's name. Rooms above register what they add to the accounts list, so that the list reads them in its
own one statement without importing upward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.querysets import AccountQuerySet
from core.cells import Column
from users.models import User


@dataclass(frozen=True)
class Figures:
    """What one room adds: columns, the annotations that they read, and lines that say under which lens."""

    columns: Callable[[], tuple[Column, ...]]
    annotate: Callable[[AccountQuerySet, User], AccountQuerySet]
    head: Callable[[], Iterable[str]]


_sources: list[Figures] = []


def figures_come_from(source: Figures) -> None:
    """Register a room's figures. Called once by its AppConfig."""
    _sources.append(source)


def with_figures(accounts: AccountQuerySet, viewer: User) -> AccountQuerySet:
    """`accounts` with every registered figure, of what `viewer` may see."""
    for source in _sources:
        accounts = source.annotate(accounts, viewer)
    return accounts


def figure_columns() -> tuple[Column, ...]:
    return tuple(column for source in _sources for column in source.columns())


def figure_head(*, viewer: User) -> list[str]:
    """The lens of the figures in words, for the head of an export, and whether they are what `viewer` may see of more."""
    return [line for source in _sources for line in source.head()] + part_words(viewer=viewer)


def part_words(*, viewer: User) -> list[str]:
    """Said where figures of several accounts stand and of some `viewer` sees a part only."""
    words = _("You see a part of this: totals hold only the accounts you work on and the countries you lead.")
    return [words] if scope_of(viewer).lists_parts else []
