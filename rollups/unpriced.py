"""The list behind "counted, never priced": facts that have no rate, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from rollups import formulas as f
from rollups.figures import UnpricedFact
from rollups.framing import frame_for
from rollups.lens import Lens
from rollups.region_accounts import Area, area_of
from rollups.region_figures import geography
from rollups.share_source import OVERLAY_OF_DEALS
from rollups.sight import Sight
from rollups.source import ONE_LENS, Source, one_snapshot
from users.models import User

_ENTRIES = """
SELECT 'revenue_entry' AS kind, f.id, f.external_id, f.account_id, COALESCE(NULLIF(f.country, ''), 'ZZ') AS country,
       f.month, CASE f.kind WHEN 'booked' THEN 1 WHEN 'billed' THEN 2 ELSE 3 END AS measure,
       f.currency_id AS currency, f.date AS own_date, f.date AS rate_on, f.amount
  FROM revenue_revenueentry f WHERE f.month BETWEEN %(first)s AND %(last)s
"""
_LINES = """
SELECT CASE WHEN l.id IS NULL THEN 'opportunity' ELSE 'opportunity_line' END, f.id,
       f.external_id || COALESCE('/' || l.line, ''), f.account_id,
       COALESCE(NULLIF(CASE WHEN l.id IS NULL THEN f.country ELSE l.country END, ''), 'ZZ'), f.month,
       CASE s.outcome WHEN 'won' THEN 6 WHEN 'lost' THEN 7 ELSE 4 END, f.currency_id, f.close_date,
       CASE WHEN s.outcome = 'open' THEN %(as_of)s::date ELSE f.close_date END,
       CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END
  FROM pipeline_opportunity f
  JOIN pipeline_stage s ON s.code = f.stage_id
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = f.id
 WHERE f.month BETWEEN %(first)s AND %(last)s AND CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END IS NOT NULL
   AND NOT (s.outcome = 'open' AND COALESCE(NULLIF(f.forecast_category, ''), s.forecast_category) = 'omitted')
"""
# In the overlay book a line's amount is what members have of it.
_OVERLAY = f"""
SELECT w.kind, w.id, w.external_id, w.account_id, w.country, w.month, w.measure, w.currency, w.own_date, w.rate_on,
       w.amount * o.share AS amount
  FROM ({_LINES}) w (kind, id, external_id, account_id, country, month, measure, currency, own_date, rate_on, amount)
  JOIN {OVERLAY_OF_DEALS} o ON o.deal = w.id
"""


def unpriced_facts(
    *,
    viewer: User,
    lens: Lens,
    region: str | None = None,
    account: str | None = None,
    country: str | None = None,
    limit: int = 200,
) -> list[UnpricedFact]:
    """The facts under a node that have no rate, the latest first. An open line is listed once, under `pipeline_open`."""
    if lens.is_native:
        return []
    with one_snapshot():
        frame = frame_for(viewer, lens)
        area = area_of(geography(lens), region, country)
        return _unpriced(frame.source, frame.sight, area, account, limit)


def _unpriced(source: Source, sight: Sight, area: Area, account: str | None, limit: int) -> list[UnpricedFact]:
    of_account = "AND a.code = %(account)s" if account is not None else ""
    statement = f"""
WITH facts AS MATERIALIZED (
    SELECT w.*, a.code AS account_code, a.name AS account_name
      FROM ({_OVERLAY if source.lens.is_overlay else f"{_ENTRIES} UNION ALL {_LINES}"}) w JOIN accounts_account a ON a.id = w.account_id
     WHERE w.measure = ANY (%(measures)s) AND {sight.of_account("w")} AND {area.condition("w")} {of_account}),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.kind, x.id, x.external_id, x.account_code, x.account_name, x.country, x.own_date, x.measure, x.amount,
       x.currency, x.rate_on
  FROM facts x JOIN quotes q USING (currency, rate_on) WHERE q.numerator IS NULL
 ORDER BY x.own_date DESC, x.external_id LIMIT %(limit)s"""
    given = {**source.given(), **sight.given(), **area.given(), "measures": list(source.lens.keys)}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**given, "account": account, "limit": limit})
        rows = cursor.fetchall()
    return [_as_unpriced(source.lens, row) for row in rows]


def _as_unpriced(lens: Lens, row: Sequence[Any]) -> UnpricedFact:
    kind, pk, external_id, account_code, account_name, country, on, measure, amount, currency, rate_on = row
    reason = _("No rate between %(currency)s and %(goal)s within %(days)d days before %(day)s.") % {
        "currency": currency,
        "goal": lens.currency,
        "days": settings.GAM_RATE_MAX_AGE_DAYS,
        "day": rate_on.isoformat(),
    }
    return UnpricedFact(
        kind, pk, external_id, account_code, account_name, country, on, lens.keys[measure], amount, currency, reason
    )
