"""The job page: who sees it, what it says, and that its buttons put work into the queue."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from core import clock
from rollups import services
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


@pytest.mark.parametrize(("kind", "task"), [("verify", "verify"), ("rebuild", "rebuild"), ("drain", "drain")])
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
    from rollups import tasks
    from rollups.job_lists import TASKS

    names = {task.name for task in vars(tasks).values() if hasattr(task, "delay")}
    assert {name for name, _words in TASKS.values()} <= names


def test_nobody_else_starts_work() -> None:
    for access in (Access.EXECUTIVE, Access.ACCOUNT_MANAGER, Access.VIEWER):
        assert client_of(access).post("/jobs/run/rebuild/").status_code == 403
    assert client_of(Access.ADMINISTRATOR).get("/jobs/run/rebuild/").status_code == 405
    assert client_of(Access.ADMINISTRATOR).post("/jobs/run/everything/").status_code == 404


def test_no_worker_is_said_so() -> None:
    html = unescape(client_of(Access.ADMINISTRATOR).get("/jobs/workers/").content.decode())
    assert "none answers" in html
