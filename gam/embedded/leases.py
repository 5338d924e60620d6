"""Using the embedded servers: a command holds a lease; they run as long as anyone holds one.

A lease is a shared lock on a file, so the kernel gives it back however its holder ends. The keeper (`keeper.py`)
takes the same lock exclusively when nobody holds it any more, keeps it while it stops the servers, and ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gam import environment
from gam.embedded.errors import ServersError
from gam.environment import ROOT, State

_START_TIMEOUT = 120.0
_STOP_TIMEOUT = 60.0
# The keepers that this process started: children must be waited for, however long they outlive their use here.
_started: list[subprocess.Popen[bytes]] = []


def needed() -> list[str]:
    """Which of the servers are ours to run under the present environment."""
    wanted = {"postgres": environment.database_is_embedded(), "valkey": environment.broker_is_embedded()}
    return [name for name, is_wanted in wanted.items() if is_wanted]


@contextmanager
def lease(state: State | None = None) -> Iterator[None]:
    """Keep the servers running for the block: attach to those that run, or have them started.

    When the block ends and nobody else uses them, it returns once they have stopped. Raises ServersError.
    """
    state = state or environment.state()
    servers = needed()
    if not servers:
        yield
        return
    _check_writable(state)
    holder = take(state)
    try:
        ensure(state, servers)
        yield
    finally:
        give_back(state, holder)


def take(state: State) -> int:
    """Take a lease; waits while servers of an earlier use are being stopped."""
    state.make()
    holder = os.open(state.run / "lease", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(holder, fcntl.LOCK_SH)
    return holder


def give_back(state: State, holder: int) -> None:
    """Return a lease; when it was the last, wait for the servers to stop."""
    fcntl.flock(holder, fcntl.LOCK_UN)
    try:
        if not _is_last(state, holder):
            return
        deadline = time.monotonic() + _STOP_TIMEOUT
        while keeper_runs(state) and time.monotonic() < deadline:
            time.sleep(0.02)
        _started[:] = [keeper for keeper in _started if keeper.poll() is None]
    finally:
        os.close(holder)


def _is_last(state: State, holder: int) -> bool:
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Somebody holds it: another user, or the keeper that is stopping for want of users.
        return read_note(state).get("state") == "stopping"
    fcntl.flock(holder, fcntl.LOCK_UN)
    return True


def keeper_runs(state: State) -> bool:
    """Whether a keeper of this state folder is alive: it holds its lock for life."""
    try:
        probe = os.open(state.run / "keeper.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(probe)
    return False


def read_note(state: State) -> dict[str, Any]:
    """What the keeper last wrote of itself: `pid`, `state` (starting, ready, failed, stopping), `servers`, `message`."""
    try:
        note = json.loads((state.run / "keeper.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def ensure(state: State, servers: list[str], *flags: str) -> None:
    """Return once the servers answer, after starting a keeper (with `flags`) if none runs. The caller holds a lease."""
    deadline = time.monotonic() + _START_TIMEOUT
    keeper: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        note = read_note(state) if keeper_runs(state) else {}
        if note.get("state") == "ready":
            if missing := set(servers) - set(note["servers"]):
                raise ServersError(f"{', '.join(sorted(missing))} not kept by the running servers: stop them first")
            if _answers(state, servers):
                return
        elif not note and (keeper is None or keeper.poll() is not None):
            if keeper is not None and keeper.returncode:
                raise ServersError(str(read_note(state).get("message") or f"see {state.logs / 'keeper.log'}"))
            keeper = _start_keeper(state, servers, *flags)
        time.sleep(0.02)
    raise ServersError(f"the embedded servers do not start: see {state.logs}")


def _start_keeper(state: State, servers: list[str], *flags: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "gam.embedded.keeper", str(state.folder), *servers, *flags]
    with open(state.logs / "keeper.log", "ab") as log:
        keeper = subprocess.Popen(
            words,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches every process of the terminal's group; the servers must outlast those who use them.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    _started.append(keeper)
    return keeper


def _answers(state: State, servers: list[str]) -> bool:
    places: dict[str, Path] = {
        "postgres": state.postgres_sockets / ".s.PGSQL.5432",
        "valkey": state.valkey_socket,
    }
    for name in servers:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(5)
            try:
                probe.connect(str(places[name]))
            except OSError:
                return False
    return True


def _check_writable(state: State) -> None:
    folder = state.folder
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ServersError(f"{state.folder} can't be written by this user: set GAM_STATE_DIR to a folder of yours")
