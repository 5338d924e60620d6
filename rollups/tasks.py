"""Work for the worker. What is to be done stands in the database; a message only says: look now. So a lost, doubled or
late message changes nothing, and a killed worker leaves its keys in the queue."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task, signals
from django.db import DatabaseError

from rollups import forecast_freezing, services
from rollups.listener import Listener

log = logging.getLogger(__name__)

QUEUE = "rollups"  # a drain must not wait behind an import or a check
_WORTH_SECONDS = 5  # a wake-up that old has been overtaken by the timetable's


@shared_task
def drain() -> None:
    """Bring the roll-ups up to date, together with whoever else is at it."""
    if services.has_work():
        services.drain(wait=False)


@shared_task
def drain_again() -> None:
    """The same for a person who does not want to wait: also what failed a moment ago. What fails again is in the record."""
    try:
        services.drain(wait=True)
    except DatabaseError:
        log.exception("A drain that somebody asked for failed")


@shared_task
def verify() -> None:
    """The nightly check; its run keeps the result."""
    services.verify()


@shared_task
def freeze_forecast() -> None:
    """Take this week's snapshot of the forecast, when it is due and not there."""
    forecast_freezing.freeze_due()


@shared_task
def rebuild() -> None:
    """Everything again from the facts, asked for by a person."""
    services.rebuild()


@shared_task
def tidy() -> None:
    """Notice runs whose process died, forget old batches."""
    services.tidy()


def wake() -> None:
    """Ask any worker to drain now."""
    drain.apply_async(expires=_WORTH_SECONDS)


@signals.worker_ready.connect
def _listen(sender: Any, **_: Any) -> None:
    """Wake up as soon as a transaction that touched facts commits; the timetable is the fallback. One worker listens: the one
    whose work it is."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        Listener(wake).start()
