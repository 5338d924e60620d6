"""What the dashboards read: a region, a country in it, or the world, under the lens of the page.

Every figure of a node and its parts is the roll-ups' own; comparisons with last year, the map, the trend and the customers
are sums of the same cells (`workspace.sums`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import tree_for
from core import formats
from core.snapshots import one_snapshot
from money.queries import business_date, exponents, fiscal_start_month, rates_on_offer, reporting_currencies
from regions.queries import region_names
from rollups import queries as rollups
from rollups.figures import CheckLine, Child, Figure, Measures, UnpricedFact
from rollups.lens import parse_lens
from rollups.measures import COUNT_KEYS, MONEY_KEYS
from rollups.tally import exact
from rollups.troubles import Trouble
from users.models import User
from workspace import customers, pictures, places, sums
from workspace.dashboard import (
    Amount,
    Comparison,
    Customers,
    Dashboard,
    Glance,
    PartRow,
    Whole,
    addition,
    share_of,
    size_of,
    unpriced_facts,
)
from workspace.ground import UNALLOCATED, Ground
from workspace.lenses import NOW, THEN, Frame, PageLens
from workspace.periods import YEAR
from workspace.sums import Book, Key, MonthSum

Trail = list[tuple[str, str]]
#: How many customers a region's page and a country's page show.
TOP, ALL = 10, 200
UNPRICED_SHOWN = 200


def trouble() -> Trouble | None:
    """What keeps figures from following the facts, if anything does."""
    return rollups.trouble()


def stamp(trouble: Trouble | None) -> str:
    """Changes whenever the figures do, or what is to be said of their state."""
    return f"{rollups.stamp()}-{trouble.since.timestamp():.0f}.{trouble.run}" if trouble else rollups.stamp()


def checked(*, viewer: User, lens: PageLens) -> CheckLine:
    """Roots and `unallocated` beside one query on the facts, of what the viewer may see."""
    return rollups.check_line(viewer=viewer, lens=parse_lens(lens.api_params))


def unpriced(*, viewer: User, lens: PageLens, region: str = "", country: str = "") -> list[UnpricedFact]:
    """The latest facts without a price; of everything without a `region`. Http404 when there is no such region."""
    asked = parse_lens(lens.api_params)
    place = {"region": region or None, "country": country or None}
    facts = rollups.unpriced_facts(viewer=viewer, lens=asked, limit=UNPRICED_SHOWN, **place)
    decimals = exponents()
    return [replace(fact, amount=exact(fact.amount, decimals[fact.currency])) for fact in facts]


def frame() -> Frame:
    """What the choices of a lens depend on."""
    return Frame(business_date(), tuple(reporting_currencies()), fiscal_start_month(), tuple(rates_on_offer()))


@dataclass(frozen=True)
class _Node:
    """The node of a dashboard before its figures are put together. `names` are (code, name) of regions by id."""

    kind: str
    code: str
    name: str
    trail: Trail
    ground: Ground
    whole: Whole
    names: dict[int, tuple[str, str]]


@one_snapshot()
def region_dashboard(*, viewer: User, code: str, lens: PageLens) -> Dashboard:
    """A region by code, or `unallocated`. Http404 when there is none."""
    return _dashboard(viewer, lens, _region(viewer, code, lens))


@one_snapshot()
def world_dashboard(*, viewer: User, lens: PageLens) -> Dashboard:
    """Roots and `unallocated` as one: all facts that the viewer may see. One root shows its own parts in its place."""
    return _dashboard(viewer, lens, _world(viewer, lens))


@one_snapshot()
def top_customers(*, viewer: User, code: str, lens: PageLens) -> Customers:
    """The largest customers of a region by code, of `unallocated`, or with no code of the world. Http404 when there is none."""
    return _customers(viewer, lens, _node(viewer, code, "", lens))


def _region(viewer: User, code: str, lens: PageLens) -> _Node:
    figure = rollups.region_figures(viewer=viewer, code=code, lens=parse_lens(lens.api_params))
    names = region_names()
    ground = _ground(viewer, code, lens, names)
    trail = _trail(viewer, ground, lens, names)
    return _Node("region", code, trail[-1][0], trail, ground, _whole(figure, figure.children), names)


def _world(viewer: User, lens: PageLens) -> _Node:
    whole, figures = rollups.world_figures(viewer=viewer, lens=parse_lens(lens.api_params))
    names = region_names()
    ids = {code: pk for pk, (code, _label) in names.items()}
    roots = [figure for figure in figures if figure.scope.code != UNALLOCATED]
    through = ids.get(roots[0].scope.code) if len(roots) == 1 else None
    children = [*roots[0].children, *_as_children(figures[1:])] if through is not None else _as_children(figures)
    ground = Ground(tree_for(viewer), None, _tree_day(lens), through=through)
    return _Node("world", "", _("World"), [(_("World"), "")], ground, _whole(whole, children), names)


@one_snapshot()
def country_dashboard(*, viewer: User, code: str, country: str, lens: PageLens) -> Dashboard:
    """A country as a part of a region, in the months in which it stood there. Http404 when there is none."""
    return _dashboard(viewer, lens, _country(viewer, code, country, lens))


@one_snapshot()
def glance(*, viewer: User, lens: PageLens, code: str = "", country: str = "") -> Glance:
    """The node of any of these pages: of a region, of `country` in it, or with no code of the world. Http404 as theirs."""
    node = _node(viewer, code, country, lens)
    return Glance(node.kind, node.code, node.ground.country, node.name, node.trail, lens, node.whole)


def _node(viewer: User, code: str, country: str, lens: PageLens) -> _Node:
    if country:
        return _country(viewer, code, country, lens)
    return _region(viewer, code, lens) if code else _world(viewer, lens)


def _country(viewer: User, code: str, country: str, lens: PageLens) -> _Node:
    figure = rollups.region_figures(viewer=viewer, code=code, lens=parse_lens(lens.api_params))
    names = region_names()
    ground = replace(_ground(viewer, code, lens, names), country=country)
    child = next((c for c in figure.children if c.type == "country" and c.code == country), None)
    if child is None and not any(ground.holds(country, month) for month in lens.period.numbers):
        raise Http404(country)
    whole = replace(
        _whole(figure, ()),
        measures=child.measures if child else _nothing(lens),
        unpriced=child.unpriced if child else {},
    )
    trail = [*_trail(viewer, ground, lens, names, to_last=True), (formats.country(country), "")]
    return _Node("country", code, formats.country(country), trail, ground, whole, names)


def _dashboard(viewer: User, lens: PageLens, node: _Node) -> Dashboard:
    book = customers.book_of(viewer, lens)
    cells = sums.revenue(book, [lens.period, lens.period.shifted(-YEAR)], country=node.ground.country)
    exponent = exponents().get(book.currency, 0)
    compared = _Compared(book, cells, lens, node.ground, exponent)
    rows = [] if node.ground.country else _part_rows(node, lens, compared)
    found = _customers(viewer, lens, node) if node.ground.country else None
    parts = found.rows if found else rows
    return Dashboard(
        kind=node.kind,
        code=node.code,
        country=node.ground.country,
        name=node.name,
        trail=node.trail,
        lens=lens,
        whole=node.whole,
        compared=compared.total(),
        rows=rows,
        addition=addition(
            node.whole.of(lens.headline), [(r.name, r.amounts[lens.headline]) for r in parts if r.amounts]
        ),
        trend=None if lens.is_native or lens.is_overlay else pictures.trend(cells, lens, node.ground, exponent),
        countries=()
        if lens.is_native or lens.is_overlay or node.ground.country
        else pictures.countries(cells, lens, node.ground, exponent, node.names),
        customers=found,
        has_revenue=any(
            cell.facts and node.ground.holds(country, month)
            for (_, country, month), cell in cells.items()
            if month in lens.period.numbers
        ),
    )


def _customers(viewer: User, lens: PageLens, node: _Node) -> Customers:
    book = customers.book_of(viewer, lens)
    rows, count = customers.rows(
        book=book,
        ranking=replace(book, currency=lens.frame.currencies[0]),
        lens=lens,
        ground=node.ground,
        limit=ALL if node.ground.country else TOP,
        whole=node.whole.of(lens.headline),
    )
    return Customers(lens, node.code, node.ground.country, rows, count)


class _Compared:
    """Revenue of what has passed of the period beside the same of last year, as a whole and part by part."""

    def __init__(self, book: Book, cells: dict[Key, MonthSum], lens: PageLens, ground: Ground, exponent: int) -> None:
        self.ground, self.exponent = ground, exponent
        self.part = lens.elapsed
        self.is_stated = bool(book.currency) and not book.is_overlay and not self.part.is_nothing
        self.now = sums.passed(book, cells, self.part, ground) if self.is_stated else {}
        self.before = sums.passed(book, cells, self.part.year_before(), ground) if self.is_stated else {}

    def total(self) -> Comparison:
        return self._stated(sum(self.now.values()), sum(self.before.values()))

    def of_part(self, part: int | str) -> Comparison:
        return self._stated(self._sum(self.now, part), self._sum(self.before, part))

    def parts_before(self) -> set[int | str]:
        """The parts that had revenue last year."""
        found = {self.ground.part(country, month) for (_, country, month), minor in self.before.items() if minor}
        return {part for part in found if part is not None}

    def _sum(self, amounts: dict[Key, int], part: int | str) -> int:
        return sum(minor for (_, country, month), minor in amounts.items() if self.ground.part(country, month) == part)

    def _stated(self, now: int, before: int) -> Comparison:
        if not self.is_stated:
            return Comparison()
        earlier = self.part.year_before()
        return Comparison(
            Decimal(now).scaleb(-self.exponent),
            Decimal(before).scaleb(-self.exponent),
            earlier.first_day,
            earlier.last_day,
        )


def _part_rows(node: _Node, lens: PageLens, compared: _Compared) -> list[PartRow]:
    """The children, largest first, then what only last year had here."""
    ids = {code: pk for pk, (code, _label) in node.names.items()}
    whole = node.whole.of(lens.headline)
    rows, seen = [], set()
    for child in node.whole.children:
        part = ids[child.code] if child.type == "region" and child.code != UNALLOCATED else child.code
        seen.add(part)
        rows.append(_child_row(node, child, lens, compared.of_part(part), whole))
    rows.sort(key=lambda row: (-size_of(row.amounts[lens.headline] if row.amounts else Decimal(0)), row.name))
    gone = [_gone_row(node, part, lens, compared.of_part(part)) for part in compared.parts_before() - seen]
    return rows + sorted(gone, key=lambda row: row.name)


def _child_row(node: _Node, child: Child, lens: PageLens, compared: Comparison, whole: Amount) -> PartRow:
    amounts = {name: money for name in MONEY_KEYS if (money := getattr(child.measures, name)) is not None}
    return PartRow(
        kind=child.type,
        code=child.code,
        name=_part_name(node, child.code, child.type),
        url=_part_url(node, child.code, child.type, lens),
        amounts=amounts,
        compared=compared,
        share=share_of(amounts[lens.headline], whole),
        unpriced=unpriced_facts(child.unpriced),
        proof={"region": "" if child.code == UNALLOCATED else _above(node), "child": child.code},
    )


def _above(node: _Node) -> str:
    """The region whose children the page shows: of the world with one root, that root."""
    return node.code or (node.names[node.ground.through][0] if node.ground.through else "")


def _gone_row(node: _Node, part: int | str, lens: PageLens, compared: Comparison) -> PartRow:
    kind = "region" if isinstance(part, int) or part == UNALLOCATED else "country"
    code = node.names[part][0] if isinstance(part, int) else part
    return PartRow(kind, code, _part_name(node, code, kind), _part_url(node, code, kind, lens), None, compared)


def _part_name(node: _Node, code: str, kind: str) -> str:
    if code == UNALLOCATED:
        return _("Unallocated")
    if kind == "country":
        return formats.country(code)
    return next(name for known, name in node.names.values() if known == code)


def _part_url(node: _Node, code: str, kind: str, lens: PageLens) -> str:
    target = places.country(_above(node), code) if kind == "country" else places.region(code)
    return f"{target}?{lens.query}"


def _ground(viewer: User, code: str, lens: PageLens, names: dict[int, tuple[str, str]]) -> Ground:
    region = next((pk for pk, (known, _name) in names.items() if known == code), None)
    return Ground(tree_for(viewer), region, _tree_day(lens), is_unallocated=code == UNALLOCATED)


def _tree_day(lens: PageLens) -> dt.date | None:
    if lens.tree == THEN:
        return None
    return lens.frame.on if lens.tree == NOW else dt.date.fromisoformat(lens.tree)


def _trail(
    viewer: User, ground: Ground, lens: PageLens, names: dict[int, tuple[str, str]], *, to_last: bool = False
) -> Trail:
    """The path down the tree, on the lens's day or today. The last word is where we are unless `to_last` links it."""
    snapshot = tree_for(viewer).on(ground.day or lens.frame.on)
    if ground.region is None:
        path = [(_("Unallocated"), f"{places.region(UNALLOCATED)}?{lens.query}")]
    else:
        path = [
            (names[pk][1], f"{places.region(names[pk][0])}?{lens.query}")
            for pk in reversed(snapshot.path(ground.region))
        ]
    world = (_("World"), f"{places.world()}?{lens.query}")
    is_only_root = ground.region is not None and len(names.keys() - snapshot.parents.keys()) == 1
    # The only root is the world: it has its place in front already, under its own name.
    trail = path if is_only_root and len(path) == 1 else [world, *path[1 if is_only_root else 0 :]]
    if not to_last:
        trail[-1] = (trail[-1][0], "")
    return trail


