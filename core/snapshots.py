"""Reading several statements at one instant, and reading what does not change meanwhile once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from django.db import connection, transaction

_Read = TypeVar("_Read")
_read: ContextVar[dict[Callable[[], Any], Any] | None] = ContextVar("read in this snapshot", default=None)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Read several statements at one instant, so that parts add up while a drain commits. Inside a caller's transaction
    that transaction's isolation is what there is."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        token = _read.set({})
        try:
            yield
        finally:
            _read.reset(token)


def once_a_snapshot(read: Callable[[], _Read]) -> Callable[[], _Read]:
    """A look-up that a page asks for in many places. Within one snapshot, which nobody can write in, its answer can't
    change: it is read once. Everywhere else it is read each time. Callers leave the answer as it is."""

    @wraps(read)
    def found() -> _Read:
        kept = _read.get()
        if kept is None:
            return read()
        if read not in kept:
            kept[read] = read()
        answer: _Read = kept[read]
        return answer

    return found
