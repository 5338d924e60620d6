"""Statements that a session plans once. The engine's texts are long: planning one takes longer than running it for one edit."""

from __future__ import annotations

import re
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper

_TYPES = {
    "accounts": "bigint[]",
    "months": "int[]",
    "units": "bigint[]",
    "as_of": "date",
    "max_age": "int",
    "run": "bigint",
    "low": "int",
    "high": "int",
    "fiscal_start": "int",
}
_OF_SESSION: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()
_NAMED = re.compile(r"%\((\w+)\)s")


# One plan serves a few keys, and planning anew would take longer than running. For many it must know how many there are.
_FEW = 40


def run(cursor: CursorWrapper, name: str, statement: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The one row of `statement`, prepared in this session the first time its `name` is met."""
    names = list(dict.fromkeys(_NAMED.findall(statement)))
    given = [values[parameter] for parameter in names]
    known = _known()
    if name not in known:
        text = statement % {parameter: f"${at}" for at, parameter in enumerate(names, 1)}
        types = ", ".join(_TYPES[parameter] for parameter in names)
        cursor.execute(f"PREPARE {name} ({types}) AS {text}")
        known.add(name)
    places = ", ".join(["%s"] * len(given))
    mode = "force_generic_plan" if len(values["accounts"]) <= _FEW else "force_custom_plan"
    cursor.execute(f"SET LOCAL plan_cache_mode = {mode}; EXECUTE {name} ({places})", given)
    found: tuple[Any, ...] = cursor.fetchone()
    return found


def _known() -> set[str]:
    """What this very session has prepared; another one begins with nothing."""
    session = connection.connection
    assert session is not None  # a cursor of it is in use
    return _OF_SESSION.setdefault(session, set())
