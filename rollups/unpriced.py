"""The list behind "counted, never priced": facts that have no rate, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.snapshots import one_snapshot
from rollups import fact_rows
from rollups import formulas as f
from rollups.figures import UnpricedFact
from rollups.framing import frame_for
from rollups.lens import Lens
from rollups.measures import Domain
from rollups.region_accounts import Area, area_of
from rollups.region_figures import geography
from rollups.share_source import OVERLAY_OF_DEALS
from rollups.sight import Sight
from rollups.source import ONE_LENS, Source
from users.models import User

# In the overlay book a line's amount is what members have of it.
_OVERLAY = f"""
SELECT w.kind, w.id, w.line, w.external_id, w.account_id, w.country, w.month, w.measure, w.currency, w.own_date,
       w.rate_on, w.amount * o.share AS amount
  FROM ({fact_rows.rows(Domain.DEALS)}) w JOIN {OVERLAY_OF_DEALS} o ON o.deal = w.id WHERE {fact_rows.IS_FACT}
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
      FROM ({_OVERLAY if source.lens.is_overlay else fact_rows.rows_of_measures()}) w JOIN accounts_account a ON a.id = w.account_id
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
