"""What must hold when the dust has settled. Each answers with what is wrong, or nothing."""

from __future__ import annotations

import time

from django.db import DatabaseError, InterfaceError, connection

from rollups import services
from rollups.models import Run


def catches_up(*, within: float) -> str:
    """The product's own workers leave nothing waiting."""
    begun = time.monotonic()
    while time.monotonic() - begun < within:
        try:
            if not services.has_work():
                print(f"caught up {time.monotonic() - begun:.1f} s after the last write", flush=True)
                return ""
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.1)
    return f"changes still wait after {within:.0f} seconds"


def drift() -> str:
    found = services.verify()
    return "" if found.drift == 0 else f"{found.drift} cells differ from the facts"


def double_runs() -> str:
    """Batches of one bucket whose work overlapped in time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM rollups_run a JOIN rollups_run b ON a.bucket = b.bucket AND a.id < b.id "
            "WHERE a.kind = 'drain' AND b.kind = 'drain' AND a.state = 'done' AND b.state = 'done' "
            "AND tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)"
        )
        found = cursor.fetchone()[0]
    return f"{found} pairs of batches of one bucket overlap" if found else ""


def orphans() -> str:
    """Runs that look as if somebody worked on them, after the timetable's tidying."""
    services.tidy()
    left = Run.objects.filter(state=Run.Outcome.RUNNING).count()
    return f"{left} runs are said to work" if left else ""
