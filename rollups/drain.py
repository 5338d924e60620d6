"""Taking what changed out of the queue and into the cells, bucket by bucket.

A bucket is locked before its queue is read, and its cells are computed by a later statement: in READ COMMITTED that
statement sees every fact whose key was claimed. What commits meanwhile leaves its own key behind. A process that dies at
any line leaves its transaction undone and the keys where they were.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from core import clock
from money.queries import business_date
from rollups import cells, locks, runs, share_cells, wide
from rollups.measures import BUCKETS, Domain
from rollups.models import Run
from rollups.standing import standing

BATCH = 4000  # rows of the queue that one transaction takes
_PASSES = 200


@dataclass(frozen=True)
class Drained:
    """What a drain did: batches that committed, keys, cells written, and buckets that failed."""

    batches: int = 0
    keys: int = 0
    cells: int = 0
    failed: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(
            self.batches + other.batches,
            self.keys + other.keys,
            self.cells + other.cells,
            self.failed + other.failed,
        )


_CLAIM = """
WITH claimed AS (
    DELETE FROM rollups_dirtykey
     WHERE id IN (SELECT id FROM rollups_dirtykey WHERE bucket = %s ORDER BY id LIMIT %s)
    RETURNING domain, account_id, month, org_unit_id)
SELECT DISTINCT domain, account_id, month, org_unit_id FROM claimed ORDER BY 1, 2, 3, 4
"""


def drain_everything(*, wait: bool) -> Drained:
    """Drain until nothing is left that this process may take. With `wait`, also what others are working on."""
    done = Drained()
    for _ in range(_PASSES):
        if not wide.settle(wait=wait):
            break
        step = sum((drain_bucket(bucket, wait=wait) for bucket in _waiting_buckets()), Drained())
        done += step
        if not step.batches:
            break
    return done


def _waiting_buckets() -> list[int]:
    """Buckets with something to do; each process starts elsewhere, so that several rarely meet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT bucket FROM rollups_dirtykey")
        found = [row[0] for row in cursor.fetchall()]
    return sorted(found, key=lambda bucket: (bucket - os.getpid()) % BUCKETS)


def drain_bucket(bucket: int, *, wait: bool) -> Drained:
    """One batch of one bucket, in one transaction. A failure is recorded, and raised when somebody `wait`s for it."""
    if not wait and runs.has_failed_lately(Run.Kind.DRAIN, bucket=bucket):
        return Drained()
    started_at = clock.now()
    try:
        with transaction.atomic():
            return _drain_locked(bucket) if locks.lock_bucket(bucket, wait=wait) else Drained()
    except DatabaseError:
        runs.record_failure(Run.Kind.DRAIN, started_at, bucket=bucket)
        if wait:
            raise
        return Drained(failed=1)


def _drain_locked(bucket: int) -> Drained:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [bucket, BATCH])
        keys = cursor.fetchall()
        if not keys:
            return Drained()
        run = runs.start(Run.Kind.DRAIN, bucket=bucket)
        # Read under the lock: whoever changes the as-of date holds every bucket.
        given = {**standing().given(), "run": run.pk}
        written = cells.Written()
        for domain in Domain:
            mine = [(account, month, unit) for d, account, month, unit in keys if d == domain]
            if mine:
                written += cells.apply(cursor, domain, mine, given)
            if mine and domain is Domain.DEALS:
                written += cells.Written(cells=share_cells.apply(cursor, mine, given))
    run.keys, run.facts, run.cells = len(keys), written.facts, written.cells
    runs.finish(run)
    return Drained(1, len(keys), written.cells)


def has_work() -> bool:
    """Whether a drain would find anything; what an idle worker asks."""
    now = standing()
    return now.must_be_rebuilt or now.has_wide_changes or now.has_dirty_keys or now.as_of != business_date()
