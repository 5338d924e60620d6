"""Work for the worker. A message only says: look now. A second one changes nothing."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from workspace import digest_services, scoring


@shared_task
def keep_scores(on: str = "") -> None:
    """The scores of a day (ISO; empty: the business date), into the history."""
    scoring.keep_scores(on=dt.date.fromisoformat(on) if on else None)


@shared_task
def send_digests() -> None:
    """What is due now, and what an earlier call left undone: one of a day to a reader, however often it is asked for."""
    digest_services.send_digests()
