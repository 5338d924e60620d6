from __future__ import annotations

from celery import shared_task


@shared_task
def run_batch(batch_id: int) -> None:
    from imports import services  # services enqueues this task

    services.run_batch(batch_id=batch_id)


@shared_task
def resume_interrupted() -> None:
    from imports import services  # as above

    services.resume_interrupted()
