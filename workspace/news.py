"""Telling open pages that figures changed: PostgreSQL tells each web process, which tells the pages whose streams it holds."""

from __future__ import annotations

import threading

from core.streams import Streams
from rollups.listener import FIGURES, Listener

_lock = threading.Lock()
_streams: Streams | None = None


def streams() -> Streams:
    """The streams of this process; they and their listener start with the first reader, so that no fork comes after."""
    global _streams  # noqa: PLW0603  one a process
    with _lock:
        if _streams is None:
            _streams = Streams()
            _streams.start()
            Listener(_streams.tell, FIGURES).start()
        return _streams
