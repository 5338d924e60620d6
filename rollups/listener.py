"""Hearing from PostgreSQL that facts changed, within milliseconds of the commit."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg2
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

log = logging.getLogger(__name__)

CHANNEL = "gam_rollups"
_PAUSE = 0.05  # between two wake-ups: a burst of commits is one
_PATIENCE = 30.0  # how long to wait for news before looking whether the connection still stands
_RETRY = 2.0


class Listener(threading.Thread):
    """A thread that calls `wake` after changes, and once whenever it (re)connects, for what it may have missed."""

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__(name="rollups-listener", daemon=True)
        self._wake = wake
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except Exception as error:  # whatever it is, the thread must live; the timetable drains meanwhile
                log.warning("The listener for changed facts lost its connection: %s", error)
                self._ended.wait(_RETRY)

    def _listen(self) -> None:
        own = psycopg2.connect(**_parameters())
        try:
            own.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with own.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._wake()
            while not self._ended.is_set():
                heard, _, _ = select.select([own], [], [], _PATIENCE)
                if heard:
                    own.poll()
                else:
                    with own.cursor() as cursor:
                        cursor.execute("SELECT 1")
                if own.notifies:
                    own.notifies.clear()
                    self._wake()
                    time.sleep(_PAUSE)
        finally:
            own.close()


def _parameters() -> dict[str, Any]:
    """How Django connects, without its cursor class."""
    found = connection.get_connection_params()
    return {name: value for name, value in found.items() if name not in {"cursor_factory", "context"}}
