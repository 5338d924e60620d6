"""The job page: who sees it, what it says, and that its buttons put work into the queue."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from core import clock
from rollups import jobs, services, tasks
from rollups.measures import BUCKETS
from rollups.models import Run
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db


def client_of(access: Access) -> Client:
    client = Client()
    client.force_login(make.UserFactory(access=access))
    return client


def page(access: Access = Access.ADMINISTRATOR) -> str:
    return unescape(client_of(access).get("/jobs/").content.decode())


def test_only_those_who_may_see_jobs_see_them() -> None:
    allowed = {access for access in Access if client_of(access).get("/jobs/").status_code == 200}
    assert allowed == {Access.ADMINISTRATOR, Access.EXECUTIVE}


def test_it_shows_what_ran_and_what_waits() -> None:
    services.rebuild()
    make.RevenueEntryFactory()
    html = page()
    assert "Rebuild" in html
    assert "Catching up" in html
    services.drain()
    assert "Up to date" in page()


def test_a_check_says_how_many_cells_differ() -> None:
    assert "not checked yet" in page()
    services.verify()
    assert "cells differ, checked" in page()


def test_a_failure_is_shown_with_its_error_and_a_way_to_try_again() -> None:
    Run.objects.create(
        kind=Run.Kind.DRAIN, state=Run.Outcome.FAILED, started_at=clock.now(), finished_at=clock.now(),
        error="Traceback\nValueError: out of patience",
    )  # fmt: skip
    html = page()
    assert "ValueError: out of patience" in html
    assert "Try again now" in html
    assert "Try again now" not in page(Access.EXECUTIVE)


@pytest.mark.parametrize(("kind", "task"), [("verify", "verify"), ("rebuild", "rebuild"), ("drain", "drain_again")])
def test_a_button_puts_work_into_the_queue(
    kind: str,
    task: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("rollups.workers.current_app.send_task", sent.append)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # a context manager
        assert client_of(Access.ADMINISTRATOR).post(f"/jobs/run/{kind}/").status_code == 302
    assert sent == [f"rollups.tasks.{task}"]


def test_the_tasks_of_the_buttons_are_there() -> None:
    from gam.celery import app
    from rollups.job_lists import TASKS

    app.loader.import_default_modules()
    assert {name for name, _words in TASKS.values()} <= set(app.tasks)


def run_of(kind: str, state: str, **more: Any) -> Run:
    at = clock.now()
    return Run.objects.create(**{"kind": kind, "state": state, "started_at": at, "finished_at": at} | more)


@pytest.mark.parametrize(
    ("kind", "task"),
    [("drain", "drain_again"), ("as_of", "drain_again"), ("rebuild", "rebuild"), ("verify", "verify")],
)
def test_a_failed_run_is_tried_again(
    kind: str, task: str, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("rollups.workers.current_app.send_task", sent.append)
    run = run_of(kind, Run.Outcome.LOST)
    assert f'action="/jobs/runs/{run.pk}/again/"' in page()
    assert "/again/" not in page(Access.EXECUTIVE)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # a context manager
        assert client_of(Access.ADMINISTRATOR).post(f"/jobs/runs/{run.pk}/again/").status_code == 302
    assert sent == [f"rollups.tasks.{task}"]


def test_what_a_later_run_has_done_needs_no_second_try() -> None:
    run = run_of("drain", Run.Outcome.FAILED, bucket=3)
    run_of("drain", Run.Outcome.DONE, bucket=4)
    assert "/again/" in page()
    run_of("drain", Run.Outcome.DONE, bucket=3)
    assert "Done by a later run" in page()
    assert "/again/" not in page()
    assert client_of(Access.ADMINISTRATOR).post(f"/jobs/runs/{run.pk}/again/").status_code == 404


def test_only_failures_are_tried_again() -> None:
    run = run_of("rebuild", Run.Outcome.DONE)
    assert client_of(Access.ADMINISTRATOR).post(f"/jobs/runs/{run.pk}/again/").status_code == 404
    failed = run_of("rebuild", Run.Outcome.FAILED)
    assert client_of(Access.EXECUTIVE).post(f"/jobs/runs/{failed.pk}/again/").status_code == 403


def test_a_person_need_not_wait_until_a_failed_bucket_is_tried_again() -> None:
    services.rebuild()
    entry = make.RevenueEntryFactory()
    run_of("drain", Run.Outcome.FAILED, bucket=entry.account_id % BUCKETS)
    tasks.drain()
    assert services.has_work()
    tasks.drain_again()
    assert not services.has_work()


def test_what_waits_is_shown_by_bucket_with_its_age_and_whether_it_fails() -> None:
    services.rebuild()
    assert "What waits" not in page()
    entry = make.RevenueEntryFactory()
    bucket = entry.account_id % BUCKETS
    waiting = jobs.job_health(viewer=make.UserFactory(access=Access.EXECUTIVE)).waiting  # type: ignore[union-attr]
    assert [(row.bucket, row.waiting, row.is_failing) for row in waiting] == [(bucket, 1, False)]
    assert "What waits" in page()
    run_of("drain", Run.Outcome.FAILED, bucket=bucket)
    assert "Failing" in page()


def test_a_rebuild_shows_how_far_it_is() -> None:
    run_of("rebuild", Run.Outcome.RUNNING, progress=7, finished_at=None)
    html = page()
    assert "Rebuild under way" in html
    assert f"of {BUCKETS} parts rebuilt" in html


def test_nobody_else_starts_work() -> None:
    for access in (Access.EXECUTIVE, Access.ACCOUNT_MANAGER, Access.VIEWER):
        assert client_of(access).post("/jobs/run/rebuild/").status_code == 403
    assert client_of(Access.ADMINISTRATOR).get("/jobs/run/rebuild/").status_code == 405
    assert client_of(Access.ADMINISTRATOR).post("/jobs/run/everything/").status_code == 404


def test_no_worker_is_said_so() -> None:
    html = unescape(client_of(Access.ADMINISTRATOR).get("/jobs/workers/").content.decode())
    assert "none answers" in html
