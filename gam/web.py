"""What gunicorn calls in its processes (its options stand in `programs.py`)."""

from __future__ import annotations

import signal
from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # gunicorn has no types

from gam.embedded.processes import dies_with_parent_now


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's threaded worker, from which a request may take its connection (`core.streams`)."""

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        if conn.sock.fileno() < 0:
            self.nr_conns -= 1
            return
        super().finish_request(conn, fs)


def post_fork(_server: Any, _worker: Any) -> None:
    """A worker whose master was killed must give the port back at once, for the master's successor."""
    dies_with_parent_now(signal.SIGKILL)
