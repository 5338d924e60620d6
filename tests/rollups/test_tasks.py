"""Drains have a queue and a worker of their own, and one worker listens for changed facts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gam.celery import app
from gam.programs import programs
from rollups import tasks


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def queues_by_program() -> dict[str, str]:
    commands = {program.name: program.command for program in programs(1)}
    return {name: c[c.index("--queues") + 1] for name, c in commands.items() if "--queues" in c}


def test_a_drain_waits_behind_nothing_else() -> None:
    others = [name for name in app.tasks if name.startswith(("rollups.", "imports.")) and name != tasks.drain.name]
    assert others
    assert queue_of(tasks.drain.name) not in {queue_of(name) for name in others}


def test_every_queue_has_a_worker() -> None:
    ours = {queue_of(name) for name in app.tasks if not name.startswith("celery.")}
    assert set(queues_by_program().values()) == ours


@pytest.mark.parametrize(("program", "listens"), [("drains", True), ("worker", False)])
def test_who_drains_listens_for_changes(program: str, listens: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(tasks, "Listener", lambda wake: SimpleNamespace(start=lambda: started.append(wake)))
    queues = SimpleNamespace(consume_from={queues_by_program()[program]: None})
    tasks._listen(SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues))))
    assert started == ([tasks.wake] if listens else [])