def _as_children(figures: Sequence[Figure]) -> list[Child]:
    """Roots and `unallocated` as parts of everything; `unallocated` only where it holds something."""
    held = [f for f in figures if f.scope.code != UNALLOCATED or _holds_anything(f)]
    return [Child("region", f.scope.code, f.scope.name, f.measures, f.unpriced) for f in held]


def _holds_anything(figure: Figure) -> bool:
    m = figure.measures
    return any(getattr(m, name) for name in (*MONEY_KEYS, *COUNT_KEYS)) or any(
        u.facts for u in figure.unpriced.values()
    )


def _whole(figure: Figure, children: Sequence[Child]) -> Whole:
    return Whole(
        measures=figure.measures,
        unpriced=figure.unpriced,
        children=tuple(children),
        computed_at=figure.computed_at,
        run=figure.run,
        is_fresh=figure.fresh,
        oldest_rate=figure.oldest_rate,
        is_provisional=figure.provisional,
        is_restricted=figure.restricted,
    )


def _measures(money: Mapping[str, Amount], counts: Mapping[str, int]) -> Measures:
    """Measures by their names."""
    values: dict[str, Any] = {**money, **counts}
    return Measures(**values)


def _nothing(lens: PageLens) -> Measures:
    zero: Amount = {} if lens.is_native else Decimal(0)
    return _measures(dict.fromkeys(MONEY_KEYS, zero), dict.fromkeys(COUNT_KEYS, 0))
