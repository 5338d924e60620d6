"""Work for the worker. A message only says: look now. A second one changes nothing, and what a killed one left is done."""

from __future__ import annotations

from celery import shared_task

from pipeline import lead_score_services


@shared_task
def keep_lead_scores() -> None:
    """The scores of all leads on the business date, into their history, where they changed."""
    lead_score_services.keep_lead_scores()
