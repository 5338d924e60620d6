"""The open pipeline as it stood at the end of an earlier day, replayed from what was written down by then.

Of a deal on that day the latest record counts: an entry of its stage history (stage, amount, close date) or of the change
history that the database keeps of every row (all columns). A deal that was created by then and of which nothing was written
down by then is taken from its first entry of stage history, if that is open, and marked as such. Lines are those of the
change history; where it does not reach back, the amount is spread like the lines of today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from core import months
from rollups.growth import spread
from rollups.measures import NO_COUNTRY
from rollups.sight import Sight

_THEN = """
WITH event AS MATERIALIZED (
    SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id AS id, pgh_label, pgh_created_at AS at, account_id, country, stage_id, amount,
           currency_id, close_date, forecast_category
      FROM pipeline_opportunityevent WHERE pgh_created_at < %(until)s ORDER BY pgh_obj_id, pgh_id DESC),
told AS MATERIALIZED (
    SELECT DISTINCT ON (opportunity_id) opportunity_id AS id, changed_at AS at, stage_id, amount, close_date
      FROM pipeline_stagehistory WHERE changed_at < %(until)s ORDER BY opportunity_id, changed_at DESC, id DESC),
first AS MATERIALIZED (
    SELECT DISTINCT ON (o.id) o.id, h.changed_at AS at, h.stage_id, h.amount, h.close_date
      FROM pipeline_opportunity o JOIN pipeline_stagehistory h ON h.opportunity_id = o.id
     WHERE o.created_on <= %(day)s AND NOT EXISTS (SELECT FROM told t WHERE t.id = o.id)
       AND NOT EXISTS (SELECT FROM event e WHERE e.id = o.id)
     ORDER BY o.id, h.changed_at, h.id),
known AS (
    SELECT COALESCE(e.id, t.id) AS id, e.id IS NOT NULL AS has_event, false AS is_assumed,
           e.id IS NULL OR t.at > e.at AS is_told, e.account_id, e.country, e.currency_id, e.forecast_category,
           e.stage_id AS e_stage, e.amount AS e_amount, e.close_date AS e_close,
           t.stage_id AS t_stage, t.amount AS t_amount, t.close_date AS t_close
      FROM event e FULL JOIN told t ON t.id = e.id WHERE e.pgh_label IS DISTINCT FROM 'delete'
    UNION ALL
    SELECT id, false, true, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, stage_id, amount, close_date FROM first)
SELECT k.id, COALESCE(o.account_id, k.account_id), COALESCE(k.country, o.country, ''), COALESCE(k.currency_id, o.currency_id),
       CASE WHEN k.is_told THEN COALESCE(k.t_amount, k.e_amount, o.amount) ELSE k.e_amount END AS amount,
       CASE WHEN k.is_told THEN COALESCE(k.t_close, k.e_close, o.close_date) ELSE k.e_close END AS close_date,
       k.has_event, k.is_assumed
  FROM known k
  LEFT JOIN pipeline_opportunity o ON o.id = k.id
  JOIN pipeline_stage s ON s.code = CASE WHEN k.is_told THEN k.t_stage ELSE k.e_stage END
 WHERE s.outcome = 'open' AND (k.has_event OR o.id IS NOT NULL)
   AND COALESCE(NULLIF(COALESCE(k.forecast_category, o.forecast_category), ''), s.forecast_category) <> 'omitted'
 ORDER BY k.id
"""
_LINES_THEN = """
SELECT opportunity_id, country, amount FROM (
    SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id AS id, pgh_label, opportunity_id, country, amount
      FROM pipeline_opportunitylineevent WHERE pgh_created_at < %(until)s AND opportunity_id = ANY (%(deals)s)
     ORDER BY pgh_obj_id, pgh_id DESC) line
 WHERE pgh_label <> 'delete' ORDER BY opportunity_id, id
"""
_LINES_NOW = """
SELECT opportunity_id, country, amount FROM pipeline_opportunityline
 WHERE opportunity_id = ANY (%(deals)s) ORDER BY opportunity_id, line
"""
_NOW = """
SELECT o.id, o.account_id, COALESCE(CASE WHEN l.id IS NULL THEN o.country ELSE l.country END, ''), o.currency_id,
       CASE WHEN l.id IS NULL THEN o.amount ELSE l.amount END, o.close_date
  FROM pipeline_opportunity o JOIN pipeline_stage s ON s.code = o.stage_id
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = o.id
 WHERE s.outcome = 'open' AND COALESCE(NULLIF(o.forecast_category, ''), s.forecast_category) <> 'omitted'
 ORDER BY o.id, l.line
"""
_OUTCOMES = """
SELECT o.id, s.outcome FROM pipeline_opportunity o JOIN pipeline_stage s ON s.code = o.stage_id WHERE o.id = ANY (%(deals)s)
"""
Lines = Mapping[int, list[tuple[str, Decimal]]]


class Part(NamedTuple):
    """What of an open deal lies in one country, in its own currency: the facts there are priced one by one."""

    deal: int
    country: str
    currency: str
    amount: Decimal
    is_assumed: bool = False


@dataclass(frozen=True)
class Replay:
    """The open pipeline in the reader's sight at the end of a day and now, and what became of the deals of then."""

    then: list[Part]
    now: list[Part]
    outcomes: dict[int, str]


def replay(sight: Sight, *, day: dt.date) -> Replay:
    """The open pipeline at the end of `day`, in the organisation's time zone, and as it stands."""
    morning = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_default_timezone())
    given = {"until": morning, "day": day}
    rows = _read(_THEN, given)
    recorded = _lines(_LINES_THEN, {**given, "deals": [row[0] for row in rows if row[6]]})
    standing = _lines(_LINES_NOW, {"deals": [row[0] for row in rows if not row[6]]})
    then = [part for row in rows for part in _parts_then(row, recorded if row[6] else standing, sight)]
    now = [
        Part(deal, country or NO_COUNTRY, currency, amount)
        for deal, account, country, currency, amount, closes in _read(_NOW, {})
        if amount is not None and _may_see(sight, account, country or NO_COUNTRY, closes)
    ]
    outcomes = dict(_read(_OUTCOMES, {"deals": sorted({part.deal for part in then})}))
    return Replay(then, now, outcomes)


def _parts_then(row: tuple[Any, ...], lines: Lines, sight: Sight) -> Iterable[Part]:
    deal, account, country, currency, amount, closes, _has_event, is_assumed = row
    if amount is None:
        return
    of_deal = lines.get(deal) or [(country, amount)]
    for (where, _weight), share in zip(of_deal, spread(amount, [weight for _, weight in of_deal]), strict=True):
        if _may_see(sight, account, where or NO_COUNTRY, closes):
            yield Part(deal, where or NO_COUNTRY, currency, share, is_assumed)


def _may_see(sight: Sight, account: int, country: str, closes: dt.date) -> bool:
    return sight.sees_whole(account) or sight.sees(country, months.month_of(closes))


def _lines(statement: str, given: dict[str, Any]) -> Lines:
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for deal, country, amount in _read(statement, given) if given["deals"] else []:
        found[deal].append((country, amount))
    return found


def _read(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
