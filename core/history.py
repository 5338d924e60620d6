"""Change history that raw SQL can't bypass: who, when, what (pghistory, statement-level triggers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.apps import AppConfig
from django.db import connections, models

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


# Each of these functions joins the rows as they were with the rows as they are.
_BY_NESTED_LOOPS = """
SELECT DISTINCT p.oid::regprocedure::text
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgname LIKE 'pgtrigger\\_%' AND t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL
   AND NOT COALESCE(p.proconfig, '{}') @> ARRAY['enable_nestloop=off']
"""


def keep_from_nested_loops(sender: AppConfig, *, using: str, **_given: object) -> None:
    """Once tables are migrated: the history's update triggers match rows by hash.

    A function keeps the plan that it made when it first met few rows, and `plan_cache_mode` is no help to statements without
    parameters; by a nested loop a later change of 100,000 rows in the same session would compare each with every other.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_BY_NESTED_LOOPS)
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SET enable_nestloop = off")
