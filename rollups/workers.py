"""The workers behind the queue: who answers, and handing them work by a task's name."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

#: Seconds to wait for answers.
PATIENCE = 1.0


def alive() -> list[str]:
    """The names of the workers that answer now; none when the broker can't be reached."""
    try:
        answers = current_app.control.ping(timeout=PATIENCE) or []
    except OperationalError:
        log.warning("the broker does not answer")
        return []
    return sorted(name for answer in answers for name in answer)


def start(task: str) -> None:
    """Put a task without arguments into the queue."""
    current_app.send_task(task)
