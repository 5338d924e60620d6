"""Work for the worker. A message only says: look now. A second one changes nothing."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from workspace import scoring


@shared_task
def keep_scores(on: str = "") -> None:
    """The scores of a day (ISO; empty: the business date), into the history."""
    scoring.keep_scores(on=dt.date.fromisoformat(on) if on else None)
