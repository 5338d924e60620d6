"""Kills processes of one running product, and only those: they are found by what its supervisor and keeper noted."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import redis

from gam import environment


class Killer:
    """Every kill is a SIGKILL. Counts what it did."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._done: Counter[str] = Counter()

    def said(self) -> str:
        return "killed " + ", ".join(f"{name} {times}×" for name, times in sorted(self._done.items()))

    def kill_a_worker(self) -> None:
        """A whole worker, or one process of its pool."""
        name = self._chance.choice(["worker", "drains", "drains"])
        pid = self._pid("programs", name)
        if (children := _children(pid)) and self._chance.random() < 0.5:
            name, pid = f"a process of {name}", self._chance.choice(children)
        self._kill(name, pid)

    def empty_and_kill_the_broker(self) -> None:
        """Everything in it is gone; then it dies and comes back from its file."""
        client = redis.Redis.from_url(environment.redis_url())
        client.flushall()
        client.close()
        self._done["broker emptied"] += 1
        time.sleep(2)
        self._kill("broker", self._pid("servers", "valkey"))

    def kill_the_database(self) -> None:
        self._kill("database", self._pid("servers", "postgres"))

    def _pid(self, note: str, name: str) -> int:
        """The process noted under a name; waits while it is between two lives."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                pid, _ = json.loads((self._folder / "run" / f"{note}.json").read_text(encoding="utf-8"))[name]
                if Path(f"/proc/{pid}").exists():
                    return int(pid)
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{name} was not started again within 30 seconds")

    def _kill(self, name: str, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._done[name] += 1


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
