from __future__ import annotations

from celery import shared_task

from imports import carrying_out, comparing, services


@shared_task
def run_batch(batch_id: int) -> None:
    services.run_batch(batch_id=batch_id)


@shared_task
def resume_interrupted() -> None:
    services.resume_interrupted()
    comparing.resume_interrupted()


@shared_task
def forget_previews() -> None:
    services.forget_previews()


@shared_task
def run_comparison(pk: int) -> None:
    comparing.run_comparison(pk=pk)


@shared_task
def apply_comparison(pk: int) -> None:
    carrying_out.run_application(pk=pk)
