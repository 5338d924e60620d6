"""Change history that raw SQL can't bypass: who, when, what (pghistory, statement-level triggers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db import models

_M = TypeVar("_M", bound=type[models.Model])


def track(*, exclude: list[str] | None = None) -> Callable[[_M], _M]:
    """Record inserts, updates and deletes. Fresh trackers for each model: pghistory binds them to it."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    decorate: Callable[[_M], _M] = pghistory.track(*trackers, exclude=exclude)
    return decorate


def track_changes(*, exclude: list[str] | None = None) -> Callable[[_M], _M]:
    """Record updates and deletes only, for facts by the million: an insert is proven by its import batch."""
    trackers = (pghistory.UpdateEvent(), pghistory.DeleteEvent())
    decorate: Callable[[_M], _M] = pghistory.track(*trackers, exclude=exclude)
    return decorate


def track_deletes() -> Callable[[_M], _M]:
    """Record deletes only, for rows that are themselves a record and are only added to."""
    decorate: Callable[[_M], _M] = pghistory.track(pghistory.DeleteEvent())
    return decorate


def track_corrections() -> Callable[[_M], _M]:
    """Record updates with what stood before them, and deletes: for what is published, whose correction names what it was."""
    before = pghistory.UpdateEvent("before", row=pghistory.Old)
    decorate: Callable[[_M], _M] = pghistory.track(before, pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return decorate
