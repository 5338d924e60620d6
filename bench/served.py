"""The product's own processes on the database of a benchmark, and clients that speak HTTP to them."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from gam import environment
from gam.embedded import processes
from gam.environment import LOOPBACK, ROOT
from gam.programs import programs
from tests.plugin import wait_until
from users.models import User


@contextmanager
def product(port: int, names: Collection[str]) -> Iterator[dict[str, int]]:
    """The programs of these names as the supervisor starts them, once the web answers; their process ids."""
    around = {**os.environ, "PORT": str(port), "DJANGO_SETTINGS_MODULE": "gam.settings"}
    log = open(environment.state().logs / "bench.log", "ab")  # noqa: SIM115  as long as its writers
    children: dict[str, subprocess.Popen[bytes]] = {
        program.name: processes.start(
            program.command, death=signal.SIGKILL, output=log, environment=around, folder=ROOT
        )
        for program in programs(port)
        if program.name in names
    }
    try:
        assert wait_until(lambda: _is_up(port), within=30), "the web does not start"
        yield {name: child.pid for name, child in children.items()}
    finally:
        for child in children.values():
            processes.stop(child, by=signal.SIGTERM, within=5)
        log.close()


def _is_up(port: int) -> bool:
    try:
        return Client(port).get("/healthz").status == 200
    except OSError:
        return False


class Answer:
    """What came back, read to its end. `first` and `seconds`: to the head of the answer, and to its last byte."""

    def __init__(self, status: int, body: bytes, first: float, seconds: float) -> None:
        self.status, self.body, self.first, self.seconds = status, body, first, seconds


class Client:
    """One reader with a connection that is kept, as a browser's is."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=120)
        self._headers = {"Host": "localhost", **(headers or {})}

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        try:
            return self._asked(method, path, body)
        except (http.client.RemoteDisconnected, ConnectionError):  # closed at the other side while nothing was asked
            self._connection.close()
            return self._asked(method, path, body)

    def _asked(self, method: str, path: str, body: str | None) -> Answer:
        begun = time.perf_counter()
        self._connection.request(method, path, body=body, headers=self._headers)
        answer = self._connection.getresponse()
        first = time.perf_counter() - begun
        return Answer(answer.status, answer.read(), first, time.perf_counter() - begun)


def cookie_of(user: User, port: int) -> str:
    """The session cookie of somebody who has signed in at the product on `port`."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"gam_session_{port}={store.session_key}"
