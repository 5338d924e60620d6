"""Figures of every region under trees that may be other than the one that stands: the cells are read once and climb each
tree. What a change of the geography would do to figures is the difference of two of these."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import connection

from core.snapshots import one_snapshot
from regions.models import UNALLOCATED
from regions.tree import RegionTree
from rollups.figures import Measures, Unpriced
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.measures import Measure
from rollups.reading import deals_by_country, rows_by_country
from rollups.region_figures import Geography
from rollups.tally import Deals, Row, Tally
from users.models import User


@dataclass(frozen=True)
class Drawn:
    """A tree with the codes and names of its regions by id. `day` is the one on which all months read it; None: each month
    reads it on its own last day."""

    tree: RegionTree
    names: dict[int, tuple[str, str]]
    day: dt.date | None


@dataclass(frozen=True)
class Part:
    """What lies under a node. `months` are filled for the codes that were asked for: by month number."""

    measures: Measures
    unpriced: Mapping[str, Unpriced]
    months: Mapping[int, Measures] = field(default_factory=dict)


@dataclass(frozen=True)
class TreeFigures:
    """Every region's figure under one tree, by code; what each holds as a root; and everything. Roots and `unallocated` (a
    key of `roots`) add up to `whole` in money."""

    regions: Mapping[str, Part]
    roots: Mapping[str, Part]
    whole: Part
    restricted: bool


def figures_under(
    *, viewer: User, lens: Lens, drawn: Sequence[Drawn], monthly: Collection[str] = ()
) -> list[TreeFigures]:
    """The figures of all regions under each of the trees `drawn`, of what `viewer` may see today. The statements are those
    of one figure, whatever the trees. `monthly` are codes of regions whose months are wanted too."""
    with one_snapshot():
        frame = frame_for(viewer, lens)
        rows, deals = rows_by_country(frame.source, frame.sight), deals_by_country(frame.source, frame.sight)
    return [_under(frame, one, rows, deals, frozenset(monthly)) for one in drawn]


class _Climb:
    """The tallies of all regions, of roots (None: unallocated), of everything, and of months of some regions."""

    def __init__(self) -> None:
        self.regions: dict[int, Tally] = defaultdict(Tally)
        self.roots: dict[int | None, Tally] = defaultdict(Tally, {None: Tally()})
        self.whole = Tally()
        self.months: dict[int, dict[int, Tally]] = defaultdict(lambda: defaultdict(Tally))

    def add(self, where: Geography, rows: Iterable[Row], wanted: set[int]) -> None:
        for row in rows:
            path = where.path(row.place, row.month)
            for region in path:
                self.regions[region].add(row)
                if region in wanted:
                    self.months[region][row.month].add(row)
            self.roots[path[-1] if path else None].add(row)
            self.whole.add(row)

    def count(self, where: Geography, deals: Iterable[Deals]) -> None:
        """Distinct deals at each node; none where another row counts them."""
        for group in deals:
            paths = [where.path(place, group.month) for place in group.places]
            counted = [where.path(place, group.month) for place in group.already]
            for region in {r for path in paths for r in path} - {r for path in counted for r in path}:
                self.regions[region].deals[group.outcome] += group.deals
            tops = {path[-1] if path else None for path in paths} - {path[-1] if path else None for path in counted}
            for top in tops:
                self.roots[top].deals[group.outcome] += group.deals
            if paths and not counted:
                self.whole.deals[group.outcome] += group.deals


def _under(frame: Frame, drawn: Drawn, rows: list[Row], deals: list[Deals], monthly: frozenset[str]) -> TreeFigures:
    # The lens's own choice of tree gives way to the one that is asked about.
    where = Geography(drawn.tree, replace(frame.lens, tree=drawn.day or "then"), drawn.names)
    wanted = {region for region, (code, _name) in drawn.names.items() if code in monthly}
    climb = _Climb()
    climb.add(where, rows, wanted)
    climb.count(where, deals)
    codes = {region: code for region, (code, _name) in drawn.names.items()}

    def part(tally: Tally, of_months: Mapping[int, Tally] | None = None) -> Part:
        by_month = {month: frame.shape.measures(found) for month, found in (of_months or {}).items()}
        return Part(frame.shape.measures(tally), frame.shape.unpriced(tally), by_month)

    return TreeFigures(
        regions={code: part(climb.regions[region], climb.months.get(region)) for region, code in codes.items()},
        roots={UNALLOCATED if top is None else codes[top]: part(tally) for top, tally in climb.roots.items()},
        whole=part(climb.whole),
        restricted=not frame.sight.is_everything,
    )


@dataclass(frozen=True)
class Area:
    """Facts of a country from one month to another, both inclusive, counted for `who`; areas of one `who` are disjoint."""

    who: int
    country: str
    first: int
    last: int


# The weighted pipeline repeats the open one.
_COUNTED = [int(m) for m in Measure if m is not Measure.WEIGHTED]
_FACTS = """
SELECT a.who, sum(c.facts)
  FROM unnest(%(whos)s::bigint[], %(countries)s::text[], %(firsts)s::int[], %(lasts)s::int[]) a (who, country, first, last)
  JOIN rollups_accountcell c ON c.country = a.country AND c.month BETWEEN a.first AND a.last
 WHERE c.measure = ANY (%(measures)s) AND NOT EXISTS (
       SELECT FROM unnest(%(owners)s::bigint[], %(owned)s::bigint[]) w (who, account_id)
        WHERE w.who = a.who AND w.account_id = c.account_id)
 GROUP BY 1
"""


def facts_in(areas: Sequence[Area], *, apart_from: Mapping[int, Collection[int]]) -> dict[int, int]:
    """How many revenue entries and deals' lines lie in each one's areas, without those of the accounts that she sees
    anyhow (`apart_from`, ids by `who`). Counts, no money: for those who weigh who will see what. One statement."""
    pairs = [(who, account) for who, accounts in apart_from.items() for account in accounts]
    given: dict[str, list[int] | list[str]] = {
        "whos": [area.who for area in areas],
        "countries": [area.country for area in areas],
        "firsts": [area.first for area in areas],
        "lasts": [area.last for area in areas],
        "measures": _COUNTED,
        "owners": [who for who, _account in pairs],
        "owned": [account for _who, account in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        return {who: int(facts) for who, facts in cursor.fetchall()}
