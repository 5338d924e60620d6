"""Streams of server-sent events without a thread each: one thread of a web process holds the connections of all readers.

A view answers with `NewsStream`; `gam.wsgi` then takes the connection out of the server's hands and gives it to `Streams`. Nothing
is ever sent but the word that there is news, to how many: what it is, the page asks for as every page does, with the reader's rights.
"""

from __future__ import annotations

import logging
import os
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse

log = logging.getLogger(__name__)

#: How many streams one process holds; more are refused, and their pages ask from time to time.
MOST: Final = 5_000
_BEAT = 20.0  # seconds between signs of life, which show dead connections and keep proxies from closing living ones
_LIFE = (600.0, 900.0)  # seconds until a stream is ended; the page opens another, and is asked again who it is
_AT_ONCE, _STEP = 10, 0.03  # so many readers are told, then the next: their requests must not shut out everybody else's
_ALIVE: Final = b":\n\n"


class NewsStream(HttpResponse):
    """The answer that becomes a stream. Where the server can't give its connection away it ends at once, and says to come
    again later."""

    def __init__(self) -> None:
        super().__init__(b"retry: 30000\n\n", content_type="text/event-stream")
        self["Cache-Control"] = "no-store"
        self["X-Accel-Buffering"] = "no"


@dataclass
class _Held:
    connection: socket.socket
    until: float


class Streams(threading.Thread):
    """Holds connections and tells them that there is news."""

    def __init__(self) -> None:
        super().__init__(name="streams", daemon=True)
        self._selector = selectors.DefaultSelector()
        self._heard, self._bell = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(self._bell, False)
        self._selector.register(self._heard, selectors.EVENT_READ)
        self._new: deque[socket.socket] = deque()
        self._has_news = False
        self._held: dict[int, _Held] = {}
        self._untold: deque[int] = deque()
        self._told_next = 0.0

    def __len__(self) -> int:
        return len(self._held) + len(self._new)

    def hold(self, connection: socket.socket) -> None:
        """Take a connection whose head has been sent. It is told once, for what came before it was held."""
        self._new.append(connection)
        self._ring()

    def tell(self) -> None:
        """There is news for everybody."""
        self._has_news = True
        self._ring()

    def _ring(self) -> None:
        try:
            os.write(self._bell, b"!")
        except BlockingIOError:
            pass  # it rings already

    def run(self) -> None:
        beat = time.monotonic() + _BEAT
        while True:
            try:
                self._turn(beat - time.monotonic())
                if time.monotonic() >= beat:
                    beat = time.monotonic() + _BEAT
                    self._show_life()
            except Exception:  # the thread must live: every open page depends on it
                log.exception("A turn of the streams failed")
                time.sleep(1)

    def _turn(self, patience: float) -> None:
        if self._untold:
            patience = min(patience, self._told_next - time.monotonic())
        for key, _ in self._selector.select(max(patience, 0)):
            if key.fd == self._heard:
                os.read(self._heard, 4096)
            else:
                self._listen_to(key.fd)
        while self._new:
            self._take(self._new.popleft())
        if self._has_news:
            self._has_news = False
            self._untold = deque(random.sample(list(self._held), len(self._held)))
        if self._untold and time.monotonic() >= self._told_next:
            self._told_next = time.monotonic() + _STEP
            for _ in range(min(_AT_ONCE, len(self._untold))):
                self._send(self._untold.popleft(), self._news())

    def _news(self) -> bytes:
        """The word that there is news, with the number of those who hear it: whoever asks for much takes her time by it."""
        return b"event: news\ndata:%d\n\n" % len(self._held)

    def _take(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        life = random.uniform(*_LIFE)  # noqa: S311  so that streams opened together don't end together
        self._held[connection.fileno()] = _Held(connection, time.monotonic() + life)
        self._selector.register(connection, selectors.EVENT_READ)
        self._send(connection.fileno(), self._news())

    def _listen_to(self, fd: int) -> None:
        """A reader has nothing to say: what comes is the end."""
        try:
            if self._held[fd].connection.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._drop(fd)

    def _send(self, fd: int, words: bytes) -> None:
        if fd not in self._held:
            return
        try:
            whole = self._held[fd].connection.send(words) == len(words)
        except OSError:
            whole = False
        if not whole:  # gone, or so slow that it has not read the last words: it opens another
            self._drop(fd)

    def _show_life(self) -> None:
        now = time.monotonic()
        for fd, held in list(self._held.items()):
            if held.until < now:
                self._drop(fd)
            else:
                self._send(fd, _ALIVE)

    def _drop(self, fd: int) -> None:
        held = self._held.pop(fd)
        self._selector.unregister(fd)
        held.connection.close()


def take_over(response: NewsStream, environ: Mapping[str, Any], streams: Streams) -> bool:
    """Move the connection of a request from the server to `streams`, its head sent. False where that can't be: the server
    gives no socket, the connection carries other requests too (HTTP/2), or too many are held."""
    given = environ.get("gunicorn.socket")
    if given is None or environ.get("HTTP_VERSION") == "2" or len(streams) >= MOST:
        return False
    fields = [*response.items(), *(("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values())]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if name.lower() != "content-length")
    connection = socket.socket(fileno=given.detach())
    try:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\nretry: 1000\n\n".encode("latin-1"))
    except OSError:
        connection.close()
        return True
    streams.hold(connection)
    return True
