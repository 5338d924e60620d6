"""When and by which run figures were brought up to date."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from core.snapshots import once_a_snapshot
from rollups.figures import Freshness
from rollups.models import Run
from rollups.standing import standing

_WORKED = (Run.Kind.DRAIN, Run.Kind.REBUILD, Run.Kind.AS_OF)
# Two batches may commit in the other order of their numbers, so the highest number alone would hide the later one: the sum
# over the last few changes with every one that joins them. The rest says whether something waits, or failed.
_STAMP = """
SELECT concat_ws('-',
    (SELECT concat(max(id), '.', sum(id)) FROM (SELECT id FROM rollups_run WHERE state = 'done' AND kind <> 'verify'
      ORDER BY id DESC LIMIT 50) done),
    (SELECT max(id) FROM rollups_run WHERE state <> 'done'),
    (EXISTS (SELECT FROM rollups_dirtykey) OR EXISTS (SELECT FROM rollups_widechange))::int,
    (SELECT concat(as_of, is_stale::int) FROM rollups_state))
"""


def stamp() -> str:
    """Changes whenever figures do, and whenever what is said of their state may; one statement of index look-ups."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        return str(cursor.fetchone()[0])


def freshness() -> Freshness:
    """The state of the cells, in a handful of index look-ups."""
    now = standing()
    last = last_work()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM rollups_dirtykey) + (SELECT count(*) FROM rollups_widechange), "
            "LEAST((SELECT min(queued_at) FROM rollups_dirtykey), (SELECT min(queued_at) FROM rollups_widechange))"
        )
        waiting, since = cursor.fetchone()
    return Freshness(
        fresh=now.is_fresh,
        computed_at=last[1] if last else None,
        run=last[0] if last else None,
        as_of=now.as_of,
        waiting=waiting,
        oldest_waiting=since,
    )


@once_a_snapshot
def last_work() -> tuple[int, dt.datetime | None] | None:
    """Id and end of the latest run that wrote cells."""
    runs = Run.objects.filter(kind__in=_WORKED, state=Run.Outcome.DONE).order_by("-id")
    return runs.values_list("id", "finished_at").first()
