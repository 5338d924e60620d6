"""Changes that touch more than the months of one account: settings, the as-of date, stages and rates.

They are settled under every bucket's lock, so that no batch is under way that has read the old side. Their keys are
looked for after their own commit, so that facts which another transaction was committing meanwhile are found too.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from money.queries import business_date
from rollups import as_of, locks, rebuild, share_cells
from rollups.standing import standing

_STAGES = """
WITH gone AS (DELETE FROM rollups_widechange WHERE stage_id <> '' RETURNING stage_id)
INSERT INTO rollups_dirtykey (domain, account_id, month)
SELECT DISTINCT 2, o.account_id, o.month FROM pipeline_opportunity o WHERE o.stage_id IN (SELECT stage_id FROM gone)
"""

# What a changed rate reaches, as lenses of some rates, months and the days from `first_on` in them. A spot rate serves the
# days from its own date for as long as a rate may lag; as part of a month's mean it serves the whole month, and under
# `constant` the one a year later. A budget rate serves until the set's next one.
_REACH = """
gone AS MATERIALIZED (SELECT * FROM claimed WHERE currency <> ''),
spans AS (
    SELECT 'spot' AS rates, currency, first_on, last_on + %(max_age)s AS last_on, first_on AS since FROM gone WHERE rates = 'spot'
    UNION ALL
    SELECT mean.rates, currency, (date_trunc('month', first_on::timestamp) + mean.later)::date,
           (date_trunc('month', last_on::timestamp) + mean.later + interval '1 month')::date - 1, '-infinity'::date
      FROM gone CROSS JOIN (VALUES ('constant', interval '1 year'), ('month_average', interval '0')) mean (rates, later)
     WHERE gone.rates = 'spot'
    UNION ALL
    SELECT rates, currency, first_on, COALESCE((
           SELECT min(date) FROM money_exchangerate r
            WHERE r.rate_set_id = g.rates AND r.currency_id = g.currency AND r.date > g.last_on), '9999-12-31'), first_on
      FROM gone g WHERE rates <> 'spot'),
-- Of a goal currency it reaches the facts of all others; of any other one, its own.
reach AS MATERIALIZED (
    SELECT DISTINCT s.*, extract(year FROM s.first_on) * 12 + extract(month FROM s.first_on) - 1 AS first_month,
           extract(year FROM s.last_on) * 12 + extract(month FROM s.last_on) - 1 AS last_month, n.currency = s.currency AS is_goal
      FROM spans s JOIN rollups_pricelens n ON n.rates = s.rates AND n.currency <> '')"""

_RATES = f"""
WITH claimed AS (DELETE FROM rollups_widechange WHERE currency <> '' RETURNING *),
{_REACH},
stale AS (
    DELETE FROM rollups_quote q USING reach r
     WHERE (r.is_goal OR q.currency = r.currency) AND q.rate_on BETWEEN r.first_on AND r.last_on),
months AS MATERIALIZED (
    SELECT DISTINCT c.account_id, c.month, c.currency, c.measure <= 3 AS is_revenue
      FROM rollups_accountcell c
      JOIN reach r ON CASE WHEN r.is_goal THEN c.currency <> r.currency ELSE c.currency = r.currency END
       AND CASE WHEN c.measure IN (4, 5) THEN %(as_of)s BETWEEN r.first_on AND r.last_on
                ELSE c.month BETWEEN r.first_month AND r.last_month AND c.newest_fact >= r.since END)
INSERT INTO rollups_dirtykey (domain, account_id, month, org_unit_id)
SELECT 2, account_id, month, 0 FROM months WHERE NOT is_revenue GROUP BY account_id, month
UNION ALL
SELECT 1, c.account_id, c.month, c.org_unit_id
  FROM months m JOIN rollups_cell c ON c.account_id = m.account_id AND c.month = m.month AND c.currency = m.currency
 WHERE m.is_revenue AND c.measure <= 3 GROUP BY c.account_id, c.month, c.org_unit_id
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
        as_of.move(day, now)
    if now.has_wide_changes:
        with connection.cursor() as cursor:
            cursor.execute(_STAGES)
            share_cells.mark_addresses(cursor)
            cursor.execute(_RATES, {"as_of": day, "max_age": settings.GAM_RATE_MAX_AGE_DAYS})
