"""Whether the cells are what a rebuild would make them, without touching them.

Prices kept are held against the rates, the leaf against the facts, less the keys that wait in the queue; a level above it
against the published one below, which holds at every instant.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from money.queries import business_date
from rollups import cells, drain, runs, share_cells, summits
from rollups.measures import BUCKETS
from rollups.models import Run
from rollups.standing import standing

_ATTEMPTS = 20


@dataclass(frozen=True)
class Verification:
    """`drift` counts cells, on every level, that are missing, superfluous or different; `changing` the keys left out
    because they changed between the drain and the comparison."""

    run: int
    drift: int
    changing: int


def verify() -> Verification:
    """Drain, then compare in one REPEATABLE READ snapshot."""
    with runs.long_run(Run.Kind.VERIFY) as run:
        for _ in range(_ATTEMPTS):
            drain.drain_everything(wait=True)
            found = _compare_in_a_snapshot(run)
            if found is not None:
                run.drift = found.drift
                return found
        raise RuntimeError("Rates, stages or settings kept changing; nothing could be compared.")


def _compare_in_a_snapshot(run: Run) -> Verification | None:
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:  # inside a caller's transaction its snapshot is what there is
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        now = standing()
        if now.must_be_rebuilt or now.has_wide_changes or now.as_of != business_date():
            return None
        cursor.execute("SET LOCAL work_mem = '192MB'")
        gone = summits.accounts_gone()
        drift = summits.drift(cursor, now.given()) + summits.wrong_prices(cursor, now.given())
        for bucket in range(BUCKETS):
            if accounts := summits.accounts_of(bucket, gone):
                facts, found = cells.compare_accounts(cursor, accounts, now.given())
                run.facts, drift = run.facts + facts, drift + found
                drift += share_cells.differences(cursor, accounts, now.given())
        cursor.execute("SELECT count(DISTINCT (domain, account_id, month)) FROM rollups_dirtykey")
        return Verification(run.pk, drift, cursor.fetchone()[0])
