"""The process that owns the embedded servers of one state folder: `python -m gam.embedded.keeper FOLDER SERVER…`.

One keeper a folder (it holds a lock for life). The servers are its direct children and end with it. It restarts what
dies and stops when nobody holds a lease any more, so nothing is left however the users of the servers ended.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from gam.embedded.errors import ServersError
from gam.embedded.postgres import Cluster
from gam.embedded.processes import end_noted, note, stop
from gam.embedded.valkey import start_valkey, wait_for_valkey
from gam.environment import State

_POLL = 0.1
# A server that dies this often within a minute will not be helped by one more start.
_MOST_RESTARTS = 20


class Keeper:
    """Starts, watches and stops the servers of one state folder."""

    def __init__(self, state: State, servers: list[str], *, fast: bool, remove: bool) -> None:
        self.state = state
        self.servers = servers
        self.fast = fast
        self.remove = remove
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.restarts: list[float] = []
        self.stopping = False
        self.cluster: Cluster | None = None

    def run(self) -> int:
        """The keeper's life. The exit status: 0, or 1 when a server could not be started (its note says why)."""
        if not self._lock():
            return 0
        self._say("starting")
        end_noted(self.state.run / "servers.json")
        try:
            for name in self.servers:
                self._start(name)
            for name in self.servers:
                self._wait(name)
            self._say("ready")
            self._watch()
        except ServersError as error:
            self._stop_all()
            self._say("failed", str(error))
            return 1
        self._stop_all()
        # Found again by its name at the next start; empty folders in a shared place are litter until then.
        shutil.rmtree(self.state.sockets, ignore_errors=True)
        if self.remove:
            shutil.rmtree(self.state.folder, ignore_errors=True)
        return 0

    def _lock(self) -> bool:
        self.lock = os.open(self.state.run / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
        # Those who look whether a keeper runs hold the lock for an instant.
        for _ in range(50):
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                time.sleep(0.01)
        return False

    def _log(self, name: str) -> IO[bytes]:
        path = self.state.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > 20_000_000:
            path.replace(path.with_suffix(".log.1"))
        return open(path, "ab")

    def _start(self, name: str) -> None:
        with self._log(name) as log:
            if name == "postgres":
                self.cluster = self.cluster or Cluster(self.state, fast=self.fast)
                self.children[name] = self.cluster.start(log)
            else:
                self.children[name] = start_valkey(self.state, log, fast=self.fast)
        note(self.state.run / "servers.json", {name: child.pid for name, child in self.children.items()})

    def _wait(self, name: str) -> None:
        if name == "postgres" and self.cluster:
            self.cluster.wait(self.children[name])
            self.cluster.prepare()
        else:
            wait_for_valkey(self.state, self.children[name])

    def _watch(self) -> None:
        lease = os.open(self.state.run / "lease", os.O_RDWR | os.O_CREAT, 0o600)
        while not self.stopping:
            time.sleep(_POLL)
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self._restart(name, child)
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return  # nobody uses the servers; whoever comes now waits until they have stopped
            except BlockingIOError:
                continue

    def _restart(self, name: str, child: subprocess.Popen[bytes]) -> None:
        print(f"{name} ended with status {child.returncode}: starting it again", flush=True)
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 60] + [now]
        if len(self.restarts) > _MOST_RESTARTS:
            raise ServersError(f"{name} keeps ending: see {self.state.logs / name}.log")
        self._start(name)
        self._wait(name)

    def _stop_all(self) -> None:
        self._say("stopping")
        for name, child in self.children.items():
            # SIGINT: PostgreSQL's fast stop, which does not wait for its clients.
            stop(child, by=signal.SIGINT if name == "postgres" else signal.SIGTERM, within=30)
        (self.state.run / "servers.json").unlink(missing_ok=True)

    def _say(self, word: str, message: str = "") -> None:
        told = {"pid": os.getpid(), "state": word, "servers": self.servers, "message": message}
        partial = self.state.run / "keeper.json.new"
        partial.write_text(json.dumps(told), encoding="utf-8")
        partial.replace(self.state.run / "keeper.json")

    def end(self, *_: object) -> None:
        self.stopping = True


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="gam.embedded.keeper")
    parser.add_argument("folder", type=Path)
    parser.add_argument("servers", nargs="+", choices=["postgres", "valkey"])
    parser.add_argument("--fast", action="store_true", help="give up durability: for tests")
    parser.add_argument("--remove", action="store_true", help="remove the state folder at the end")
    given = parser.parse_args(arguments)
    keeper = Keeper(State(given.folder), given.servers, fast=given.fast, remove=given.remove)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, keeper.end)
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
