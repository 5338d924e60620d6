"""The long-running processes of the product, as the supervisor starts them."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

from gam.environment import LOOPBACK


@dataclass(frozen=True)
class Program:
    """One of our processes: its command, and how long it may take to end by itself once asked."""

    name: str
    command: tuple[str, ...]
    patience: float = 8.0
    stop: signal.Signals = signal.SIGTERM


def programs(port: int) -> list[Program]:
    """Web, workers and timetable. Each logs to its own file; none of them forks away.

    `drains` brings roll-ups up to date and does nothing else, so that no long import or check stands before it.
    """
    celery = (sys.executable, "-m", "celery", "-A", "gam")
    return [
        Program("web", (sys.executable, "-m", "gunicorn", "gam.wsgi:application", *_gunicorn(port))),
        Program("worker", (*celery, "worker", "--queues", "celery", "--hostname", "worker@%h", *_WORKERS)),
        Program("drains", (*celery, "worker", "--queues", "rollups", "--hostname", "drains@%h", *_WORKERS)),
        Program("beat", (*celery, "beat", "--pidfile", ""), patience=3.0),
    ]


# They have nothing to tell each other: no need to greet others or to listen for their hearts.
_WORKERS = ("--concurrency", "2", "-O", "fair", "--without-gossip", "--without-mingle", "--without-heartbeat")


def _gunicorn(port: int) -> list[str]:
    return [
        "--config", "python:gam.web",
        "--bind", f"{LOOPBACK}:{port}",
        "--worker-class", "gam.web.Worker",
        "--workers", "2",
        "--threads", "8",
        "--timeout", "60",
        "--graceful-timeout", "5",
        "--preload",
        "--no-control-socket",
    ]  # fmt: skip
