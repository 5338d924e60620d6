"""Readers with open dashboards, in a process of their own: `python -m bench.readers`, told by one line of JSON what to open.

Each reader behaves as a page in a browser does: it opens the page with its session's cookie, then either holds the stream of
news that the page names and fetches when told, or polls. What is noted is when which figure had been received.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
import zlib
from dataclasses import dataclass, field
from html import unescape
from typing import Any

_LINE = re.compile(r'id="freshness"[^>]*?hx-get="([^"]+)"')
_STREAM = re.compile(r'data-news="([^"]+)"')
_FIGURE = re.compile(r'class="tile-figure">(.*?)</div>', re.DOTALL)
_REST = re.compile(r'data-rest="([^"]+)"')
_LATER = re.compile(r'id="later-[^>]*?hx-get="([^"]+)"')
_FIGURES_FIRST, _LEAST_PERIOD, _MOST_PERIOD, _TIMES_AS_LONG = 1.5, 3.0, 48.0, 30  # as in live.js
_PART_EACH, _REST_EACH = 0.2, 0.05
_TOGETHER = 10  # pages that are opened at a time, before the measurement


@dataclass
class Reader:
    """One open page. `seen` are the moments (monotonic) at which a figure was there, with its markup; `polls` in seconds."""

    port: int
    cookie: str
    path: str
    polls: float | None
    seen: list[tuple[float, str]] = field(default_factory=list)
    requests: int = 0
    errors: int = 0
    fresh: str = ""
    stream: str = ""
    later: list[str] = field(default_factory=list)
    _took: float = 0.0
    _told: int = 1
    _following: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _rest: str = ""
    _resting: asyncio.Task[None] | None = None
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        body = await self._get(self.path)
        self._take(body)
        found = _STREAM.search(body)
        self.stream = unescape(found[1]) if found else ""
        self.later = [unescape(url) for url in _LATER.findall(body)]
        await asyncio.gather(*(self._part(url, 0.0) for url in self.later))

    async def live(self) -> None:
        """Until cancelled."""
        if self.polls is not None or not self.stream:
            await self._poll(self.polls or 1.0)
        while True:
            await self._listen()
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311  spread, nothing secret

    async def _poll(self, every: float) -> None:
        await asyncio.sleep(random.uniform(0, every))  # noqa: S311  spread, nothing secret
        while True:
            begun = time.monotonic()
            await self._fetch()
            await asyncio.sleep(max(0.0, every - (time.monotonic() - begun)))

    async def _listen(self) -> None:
        source, sink = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            sink.write(self._head(self.stream, "Accept: text/event-stream\r\n"))
            while line := await source.readline():
                if line.startswith(b"event: news"):
                    self._told = int((await source.readline()).removeprefix(b"data:"))
                    await self._fetch()
        finally:
            sink.close()

    async def _fetch(self) -> None:
        body = await self._get(self.fresh, "HX-Request: true\r\nHX-Target: freshness\r\n")
        self._take(body)
        rest = _REST.search(body)
        if rest:
            self._rest = unescape(rest[1])
            if self._resting is None or self._resting.done():
                self._resting = asyncio.create_task(self._fetch_rest())
        elif body:
            self._after_figures()

    async def _fetch_rest(self) -> None:
        """Where all figures take long, those that are not in the tiles."""
        await asyncio.sleep(_until_turn(self.path, _REST_EACH * self._told))
        self._take(await self._get(self._rest, "HX-Request: true\r\nHX-Target: freshness\r\n"))
        self._after_figures()

    def _after_figures(self) -> None:
        least = max(_PART_EACH * self._told, _TIMES_AS_LONG * self._took)
        for url in self.later:
            if url not in self._following or self._following[url].done():
                self._following[url] = asyncio.create_task(self._part(url, _until_turn(url, least)))

    async def _part(self, url: str, wait: float) -> None:
        """What the page loads after its figures."""
        await asyncio.sleep(wait)
        begun, again = time.monotonic(), _FIGURES_FIRST
        while not await self._get(url, "HX-Request: true\r\n"):  # too many wait for such parts already
            await asyncio.sleep(again * (1 + random.random()))  # noqa: S311  spread, nothing secret
            again = min(_MOST_PERIOD / 2, 2 * again)
        if wait:  # what a page loads when it is opened is not counted
            self._took = max(self._took / 2, time.monotonic() - begun)

    def _take(self, body: str) -> None:
        if line := _LINE.search(body):
            self.fresh = unescape(line[1])
        if figure := _FIGURE.search(body):
            self.seen.append((time.monotonic(), figure[1]))

    def _head(self, path: str, more: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n{more}\r\n".encode()

    async def _get(self, path: str, more: str = "") -> str:
        self.requests += 1
        for _ in range(2):  # the server may have closed a connection that was kept
            try:
                source, sink = self._streams or await asyncio.open_connection("127.0.0.1", self.port)
                self._streams = None
                sink.write(self._head(path, more))
                status, body, is_kept = await _answer(source)
            except (OSError, asyncio.IncompleteReadError, IndexError):
                continue
            if is_kept:
                self._streams = (source, sink)
            else:
                sink.close()
            if status not in (200, 204):
                self.errors += 1
                return ""
            return body
        self.errors += 1
        return ""


def _until_turn(what: str, least: float) -> float:
    """Seconds until it is the turn of `what`, in a period that holds so many of them."""
    period = _LEAST_PERIOD
    while period < least and period < _MOST_PERIOD:
        period *= 2
    place = zlib.crc32(what.encode()) / 2**32
    since = (time.time() + _FIGURES_FIRST - place * period) % period
    return _FIGURES_FIRST + period - since


async def _answer(source: asyncio.StreamReader) -> tuple[int, str, bool]:
    head = (await source.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split()[1])
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines()[1:])}
    body = b""
    if "content-length" in fields:
        body = await source.readexactly(int(fields["content-length"]))
    elif fields.get("transfer-encoding") == "chunked":
        while size := int(await source.readline(), 16):
            body += (await source.readexactly(size + 2))[:-2]
        await source.readline()
    return status, body.decode(), fields.get("connection", "").lower() != "close"


async def _opened(readers: list[Reader]) -> None:
    gate = asyncio.Semaphore(_TOGETHER)

    async def one(reader: Reader) -> None:
        async with gate:
            await reader.open()

    await asyncio.gather(*(one(reader) for reader in readers))


async def _run() -> None:
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    readers = [Reader(told["port"], cookie, path, told["polls"]) for cookie, path in told["readers"]]
    await _opened(readers)
    living = [asyncio.create_task(reader.live()) for reader in readers]
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    for task in living:
        task.cancel()
    ended = await asyncio.gather(*living, return_exceptions=True)
    broken = [repr(end) for end in ended if isinstance(end, Exception)]
    rows = [{"path": r.path, "seen": r.seen, "requests": r.requests, "errors": r.errors} for r in readers]
    print(json.dumps({"readers": rows, "broken": broken}), flush=True)


if __name__ == "__main__":
    asyncio.run(_run())
