"""The as-of date moves on: open deals are priced at another day."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from rollups import cells, runs, share_cells
from rollups.measures import Domain
from rollups.models import Run, State
from rollups.standing import Standing

_AT_ONCE = 5000  # keys of one statement


def move(day: dt.date, now: Standing) -> None:
    """Price every open deal at the new date, all in this transaction: no reader sees two dates in one figure.

    The caller holds every bucket.
    """
    run = runs.start(Run.Kind.AS_OF)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT account_id, month, 0 FROM rollups_accountcell WHERE measure = 4 ORDER BY account_id, month"
        )
        keys = cursor.fetchall()
        given = {**now.given(), "as_of": day, "run": run.pk}
        written = cells.Written()
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            written += cells.apply(cursor, Domain.DEALS, part, given)
            written += cells.Written(cells=share_cells.apply(cursor, part, given))
    State.objects.update(as_of=day)
    run.keys, run.facts, run.cells = len(keys), written.facts, written.cells
    runs.finish(run)
