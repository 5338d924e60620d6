"""How the background work is doing, for the people who watch it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rollups.figures import Freshness
from rollups.models import Run
from rollups.stamps import freshness
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class RunRow:
    """One run as the job page shows it. `seconds` is None while it works."""

    id: int
    kind: str
    kind_label: str
    state: str
    state_label: str
    bucket: int | None
    started_at: dt.datetime
    finished_at: dt.datetime | None
    seconds: float | None
    keys: int
    facts: int
    cells: int
    drift: int | None
    error: str


@dataclass(frozen=True)
class JobHealth:
    """`last_check` is the latest comparison with the facts; `failures` the latest runs that failed or were lost."""

    freshness: Freshness
    last_check: RunRow | None
    last_rebuild: RunRow | None
    runs: tuple[RunRow, ...]
    failures: tuple[RunRow, ...]


def job_health(*, viewer: User, limit: int = 50) -> JobHealth | None:
    """The latest runs and the queue; None for a viewer without the permission to see jobs."""
    if not viewer.may(Permission.SEE_JOBS):
        return None
    runs = Run.objects.order_by("-id")
    checks = runs.filter(kind=Run.Kind.VERIFY, state=Run.Outcome.DONE)
    rebuilds = runs.filter(kind=Run.Kind.REBUILD, state=Run.Outcome.DONE)
    failed = runs.filter(state__in=[Run.Outcome.FAILED, Run.Outcome.LOST])
    return JobHealth(
        freshness=freshness(),
        last_check=_row(checks.first()),
        last_rebuild=_row(rebuilds.first()),
        runs=tuple(row for run in runs[:limit] if (row := _row(run))),
        failures=tuple(row for run in failed[:20] if (row := _row(run))),
    )


def _row(run: Run | None) -> RunRow | None:
    if run is None:
        return None
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return RunRow(
        run.pk,
        run.kind,
        str(Run.Kind(run.kind).label),
        run.state,
        str(Run.Outcome(run.state).label),
        run.bucket,
        run.started_at,
        run.finished_at,
        seconds,
        run.keys,
        run.facts,
        run.cells,
        run.drift,
        run.error,
    )
