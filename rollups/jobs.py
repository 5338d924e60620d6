"""How the background work is doing, for the people who watch it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db.models import Case, Count, Exists, Max, Min, OuterRef, QuerySet, When

from rollups.figures import Freshness
from rollups.models import DirtyKey, Run, WideChange
from rollups.stamps import freshness
from users.models import User
from users.permissions import Permission

_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class RunRow:
    """One run as the job page shows it. `seconds` is None while it works; `progress` counts the buckets that a rebuild has
    done; a failed run `is_settled` once a later one of its kind and bucket has ended well."""

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
    progress: int | None = None
    is_settled: bool = False


@dataclass(frozen=True)
class BucketRow:
    """What waits in one bucket: changed months of accounts, the first of them since `oldest`; its latest batch that ended well,
    and whether the latest try failed."""

    bucket: int
    waiting: int
    oldest: dt.datetime
    last_done: dt.datetime | None
    is_failing: bool


@dataclass(frozen=True)
class JobHealth:
    """`last_check` is the latest comparison with the facts; `failures` the latest runs that failed or were lost."""

    freshness: Freshness
    last_check: RunRow | None
    last_rebuild: RunRow | None
    runs: tuple[RunRow, ...]
    failures: tuple[RunRow, ...]
    rebuilding: RunRow | None
    waiting: tuple[BucketRow, ...]
    wide_changes: int


def job_health(*, viewer: User, limit: int = 50) -> JobHealth | None:
    """The latest runs and the queue; None for a viewer without the permission to see jobs."""
    if not viewer.may(Permission.SEE_JOBS):
        return None
    runs = Run.objects.order_by("-id")
    checks = runs.filter(kind=Run.Kind.VERIFY, state=Run.Outcome.DONE)
    rebuilds = runs.filter(kind=Run.Kind.REBUILD)
    return JobHealth(
        freshness=freshness(),
        last_check=_row(checks.first()),
        last_rebuild=_row(rebuilds.filter(state=Run.Outcome.DONE).first()),
        runs=tuple(row for run in runs[:limit] if (row := _row(run))),
        failures=tuple(row for run in _failed()[:20] if (row := _row(run))),
        rebuilding=_row(rebuilds.filter(state=Run.Outcome.RUNNING).first()),
        waiting=_waiting(),
        wide_changes=WideChange.objects.count(),
    )


def failed_run(*, viewer: User, run: int) -> RunRow | None:
    """A run that failed or was lost and that nothing has settled since."""
    found = _row(_failed().filter(pk=run).first()) if viewer.may(Permission.SEE_JOBS) else None
    return None if found is None or found.is_settled else found


def _failed() -> QuerySet[Run]:
    later = Run.objects.filter(kind=OuterRef("kind"), id__gt=OuterRef("id"), state=Run.Outcome.DONE)
    of_bucket = later.filter(bucket=OuterRef("bucket"))
    settled = Case(When(bucket=None, then=Exists(later)), default=Exists(of_bucket))
    failed = Run.objects.filter(state__in=[Run.Outcome.FAILED, Run.Outcome.LOST])
    return failed.annotate(is_settled=settled).order_by("-id")


def _waiting() -> tuple[BucketRow, ...]:
    """The buckets in which something waits, the longest first."""
    rows = DirtyKey.objects.values("bucket").annotate(n=Count("id"), oldest=Min("queued_at")).order_by("oldest")
    found = {row["bucket"]: row for row in rows}
    runs = Run.objects.filter(kind=Run.Kind.DRAIN, bucket__in=found)
    done = dict(runs.filter(state=Run.Outcome.DONE).order_by().values_list("bucket").annotate(Max("finished_at")))
    failed = dict(runs.filter(state=Run.Outcome.FAILED).order_by().values_list("bucket").annotate(Max("finished_at")))
    return tuple(
        BucketRow(
            bucket,
            row["n"],
            row["oldest"],
            done.get(bucket),
            failed.get(bucket, _LONG_AGO) > done.get(bucket, _LONG_AGO),
        )
        for bucket, row in found.items()
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
        run.progress,
        getattr(run, "is_settled", False),
    )
