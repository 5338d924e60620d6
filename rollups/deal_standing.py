"""Deals as they stood at the end of a day: stage and since when, how often put off, amount beside what the account usually buys.

Read from the stage history, which is only added to, so that a past day reads the same whenever it is asked for. Amounts are in
minor units of the first reporting currency, each converted once at the rate of its day.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.models import Structure
from core import months
from money.models import SPOT
from money.queries import reporting_currencies
from pipeline.models import Stage
from pipeline.scores import LEAST_WON
from rollups import formulas as f
from rollups.lens import Lens
from rollups.source import ONE_LENS, source_of

YEARS = 3
"""How far back won deals make up what an account usually buys."""


@dataclass(frozen=True)
class Standing:
    """A deal at the end of `day`. `outcome` is what it is now. None is unknown: no history by then, no amount, no rate; of
    `usual`, fewer than three won deals of the account before."""

    deal: int
    account: int
    outcome: str
    day: dt.date
    stage: str | None
    since: dt.date | None
    postponed: int | None
    amount: int | None
    usual: int | None = None

    @property
    def days(self) -> int | None:
        return None if self.since is None else (self.day - self.since).days


def open_standings(*, on: dt.date) -> list[Standing]:
    """Every open deal on the as-of date."""
    return _standings("s.outcome = 'open'", "%(as_of)s", on)


def closed_standings(*, on: dt.date, days_before: int) -> list[Standing]:
    """Every won or lost deal as it stood so many days before it closed; those that stood in an open stage then."""
    found = _standings(
        "s.outcome <> 'open' AND o.close_date <= %(as_of)s", "o.close_date - %(before)s::int", on, days_before
    )
    stages = set(Stage.objects.filter(outcome="open").values_list("code", flat=True))
    return [one for one in found if one.stage in stages]


_DAY_OF_STEP = "(h.changed_at AT TIME ZONE %(zone)s)::date"
# What was taken back, and the taking back, never stood.
_STOOD = "h.undoes_id IS NULL AND NOT EXISTS (SELECT FROM pipeline_stagehistory u WHERE u.undoes_id = h.id)"


def _stood(which: str, day: str) -> str:
    return f"""
WITH asked AS MATERIALIZED (
    SELECT o.id AS deal, o.account_id, o.currency_id AS currency, o.amount AS amount_now, s.outcome, ({day})::date AS day
      FROM pipeline_opportunity o JOIN pipeline_stage s ON s.code = o.stage_id WHERE {which}),
steps AS (
    SELECT a.deal, h.stage_id, h.changed_at, {_DAY_OF_STEP} AS day, h.amount, h.close_date,
           lag(h.stage_id) OVER w AS stage_before, lag(h.close_date) OVER w AS closes_before
      FROM asked a JOIN pipeline_stagehistory h ON h.opportunity_id = a.deal AND {_DAY_OF_STEP} <= a.day AND {_STOOD}
    WINDOW w AS (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.id)),
stood AS MATERIALIZED (
    SELECT deal, (array_agg(stage_id ORDER BY changed_at DESC))[1] AS stage,
           max(day) FILTER (WHERE stage_before IS DISTINCT FROM stage_id) AS since,
           CASE WHEN count(close_date) > 0 THEN (count(*) FILTER (WHERE close_date > closes_before))::int END AS postponed,
           (array_agg(amount ORDER BY changed_at DESC) FILTER (WHERE amount IS NOT NULL))[1] AS amount
      FROM steps GROUP BY deal),
facts AS MATERIALIZED (
    SELECT a.*, a.day AS rate_on, COALESCE(t.amount, a.amount_now) AS amount, t.stage, t.since, t.postponed
      FROM asked a LEFT JOIN stood t ON t.deal = a.deal),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.deal, x.account_id, x.outcome, x.day, x.stage, x.since, x.postponed,
       money_half_even(x.amount, q.numerator, q.denominator)
  FROM facts x JOIN quotes q ON q.currency = x.currency AND q.rate_on = x.rate_on ORDER BY x.deal"""


_WON = f"""
WITH facts AS MATERIALIZED (
    SELECT o.id AS deal, o.account_id, o.currency_id AS currency, o.close_date AS rate_on, o.amount
      FROM pipeline_opportunity o JOIN pipeline_stage s ON s.code = o.stage_id
     WHERE s.outcome = 'won' AND o.amount IS NOT NULL AND o.close_date <= %(as_of)s),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.account_id, x.rate_on, x.deal, money_half_even(x.amount, q.numerator, q.denominator)
  FROM facts x JOIN quotes q ON q.currency = x.currency AND q.rate_on = x.rate_on
 WHERE q.numerator IS NOT NULL ORDER BY x.account_id, x.rate_on, x.deal"""


def _standings(which: str, day: str, on: dt.date, before: int = 0) -> list[Standing]:
    month = months.month_of(on)
    lens = Lens(month, month, reporting_currencies()[0], SPOT, "then", "prime", "recognised", on, Structure.LEGAL.value)
    given: dict[str, Any] = {**source_of(lens).given(), "zone": settings.TIME_ZONE, "before": before}
    with connection.cursor() as cursor:
        cursor.execute(_stood(which, day), given)
        found = [
            Standing(deal, account, outcome, on_day, stage, since, postponed, None if minor is None else int(minor))
            for deal, account, outcome, on_day, stage, since, postponed, minor in cursor.fetchall()
        ]
        cursor.execute(_WON, given)
        won = _by_account(cursor.fetchall())
    return [replace(one, usual=_usual(won.get(one.account, ()), one)) for one in found]


Won = tuple[dt.date, int, int]
"""The day a deal was won, the deal, its amount."""


def _by_account(rows: Iterable[Sequence[Any]]) -> Mapping[int, list[Won]]:
    found: dict[int, list[Won]] = defaultdict(list)
    for account, day, deal, minor in rows:
        found[account].append((day, deal, int(minor)))
    return found


def _usual(won: Sequence[Won], one: Standing) -> int | None:
    """The median of what the account bought in the years before the day; the lower of the two in the middle."""
    first = dt.date(max(one.day.year - YEARS, 1), one.day.month, 1)
    held = won[bisect_left(won, (first, 0, 0)) : bisect_left(won, (one.day, 0, 0))]
    amounts = [minor for _day, deal, minor in held if deal != one.deal]
    return median_low(amounts) if len(amounts) >= LEAST_WON else None
