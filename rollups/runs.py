"""The record of roll-up work: what ran, when, over how much, and how it ended."""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from core import clock
from rollups import locks
from rollups.listener import FIGURES
from rollups.models import Run

# A bucket that failed is left alone for this long by the worker, so that one bad batch can't fill the record.
PATIENCE = dt.timedelta(seconds=30)


def start(kind: Run.Kind, *, bucket: int | None = None) -> Run:
    """A run inside the caller's transaction: its record appears with its work, or not at all."""
    return Run.objects.create(kind=kind, state=Run.Outcome.RUNNING, bucket=bucket, started_at=clock.now())


def finish(run: Run) -> None:
    run.state, run.finished_at = Run.Outcome.DONE, clock.now()
    run.save()
    _tell(Run.Kind(run.kind))


def _tell(kind: Run.Kind) -> None:
    """Tell those who show figures; they hear of it when, and if, the transaction commits."""
    if kind != Run.Kind.VERIFY:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [FIGURES])


def record_failure(kind: Run.Kind, started_at: dt.datetime, *, bucket: int | None = None) -> None:
    """Record the exception being handled, in a transaction of its own."""
    Run.objects.create(
        kind=kind,
        state=Run.Outcome.FAILED,
        bucket=bucket,
        started_at=started_at,
        finished_at=clock.now(),
        error=traceback.format_exc(limit=-3)[-4000:],
    )
    _tell(kind)


def show_progress(run: Run, buckets: int) -> None:
    """Let managers see how far a long run has come."""
    run.progress = buckets
    run.save(update_fields=["progress", "facts", "cells"])


@contextmanager
def long_run(kind: Run.Kind) -> Iterator[Run]:
    """A run that managers see while it works. If its process dies, `notice_lost` finds it by its fallen lock."""
    run = start(kind)
    locks.hold_run(run.pk)
    try:
        yield run
    except BaseException:
        run.state, run.finished_at, run.error = Run.Outcome.FAILED, clock.now(), traceback.format_exc(limit=-3)[-4000:]
        run.save()
        _tell(kind)
        raise
    else:
        finish(run)
    finally:
        locks.release_run(run.pk)


def has_failed_lately(kind: Run.Kind, *, bucket: int | None = None) -> bool:
    since = clock.now() - PATIENCE
    return Run.objects.filter(kind=kind, bucket=bucket, state=Run.Outcome.FAILED, finished_at__gt=since).exists()


def notice_lost() -> int:
    """Mark runs as lost whose process is gone; returns how many."""
    found = 0
    for run in Run.objects.filter(state=Run.Outcome.RUNNING):
        with transaction.atomic():
            if not locks.run_is_held(run.pk):
                # Its own process may have finished it since it was read.
                found += Run.objects.filter(pk=run.pk, state=Run.Outcome.RUNNING).update(
                    state=Run.Outcome.LOST, finished_at=clock.now()
                )
    return found


def forget_old(*, keep: dt.timedelta = dt.timedelta(days=30)) -> None:
    """Drop the record of finished batches older than `keep`; rebuilds and checks stay."""
    before = clock.now() - keep
    Run.objects.filter(kind=Run.Kind.DRAIN, state=Run.Outcome.DONE, finished_at__lt=before).delete()
