"""What gunicorn calls in its processes (its options stand in `programs.py`)."""

from __future__ import annotations

import signal
from typing import Any

from gam.embedded.processes import dies_with_parent_now


def post_fork(_server: Any, _worker: Any) -> None:
    """A worker whose master was killed must give the port back at once, for the master's successor."""
    dies_with_parent_now(signal.SIGKILL)
