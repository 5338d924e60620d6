"""Starting the real product in a folder of its own, and looking at what runs for it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gam.environment import ROOT, State
from tests.plugin import wait_until

_OURS = ("GAM_", "DATABASE_", "REDIS_URL", "PORT", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "PYTEST_", "PYTHONPATH")


def clean_environment(**more: str) -> dict[str, str]:
    """The caller's environment without anything that says where the product keeps its state."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the product on the state in `folder`, from another working folder than the checkout."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env=clean_environment(GAM_STATE_DIR=str(folder), **environment),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process that was started for this state folder: pid and command line."""
    needle = os.fsencode(os.path.realpath(folder))
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            around = (entry / "environ").read_bytes()
        except OSError:
            continue
        ends = (b"\0", b"/", b"")
        texts = [word for word in (command + b"\0" + around).split(b"\0") if needle in word]
        if command and any(word.partition(needle)[2][:1] in ends for word in texts):
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


@dataclass
class Product:
    """The product, served from the state in `folder` until it is stopped."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    supervisor: subprocess.Popen[str] | None = None

    @property
    def state(self) -> State:
        return State(Path(os.path.realpath(self.folder)))

    def start(self) -> Product:
        with open(self.folder.parent / f"{self.folder.name}.out", "w") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(self.port)],
                env=clean_environment(GAM_STATE_DIR=str(self.folder), **self.environment),
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        assert wait_until(lambda: "is ready" in self.said() or self.has_ended(), within=90), self.said()
        assert not self.has_ended(), self.said()
        return self

    def has_ended(self) -> bool:
        return self.supervisor is not None and self.supervisor.poll() is not None

    def said(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.out").read_text(encoding="utf-8")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; the supervisor's exit status."""
        assert self.supervisor
        self.supervisor.send_signal(number)
        return self.supervisor.wait(40)

    def status(self, path: str = "/readyz") -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def pid(self, name: str) -> int:
        """The process that has this name now, 0 between two lives."""
        note = {"postgres": "servers", "valkey": "servers", "keeper": "keeper"}.get(name, "programs")
        try:
            told: dict[str, Any] = json.loads((self.state.run / f"{note}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0
        return int(told["pid"] if name == "keeper" else told.get(name, [0])[0])
