"""Advisory locks of the roll-ups. They last for a transaction (buckets) or a session (runs), and die with their process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from rollups.measures import BUCKETS

_BUCKET = 6_775_149
_RUN = 6_775_150
_CONDUCTOR = 6_775_151
PRICES = 6_775_152
_SNAPSHOTS = 6_775_153


def _ask(statement: str, *values: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] is not False


def lock_bucket(bucket: int, *, wait: bool) -> bool:
    """Take a bucket for this transaction, before anything is read. Without `wait`: whether it was free."""
    if wait:
        return _ask("SELECT pg_advisory_xact_lock(%s, %s)::text", _BUCKET, bucket)
    return _ask("SELECT pg_try_advisory_xact_lock(%s, %s)", _BUCKET, bucket)


def lock_all_buckets() -> None:
    """Take every bucket for this transaction, in order: no batch is under way afterwards."""
    _ask(
        "SELECT count(pg_advisory_xact_lock(%s, b)::text) > 0 FROM (SELECT generate_series(0, %s) b ORDER BY 1) s",
        _BUCKET,
        BUCKETS - 1,
    )


def lock_conductor(*, wait: bool) -> bool:
    """Take the right to change what all cells stand on. Taken before the buckets; one waits for them, not everybody."""
    if wait:
        return _ask("SELECT pg_advisory_xact_lock(%s, 0)::text", _CONDUCTOR)
    return _ask("SELECT pg_try_advisory_xact_lock(%s, 0)", _CONDUCTOR)


def lock_prices() -> None:
    """Be the one who keeps prices, for this transaction. Batches only try for it (`pricing.py`)."""
    _ask("SELECT pg_advisory_xact_lock(%s, 0)::text", PRICES)


def lock_snapshots() -> None:
    """Be the one who writes forecast snapshots, for this transaction."""
    _ask("SELECT pg_advisory_xact_lock(%s, 0)::text", _SNAPSHOTS)


@contextmanager
def conducting() -> Iterator[None]:
    """The same right over several transactions of this session."""
    _ask("SELECT pg_advisory_lock(%s, 0)::text", _CONDUCTOR)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s, 0)", _CONDUCTOR)


def hold_run(run: int) -> None:
    """Show that this session works on a run, until `release_run` or the session's end."""
    _ask("SELECT pg_advisory_lock(%s, %s)::text", _RUN, run % 2**31)


def release_run(run: int) -> None:
    _ask("SELECT pg_advisory_unlock(%s, %s)", _RUN, run % 2**31)


def run_is_held(run: int) -> bool:
    """Whether a living session works on a run."""
    free = _ask("SELECT pg_try_advisory_xact_lock(%s, %s)", _RUN, run % 2**31)
    return not free
