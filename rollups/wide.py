"""Changes that touch more than the months of one account: settings, the as-of date, stages and rates.

They are settled under every bucket's lock, so that no batch is under way that has read the old side. Their keys are
looked for after their own commit, so that facts which another transaction was committing meanwhile are found too.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction

from money.queries import business_date
from rollups import cells, locks, rebuild, runs, share_cells
from rollups.measures import Domain
from rollups.models import Run, State
from rollups.standing import standing

_STAGES = """
WITH gone AS (DELETE FROM rollups_widechange WHERE stage_id <> '' RETURNING stage_id)
INSERT INTO rollups_dirtykey (domain, account_id, month)
SELECT DISTINCT 2, o.account_id, o.month FROM pipeline_opportunity o WHERE o.stage_id IN (SELECT stage_id FROM gone)
"""

# A rate serves the days from its own date for as long as a rate may lag; a later rate only shortens that. Cells tell which
# accounts have facts there: of the rate's currency, or of any other one under a lens that states figures in it.
_RATES = """
WITH gone AS (DELETE FROM rollups_widechange WHERE currency <> '' RETURNING currency, first_on, last_on),
reach AS MATERIALIZED (
    SELECT currency, month, min(first_on) AS first_on,
           bool_or(%(as_of)s::date BETWEEN first_on AND last_on + %(max_age)s) AS holds_today
      FROM gone CROSS JOIN LATERAL (
           SELECT generate_series((extract(year FROM first_on) * 12 + extract(month FROM first_on) - 1)::int,
                                  (extract(year FROM last_on + %(max_age)s) * 12
                                   + extract(month FROM last_on + %(max_age)s) - 1)::int) AS month) m
     GROUP BY currency, month),
today AS MATERIALIZED (SELECT DISTINCT currency FROM reach WHERE holds_today)
INSERT INTO rollups_dirtykey (domain, account_id, month)
SELECT CASE WHEN c.measure <= 3 THEN 1 ELSE 2 END, c.account_id, c.month
  FROM rollups_accountcell c JOIN rollups_pricelens n ON n.id = c.lens_id AND n.currency NOT IN ('', c.currency)
  JOIN reach r ON r.currency = c.currency AND r.month = c.month WHERE c.newest_fact >= r.first_on
UNION
SELECT CASE WHEN c.measure <= 3 THEN 1 ELSE 2 END, c.account_id, c.month
  FROM rollups_accountcell c JOIN rollups_pricelens n ON n.id = c.lens_id AND n.currency NOT IN ('', c.currency)
  JOIN reach r ON r.currency = n.currency AND r.month = c.month WHERE c.newest_fact >= r.first_on
UNION
SELECT 2, c.account_id, c.month
  FROM rollups_accountcell c JOIN rollups_pricelens n ON n.id = c.lens_id AND n.currency NOT IN ('', c.currency)
  JOIN today t ON t.currency IN (c.currency, n.currency) WHERE c.measure IN (4, 5)
"""


def settle(*, wait: bool) -> bool:
    """Settle every wide change. False when another process is at it and we don't `wait`."""
    now = standing()
    if not (now.must_be_rebuilt or now.has_wide_changes or now.as_of != business_date()):
        return True
    if now.must_be_rebuilt:
        return rebuild.rebuild_if_needed(wait=wait)
    with transaction.atomic():
        if not locks.lock_conductor(wait=wait):
            return False
        locks.lock_all_buckets()
        _settle_locked()
    return True


def _settle_locked() -> None:
    now = standing()  # again, under the locks: another process may have been faster
    day = business_date()
    if now.must_be_rebuilt:
        return
    if now.as_of != day:
        _move_as_of(day)
    if now.has_wide_changes:
        with connection.cursor() as cursor:
            cursor.execute(_STAGES)
            share_cells.mark_addresses(cursor)
            cursor.execute(_RATES, {"as_of": day, "max_age": settings.GAM_RATE_MAX_AGE_DAYS})


def _move_as_of(day: dt.date) -> None:
    """Price every open deal at the new date, all in this transaction: no reader sees two dates in one figure."""
    run = runs.start(Run.Kind.AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT account_id, month FROM rollups_accountcell WHERE measure = 4")
        keys = cursor.fetchall()
        given = {"as_of": day, "max_age": settings.GAM_RATE_MAX_AGE_DAYS, "run": run.pk}
        written = cells.apply(cursor, Domain.DEALS, keys, given)
        written += cells.Written(cells=share_cells.apply(cursor, keys, given))
    State.objects.update(as_of=day)
    run.keys, run.facts, run.cells = len(keys), written.facts, written.cells
    runs.finish(run)
