"""One Valkey of ours: broker, cache and the channel of live figures. It listens on a socket and writes an append-only file."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import IO

import redis

from gam.embedded.binaries import find_valkey
from gam.embedded.errors import ServersError
from gam.embedded.postgres import private_folder, socket_folder
from gam.embedded.processes import start
from gam.environment import State

DATABASES = 64


def start_valkey(state: State, log: IO[bytes], *, fast: bool = False) -> subprocess.Popen[bytes]:
    """Start the server of `state` as our child."""
    folder = state.folder / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    socket_folder(state)
    private_folder(state.valkey_socket.parent)
    options = {
        "port": "0",
        "unixsocket": str(state.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "databases": str(DATABASES),
        "appendonly": "no" if fast else "yes",
        "save": "" if fast else "300 100",
        # A broker must refuse a task rather than forget one.
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    words = [str(find_valkey())]
    for name, value in options.items():
        words += [f"--{name}", value]
    return start(words, death=signal.SIGTERM, output=log, folder=folder)


def wait_for_valkey(state: State, child: subprocess.Popen[bytes], *, within: float = 30.0) -> None:
    """Return once it answers. Raises ServersError when it ends or takes too long."""
    client = redis.Redis(unix_socket_path=str(state.valkey_socket), socket_timeout=5)
    deadline = time.monotonic() + within
    while True:
        try:
            client.ping()
            client.close()
            return
        except redis.RedisError as error:
            if child.poll() is not None:
                raise ServersError(f"Valkey ended at its start: see {state.logs / 'valkey.log'}") from error
            if time.monotonic() > deadline:
                raise ServersError(f"Valkey does not answer: {error}") from error
        time.sleep(0.02)
