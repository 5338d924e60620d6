"""What came of the deals that plays were used on: distinct deals, how many closed and won, and what those won are worth.

Every deal stands once in each count and sum, however often a play was used on it. Deals count in the month of their business
date, as far as the reader sees them; amounts are sums of the lines in her sight, each converted once under the lens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from core.snapshots import one_snapshot
from pipeline.enablement_models import Play
from pipeline.enablement_reach import offered_deals
from pipeline.models import Opportunity
from rollups import fact_rows
from rollups import formulas as f
from rollups.framing import frame_for
from rollups.lens import Lens
from rollups.measures import Domain, Measure
from rollups.source import ONE_LENS
from users.models import User

OFFERED, UNUSED, USED = "offered", "unused", "used"
STAGE, ROLE, LANGUAGE, MONTH = "stage", "role", "language", "month"
CUTS = (STAGE, ROLE, LANGUAGE, MONTH)


@dataclass(frozen=True)
class Outcomes:
    """Some deals: how many, those closed, those won, and what the won ones are worth in minor units of the lens's currency.

    `unpriced` are lines of won deals without a rate, `unknown` won deals without an amount; neither is in `value`.
    """

    deals: int = 0
    closed: int = 0
    won: int = 0
    value: int = 0
    unpriced: int = 0
    unknown: int = 0

    @property
    def win_rate(self) -> Fraction | None:
        """Won of those closed; None while none is."""
        return Fraction(self.won, self.closed) if self.closed else None


NONE = Outcomes()

_OF_WON = "f.id IN (SELECT p.deal FROM picked p JOIN seen n ON n.id = p.deal WHERE n.outcome = 'won')"
# `picked` has a deal once for each part and value that it stands in; `worth` has each won deal once. So nothing multiplies.
_STATEMENT = f"""
WITH seen AS MATERIALIZED (
    SELECT o.id, o.month, s.outcome FROM pipeline_opportunity o JOIN pipeline_stage s ON s.code = o.stage_id
     WHERE o.month BETWEEN %(first)s AND %(last)s AND o.id IN ({{seen}})),
picked AS MATERIALIZED ({{picked}}),
facts AS MATERIALIZED (
    SELECT w.id, w.currency, w.rate_on, w.amount
      FROM ({fact_rows.rows(Domain.DEALS, where=_OF_WON)}) w
     WHERE w.measure = {Measure.WON:d} AND w.amount IS NOT NULL AND {{sight}}),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)}),
worth AS MATERIALIZED (
    SELECT f.id, COALESCE(sum(money_half_even(f.amount, q.numerator, q.denominator)), 0) AS minor,
           count(*) FILTER (WHERE q.numerator IS NULL) AS unpriced
      FROM facts f JOIN quotes q ON q.currency = f.currency AND q.rate_on = f.rate_on GROUP BY f.id)
SELECT p.part, p.value, count(*), count(*) FILTER (WHERE n.outcome <> 'open'), count(*) FILTER (WHERE n.outcome = 'won'),
       COALESCE(sum(w.minor), 0), COALESCE(sum(w.unpriced), 0), count(*) FILTER (WHERE n.outcome = 'won' AND w.id IS NULL)
  FROM picked p JOIN seen n ON n.id = p.deal LEFT JOIN worth w ON w.id = p.deal
 GROUP BY p.part, p.value"""

_STANDING = "FROM pipeline_playuse u JOIN seen n ON n.id = u.opportunity_id WHERE u.taken_back_at IS NULL"
_BY_PLAY = f"SELECT DISTINCT u.play_id AS part, ''::text AS value, u.opportunity_id AS deal {_STANDING} AND u.play_id IN ({{plays}})"
_OF_PLAY = f"""
SELECT DISTINCT c.part, c.value, u.opportunity_id AS deal
  FROM pipeline_playuse u JOIN seen n ON n.id = u.opportunity_id
 CROSS JOIN LATERAL (VALUES ('{USED}', ''), ('{STAGE}', u.stage_id), ('{ROLE}', u.buying_role), ('{LANGUAGE}', u.language),
                            ('{MONTH}', n.month::text)) c (part, value)
 WHERE u.taken_back_at IS NULL AND u.play_id = %(play)s
UNION ALL
SELECT c.part, '', n.id FROM seen n
  LEFT JOIN (SELECT DISTINCT u.opportunity_id AS id FROM pipeline_playuse u
              WHERE u.taken_back_at IS NULL AND u.play_id = %(play)s) used ON used.id = n.id
 CROSS JOIN LATERAL (VALUES ('{OFFERED}'), (CASE WHEN used.id IS NULL THEN '{UNUSED}' END)) c (part)
 WHERE c.part IS NOT NULL AND n.id IN ({{offered}})"""


def _named(rows: QuerySet[Any], name: str) -> tuple[str, dict[str, Any]]:
    """The ids of `rows` as a subquery with named parameters; none at all where nothing can match."""
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", {}
    names = [f"{name}_{at}" for at in range(len(params))]
    return sql % tuple(f"%({one})s" for one in names), dict(zip(names, params, strict=True))


def _counted(picked: str, given: dict[str, Any], *, viewer: User, lens: Lens) -> list[tuple[Any, str, Outcomes]]:
    seen, of_seen = _named(Opportunity.objects.visible_to(viewer), "seen")
    with one_snapshot():
        frame = frame_for(viewer, lens)
        statement = _STATEMENT.format(seen=seen, picked=picked, sight=frame.sight.of_account("w"))
        values = {**frame.source.given(), **frame.sight.given(), **of_seen, **given}
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return [(part, value, Outcomes(*map(int, row))) for part, value, *row in cursor.fetchall()]


def outcomes_of_plays(plays: Iterable[int], *, viewer: User, lens: Lens) -> dict[int, Outcomes]:
    """What came of deals that each of these plays was used on; one without any is absent."""
    ids = sorted(plays)
    if not ids:
        return {}
    picked = _BY_PLAY.format(plays="SELECT unnest(%(plays)s::bigint[])")
    return {play: found for play, _value, found in _counted(picked, {"plays": ids}, viewer=viewer, lens=lens)}


@dataclass(frozen=True)
class PlayOutcomes:
    """A play's deals: all it was offered on, those it was used on, those it was offered on and not used; and the used ones by
    stage, buying role, language and month. A deal that it was used on at two stages stands in both, and once in `used`."""

    offered: Outcomes
    used: Outcomes
    unused: Outcomes
    cuts: dict[str, dict[str, Outcomes]]

    def cut(self, name: str) -> dict[str, Outcomes]:
        return self.cuts.get(name, {})


def outcomes_of_play(play: Play, *, viewer: User, lens: Lens) -> PlayOutcomes:
    """In one statement beside those that say what the play is for."""
    offered, given = _named(offered_deals(play, viewer=viewer), "offered")
    picked = _OF_PLAY.format(offered=offered)
    cuts: dict[str, dict[str, Outcomes]] = {}
    for part, value, found in _counted(picked, {**given, "play": play.pk}, viewer=viewer, lens=lens):
        cuts.setdefault(part, {})[value] = found
    whole = {name: cuts.pop(name, {}).get("", NONE) for name in (OFFERED, USED, UNUSED)}
    return PlayOutcomes(whole[OFFERED], whole[USED], whole[UNUSED], cuts)
