"""What names a row by its code instead of a foreign key: it is counted before a delete and follows a new code.

Rooms above register their tables here once, from their AppConfig, so that rooms below need not import upward.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class _Use:
    rows: Callable[[], models.QuerySet[Any]]
    column: str


_uses: dict[str, list[_Use]] = defaultdict(list)


def named_by_code(kind: str, rows: Callable[[], models.QuerySet[Any]], column: str) -> None:
    """Register rows whose text `column` holds the code of a `kind` ("region", "account", "member", "product")."""
    _uses[kind].append(_Use(rows, column))


def held_by_code(kind: str, code: str) -> dict[str, int]:
    """How many rows name the code, by what they are: `{"quotas": 2}`."""
    counts: dict[str, int] = {}
    for use in _uses[kind]:
        rows = use.rows().filter(**{use.column: code})
        if found := rows.count():
            counts[str(rows.model._meta.verbose_name_plural)] = found
    return counts


def rename_code(kind: str, old: str, new: str) -> None:
    """Let every row that names `old` name `new`. Called inside the transaction that gives the code."""
    for use in _uses[kind]:
        use.rows().filter(**{use.column: old}).update(**{use.column: new})
