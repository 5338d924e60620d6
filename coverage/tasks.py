from __future__ import annotations

from celery import shared_task

from coverage import handover_services


@shared_task
def carry_out_hand_overs() -> None:
    """What was planned for today or before: done once, however often it is asked for."""
    handover_services.carry_out_due()
