"""What the snapshots said of a period: replayed from the frozen rows alone, whatever became of deals, rates and regions since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from regions.models import UNALLOCATED
from rollups.figures import ScopeOf
from rollups.forecast_categories import COUNTED, KEYS, ForecastPeriod
from rollups.forecast_flows import in_line
from rollups.forecast_models import ForecastSnapshot
from rollups.forecast_moments import given_sight, holders, refuse_unless_reported
from rollups.shares import prime_parts
from rollups.sight import Sight

OWN = "own"


@dataclass
class Said:
    """What one snapshot said of a node: minor units by category, and by part. `unpriced` lines had no rate and are 0 in it."""

    snapshot: ForecastSnapshot
    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    parts: dict[str, int] = field(default_factory=dict)
    unpriced: int = 0

    @property
    def forecast(self) -> int:
        return sum(self.amounts[category] for category in COUNTED)

    def add(self, category: str, part: str, minor: int, unpriced: int) -> None:
        self.amounts[category] += minor
        self.unpriced += unpriced
        if category in COUNTED:
            self.parts[part] = self.parts.get(part, 0) + minor


# The part of the node that a line lies in: the region below it on the line's path, or the country itself.
_BY_REGION = """
SELECT snapshot_id, category,
       CASE WHEN %(code)s = '' THEN COALESCE(path[array_length(path, 1)], %(unallocated)s)
            WHEN %(code)s = %(unallocated)s THEN country
            ELSE COALESCE(path[NULLIF(array_position(path, %(code)s) - 1, 0)], country) END AS part,
       COALESCE(sum(minor), 0), (count(*) FILTER (WHERE minor IS NULL AND amount IS NOT NULL))::int
  FROM ({lines}) l
 WHERE %(code)s = '' OR CASE WHEN %(code)s = %(unallocated)s THEN path = '{{}}' ELSE %(code)s = ANY (path) END
 GROUP BY 1, 2, 3"""
_LINES = """
SELECT f.snapshot_id, f.deal, f.line, f.category, f.path::text[] AS path, f.country, f.owner, f.prime, f.amount,
       f.minor[array_position(s.currencies, %(goal)s)] AS minor
  FROM rollups_forecastline f JOIN rollups_forecastsnapshot s ON s.id = f.snapshot_id
 WHERE f.snapshot_id = ANY (%(snapshots)s::bigint[]) AND f.month BETWEEN %(first)s AND %(last)s
   AND f.category = ANY (%(categories)s::text[]) AND {seen}"""


def said_of_region(
    *, sight: Sight, code: str, period: ForecastPeriod, snapshots: Sequence[ForecastSnapshot], currency: str
) -> list[Said]:
    """What each snapshot said of a region, of `unallocated`, or with an empty code of the world, in their order."""
    found = _empty(snapshots, currency)
    lines = _LINES.format(seen=sight.of_account("f"))
    given = {**_given(sight, period, snapshots, currency), "code": code, "unallocated": UNALLOCATED}
    for snapshot, category, part, minor, unpriced in _rows(_BY_REGION.format(lines=lines), given):
        found[snapshot].add(category, part, int(minor), unpriced)
    return list(found.values())


def said_of_member(
    *, sight: Sight, node: ScopeOf, period: ForecastPeriod, snapshots: Sequence[ForecastSnapshot], currency: str
) -> list[Said]:
    """The same of a member's line (prime shares), of `unassigned`, or with an empty address of everybody."""
    found = _empty(snapshots, currency)
    statement = f"""SELECT snapshot_id, deal, line, category, owner, prime, minor, amount IS NOT NULL
  FROM ({_LINES.format(seen=_WHOLE_DEALS)}) l ORDER BY snapshot_id, deal, line"""
    seen = f"""SELECT f.snapshot_id, f.deal, f.line FROM rollups_forecastline f
 WHERE f.snapshot_id = ANY (%(snapshots)s::bigint[]) AND f.month BETWEEN %(first)s AND %(last)s AND {sight.of_account("f")}"""
    given = _given(sight, period, snapshots, currency)
    visible = None if sight.is_everything else set(_rows(seen, given))
    deals: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for snapshot, deal, *rest in _rows(statement, given):
        deals.setdefault((snapshot, deal), []).append(tuple(rest))
    for (snapshot, deal), lines in deals.items():
        kept = {line[0] for line in lines if visible is None or (snapshot, deal, line[0]) in visible}
        _add_deal(found[snapshot], lines, kept, node.code)
    return list(found.values())


_WHOLE_DEALS = "true"


def _add_deal(said: Said, lines: list[tuple[Any, ...]], kept: set[int], node: str) -> None:
    """Whole deals are shared out; of the lines that the reader sees, the node's parts count."""
    minors = {line: int(minor or 0) for line, _c, _o, _p, minor, _a in lines}
    unpriced = {line for line, _c, _o, _p, minor, has_amount in lines if minor is None and has_amount}
    _line, category, owner, prime, *_rest = lines[0]
    having = holders(prime, owner)
    if not having:
        if node in ("", "unassigned"):
            for line in kept:
                said.add(category, "unassigned", minors[line], line in unpriced)
        return
    shares = prime_parts(minors, having)
    for holder in having:
        part = part_of(holder.email, node, said.snapshot.managers)
        for line in kept if part else ():
            said.add(category, part, shares[holder.email, line], line in unpriced)


def part_of(email: str, node: str, managers: Mapping[str, str]) -> str:
    """The direct report of `node` in whose line somebody was, OWN for herself, empty outside it; of nobody, the top."""
    if email == node:
        return OWN
    if node and not in_line(email, node, managers):
        return ""
    path = [email]
    while (manager := managers.get(path[-1])) is not None and manager != node and manager not in path:
        path.append(manager)
    return path[-1]


def _empty(snapshots: Sequence[ForecastSnapshot], currency: str) -> dict[int, Said]:
    for snapshot in snapshots:
        refuse_unless_reported(currency, snapshot.currencies)
    return {snapshot.pk: Said(snapshot) for snapshot in snapshots}


def _given(sight: Sight, period: ForecastPeriod, snapshots: Iterable[ForecastSnapshot], goal: str) -> dict[str, Any]:
    return {
        **given_sight(sight),
        "first": period.first,
        "last": period.last,
        "snapshots": [snapshot.pk for snapshot in snapshots],
        "goal": goal,
        "categories": list(KEYS),
    }


def _rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
