"""What processes cost while something is measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """Seconds of processor time of the web and all its children, in so many seconds of the clock."""

    web: float = 0.0
    elapsed: float = 1.0


@contextmanager
def cost_of(pids: Mapping[str, int]) -> Iterator[Cost]:
    """Filled in when the block ends."""
    cost, begun, used = Cost(), time.monotonic(), _used(pids["web"])
    yield cost
    cost.web, cost.elapsed = _used(pids["web"]) - used, time.monotonic() - begun


def _used(session: int) -> float:
    """Seconds of processor time of every process in a session."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS
