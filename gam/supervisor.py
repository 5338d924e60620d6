"""The running product: prepares the database, starts web, worker and timetable, keeps them alive, stops them all.

It is started without Django (`manage.py serve`), so that it is up at once and small. Everything it starts ends with
it: orderly on Ctrl-C, SIGTERM and SIGHUP; by the kernel's hand when it is killed; and what might still be there is
ended by the next start.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from gam import environment
from gam.embedded import ServersError, leases, processes
from gam.environment import LOOPBACK, ROOT
from gam.preparation import Preparation, Stopped
from gam.programs import Program, programs

_POLL = 0.1
_READY_WITHIN = 180.0


class Supervisor:
    """The product of one state folder on one port."""

    def __init__(self, *, port: int, demo: bool) -> None:
        self.state = environment.state()
        self.port = port
        self.demo = demo
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.programs = {program.name: program for program in programs(port)}
        self.born: dict[str, float] = {}
        self.quick_ends: dict[str, int] = {}
        self.due: dict[str, float] = {}
        self.stopping = False

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def run(self) -> int:
        """Serve until told to stop. The exit status: 0, or 1 when the product could not start."""
        os.environ["GAM_STATE_DIR"] = str(self.state.folder)
        os.environ["PORT"] = str(self.port)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gam.settings")
        self.state.make()
        if not self._lock():
            print(f"GAM already runs on {self._others_address()}", flush=True)
            return 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        # Under nohup it is to outlive its terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._stop)
        processes.end_noted(self._note)
        if not self._port_is_free():
            print(f"Port {self.port} is taken by another program: choose one with PORT=8001", file=sys.stderr)
            return 1
        try:
            return self._serve()
        except Stopped:
            return 0
        except ServersError as error:
            print(error, file=sys.stderr)
            return 1

    def _serve(self) -> int:
        servers = leases.needed()
        holder = leases.take(self.state)
        try:
            if servers:
                leases.ensure(self.state, servers)
            preparation = Preparation(self.state, is_stopping=lambda: self.stopping)
            preparation.prepare(demo=self.demo)
            for program in self.programs.values():
                self._start(program)
            self._wait_until_ready()
            self._announce(preparation)
            self._watch(servers)
            return 0
        finally:
            self._stop_all()
            print("Stopping …" if servers else "Stopped", flush=True)
            leases.give_back(self.state, holder)

    @property
    def _note(self) -> Path:
        return self.state.run / "programs.json"

    def _lock(self) -> bool:
        self.lock = os.open(self.state.run / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, json.dumps({"pid": os.getpid(), "address": self.address}).encode(), 0)
        return True

    def _others_address(self) -> str:
        try:
            told = json.loads(os.pread(self.lock, 1000, 0))
            return f"{told['address']} (process {told['pid']})"
        except (ValueError, KeyError):
            return "another port"

    def _port_is_free(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, self.port))
            except OSError:
                return False
        return True

    def _log(self, name: str) -> IO[bytes]:
        path = self.state.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > 20_000_000:
            path.replace(path.with_suffix(".log.1"))
        return open(path, "ab")

    def _start(self, program: Program) -> None:
        with self._log(program.name) as log:
            self.children[program.name] = processes.start(
                program.command, death=signal.SIGKILL, output=log, folder=ROOT
            )
        self.born[program.name] = time.monotonic()
        processes.note(self._note, {name: child.pid for name, child in self.children.items()})

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not self.stopping:
            if self._is_ready():
                return
            self._revive()
            if self.quick_ends.get("web", 0) >= 3 or time.monotonic() > deadline:
                raise ServersError(f"The web does not start: see {self.state.logs / 'web.log'}")
            time.sleep(_POLL)
        raise Stopped

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
        try:
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self, preparation: Preparation) -> None:
        print(f"Logs are in {self.state.logs}", flush=True)
        if preparation.has_demo:
            from imports.demo.logins import login_table

            print(f"\nDemo logins (access, e-mail, password):\n\n{login_table()}\n", flush=True)
        print(f"GAM is ready on {self.address}   (Ctrl-C stops it)", flush=True)

    def _watch(self, servers: list[str]) -> None:
        while not self.stopping:
            time.sleep(_POLL)
            if servers and not leases.keeper_runs(self.state):
                print("The servers' keeper ended: started again", flush=True)
                leases.ensure(self.state, servers)
            self._revive()

    def _revive(self) -> None:
        """Start again what has ended: at once, then ever later while it ends soon after each start."""
        now = time.monotonic()
        for name, child in self.children.items():
            if child.poll() is None:
                continue
            if name not in self.due:
                processes.kill_session(child.pid)
                lived = now - self.born[name]
                self.quick_ends[name] = self.quick_ends.get(name, 0) + 1 if lived < 10 else 0
                self.due[name] = now + (min(0.2 * 2 ** self.quick_ends[name], 15.0) if self.quick_ends[name] else 0.0)
                print(f"{name} ended with status {child.returncode}: started again", flush=True)
        for name in [name for name, moment in self.due.items() if moment <= now]:
            del self.due[name]
            self._start(self.programs[name])

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _stop_all(self) -> None:
        running = {name: child for name, child in self.children.items() if child.poll() is None}
        for name, child in running.items():
            child.send_signal(self.programs[name].stop)
        begun = time.monotonic()
        for name, child in self.children.items():
            left = self.programs[name].patience - (time.monotonic() - begun)
            try:
                child.wait(max(left, 0.0))
            except subprocess.TimeoutExpired:
                pass
            processes.kill_session(child.pid)
            child.wait()
        self._note.unlink(missing_ok=True)


def serve(*, port: int | None = None, demo: bool = False) -> int:
    """Run the product in the foreground until it is told to stop."""
    return Supervisor(port=port or environment.port(), demo=demo).run()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the port on 127.0.0.1 (default: PORT, else 8000)")
    parser.add_argument("--demo", action="store_true", help="load the demo data into an empty database first")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py serve")
    add_arguments(parser)
    given = parser.parse_args(arguments)
    return serve(port=given.port, demo=given.demo)
