"""One computation of a page's figures for all who ask for the same at the same time, without ever answering with older ones.

What is kept may be used by a request only if it equals what the request would compute itself: either nothing has been committed
in the database since (PostgreSQL's snapshots are the same, to the letter), or its computation began after the request came.
Processes share through the cache, by equal snapshots alone; without a cache each works for itself.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_KEPT: Final = 10  # seconds in the cache: long enough for a crowd, too short for another version of the code
_PATIENCE: Final = 3.0  # how long to wait for another process that computes the same
_STEP: Final = 0.02


@dataclass
class _Place:
    """What is kept for a key. `snapshot` is empty when something was committed during the computation."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    snapshot: str = ""
    begun: float = -1.0
    took: float = 0.0

    def serves(self, *, snapshot: str, since: float) -> bool:
        return self.snapshot == snapshot or self.begun > since


class Shared:
    """The latest values of the `most` keys used last. A key must hold all that a value depends on beside the database: who
    asks, for what, in which words; equal keys have equal `repr`s, in every process, and mean the same in all of these objects. Values
    can be pickled."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # threads that compute at once only end later, all of them

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value for `key`, made by `make` unless what is kept is as good as new. Inside a transaction nothing is shared:
        what it changed is in no snapshot."""
        if connection.in_atomic_block:
            return make()
        since = time.monotonic()
        place = self._place(key)
        if place.serves(snapshot=snapshot(), since=since):
            return place.value
        with place.lock:
            if place.serves(snapshot=snapshot(), since=since):
                return place.value
            deadline = since + _PATIENCE
            while not self._is_made(key, place, make, is_ours=time.monotonic() > deadline):
                time.sleep(_STEP)
            return place.value

    def took(self, key: Hashable) -> float:
        """How many seconds the value took to make when it was last made or got; 0 when it never was."""
        place = self._places.get(key)
        return place.took if place else 0.0

    def _is_made(self, key: Hashable, place: _Place, make: Callable[[], Any], *, is_ours: bool) -> bool:
        """Take what another process has computed at the same snapshot, or compute it; False while another is computing it, and
        we don't wait any longer (`is_ours`). Asked in turn only: so two processes each begin with what the other has not."""
        with self._turn:
            now = snapshot()
            found, is_free = _of_another_process(key, now)
            if found is not None:
                (place.value, place.took), place.snapshot = found, now
            elif is_free or is_ours:
                place.begun = time.monotonic()
                try:
                    place.value = make()
                except BaseException:
                    place.begun = -1.0
                    _give_up(key, now)
                    raise
                place.took = time.monotonic() - place.begun
                place.snapshot = now if snapshot() == now else ""
                if place.snapshot:
                    _tell_others(key, now, (place.value, place.took))
            else:
                return False
            return True

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > self._most:
                self._places.popitem(last=False)
            return place


def snapshot() -> str:
    """What is committed and what is under way. Equal texts see equal rows: whatever commits in between had a number that one
    of them names as under way or yet to come, and the other does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def _name(key: Hashable, now: str) -> str:
    return f"shared:{hashlib.sha256(f'{key!r} {now}'.encode()).hexdigest()}"


def _of_another_process(key: Hashable, now: str) -> tuple[Any, bool]:
    """What another process has computed at the same snapshot, None when none has; and whether none is at it, in which case it
    is ours to compute."""
    name = _name(key, now)
    try:
        found = cache.get(name)
        return found, found is None and bool(cache.add(f"{name}:made", True, timeout=_PATIENCE))
    except RedisError as error:
        log.warning("Nothing is shared between processes: %s", error)
        return None, True


def _give_up(key: Hashable, now: str) -> None:
    try:
        cache.delete(f"{_name(key, now)}:made")
    except RedisError:
        pass  # said when it was looked for


def _tell_others(key: Hashable, now: str, value: Any) -> None:
    try:
        cache.set(_name(key, now), value, timeout=_KEPT)
    except RedisError:
        pass  # said when it was looked for
