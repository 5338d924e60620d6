"""Work for the worker. A message only says: look now. A second one changes nothing, and what a killed one left is done."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from coverage import handover_services, proposal_services, scoring


@shared_task
def carry_out_hand_overs() -> None:
    """What was planned for today or before: done once, however often it is asked for."""
    handover_services.carry_out_due()


@shared_task
def keep_scores(on: str = "") -> None:
    """The alignment of every account on a day (ISO; empty: the business date), into the history."""
    scoring.keep_scores(on=dt.date.fromisoformat(on) if on else None)


@shared_task
def run_proposal(pk: int) -> None:
    proposal_services.run_proposal(pk=pk)


@shared_task
def resume_proposals() -> None:
    proposal_services.resume_interrupted()
