"""Hearing from PostgreSQL that facts or figures changed, within milliseconds of the commit."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg2
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

log = logging.getLogger(__name__)

#: Facts changed: sent by triggers, for whoever drains.
FACTS: Final = "gam_rollups"
#: A run ended, well or not: sent with its record, for whoever shows figures.
FIGURES: Final = "gam_figures"

_PAUSE = 0.05  # after a wake-up: a burst of commits is one
_PATIENCE = 30.0  # how long to wait for news before looking whether the connection still stands
_RETRY = 1.0


class Listener(threading.Thread):
    """A thread that calls `wake` after news on a channel, and once whenever it (re)connects, for what it may have missed."""

    def __init__(self, wake: Callable[[], None], channel: str = FACTS) -> None:
        super().__init__(name=f"listener-{channel}", daemon=True)
        self._wake = wake
        self._channel = channel
        self._ended = threading.Event()

    def stop(self) -> None:
        self._ended.set()

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except Exception as error:  # whatever it is, the thread must live; others look from time to time meanwhile
                log.warning("The listener on %s lost its connection: %s", self._channel, error)
                self._ended.wait(_RETRY)

    def _listen(self) -> None:
        own = psycopg2.connect(**_parameters())
        try:
            own.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with own.cursor() as cursor:
                cursor.execute(f"LISTEN {self._channel}")
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
