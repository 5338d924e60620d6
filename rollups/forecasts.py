"""Forecasts by region and by manager line, computed from the deals as they stand.

A member's line is her own deals and those of everybody who reports to her, directly or through others: her parts are her own
deals and the line of each direct report.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from core import months
from core.snapshots import one_snapshot
from money.conversion import from_minor
from regions.models import UNALLOCATED
from rollups import forecast_reading
from rollups.figures import Money, ScopeOf, Unpriced
from rollups.forecast_adjusted import EVERYTHING, Adjusted, Basis, adjusted, bases, marked_stale
from rollups.forecast_categories import COUNTED, KEYS, Category, ForecastPeriod
from rollups.forecast_figures import Amounts, ForecastFigure, ForecastPart
from rollups.forecast_standing import Standing
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.measures import NO_MEMBER
from rollups.member_figures import UNASSIGNED, known_members, unassigned, visible_member
from rollups.region_figures import Geography, Place, country_name, geography, is_restricted, region_id
from rollups.tally import Node, Row, Tally, climb, exact
from teams.models import Member
from users.models import User

UNASSIGNED_KEY = -3
"""Where countries in no region lie, among regions."""


def region_forecast(*, viewer: User, code: str, lens: Lens, period: ForecastPeriod) -> ForecastFigure:
    """The forecast of one region, or of `unallocated`; an empty code is the world, whose parts are the roots and
    `unallocated`. Http404 when no region has the code."""
    with one_snapshot():
        frame = forecast_frame(viewer, lens, period)
        where = geography(frame.lens)
        region = region_id(where, code) if code else None
        rows, deals = forecast_reading.rows_by_country(frame), forecast_reading.deals_by_country(frame)
        found = _judged_regions(frame, where, period, rows)
    if not code:
        node = climb(rows, deals, lambda country, month: _root_of(where, country, month))
        scope, restricted = ScopeOf("world", "", _("World")), not frame.sight.is_everything
    else:
        node = climb(rows, deals, lambda country, month: where.child_of(region, country, month))
        scope, restricted = ScopeOf("region", *_region_named(where, region)), is_restricted(where, frame, region)
    key = EVERYTHING if not code else UNASSIGNED_KEY if region is None else region
    return replace(
        _figure(frame, period, scope, node, _region_parts(frame, where, node, found)),
        restricted=restricted,
        parent=_region_above(where, region, period),
        standings=_whole(node, found, key),
        adjustments=found.at(key),
        node_id=region,
    )


def _root_of(where: Geography, country: Hashable, month: int) -> Place:
    path = where.path(country, month)
    return Place(path[-1] if path else None)


def _judged_regions(frame: Frame, where: Geography, period: ForecastPeriod, rows: list[Row]) -> Adjusted:
    """The standings of all regions. A region stands under the parent of the period's last day."""
    parents = dict(where.on(period.last).parents)
    found = adjusted(
        frame,
        "region",
        period,
        rows,
        path_of=lambda country, month: where.path(country, month) or (UNASSIGNED_KEY,),
        parents=parents,
        is_told=lambda region: not is_restricted(where, frame, region),
    )
    present = region_bases(frame, where, {node for node, _ in found.adjustments})
    return marked_stale(found, present, lambda upper, lower: upper in where.on(period.last).path(lower))


def region_bases(frame: Frame, where: Geography, nodes: Collection[int]) -> dict[tuple[int, str], Basis]:
    """The native sums of the parts of regions, by their codes, by the structure of the time whatever the lens's is."""
    where = Geography(where.tree, replace(where.lens, tree="then"), where.names)
    return bases(
        frame,
        nodes,
        by_member=False,
        child_of=where.child_of,
        name_of=lambda place: _place_code(where, place),
    )


def _place_code(where: Geography, place: Hashable) -> str:
    assert isinstance(place, Place)  # what child_of named
    return place.country if place.region is None else where.names[place.region][0]


def _region_named(where: Geography, region: int | None) -> tuple[str, str]:
    return where.names[region] if region is not None else (UNALLOCATED, _("Unallocated"))


def _region_above(where: Geography, region: int | None, period: ForecastPeriod) -> ScopeOf | None:
    parent = None if region is None else where.on(period.last).parents.get(region)
    return None if parent is None else ScopeOf("region", *where.names[parent])


def _region_parts(frame: Frame, where: Geography, node: Node, judged: Adjusted) -> list[ForecastPart]:
    found = []
    for key, tally in node.children.items():
        assert isinstance(key, Place)  # what child_of named
        named = ("region", *_region_named(where, key.region))
        if key.country:
            named = ("country", key.country, country_name(key.country))
        whole = {} if key.country or key.region is None else judged.of(key.region)
        found.append(ForecastPart(*named, amounts_of(frame, tally), _of_part(tally, whole, judged)))
    order = {"region": 0, "country": 1}
    return sorted(found, key=lambda part: (part.code == UNALLOCATED, order[part.type], part.code))


def _of_part(tally: Tally, whole: Mapping[str, Standing], judged: Adjusted) -> dict[str, Standing]:
    """A part's contribution with what adjustments make of its whole node: a region that moved within the period gives its
    difference where it stands at the end."""
    found = {}
    for category in judged.by_category:
        minor = sum(int(m) for (measure, _), m in tally.money.items() if Category(measure).key == category)
        node = whole.get(category, Standing(0, 0))
        below = minor + node.below - node.computed
        found[category] = Standing(minor, below, None if node.here is None else minor + node.difference)
    return found


def _whole(node: Node, judged: Adjusted, key: int) -> dict[str, Standing]:
    return _of_part(node.total, judged.of(key), judged)


@dataclass(frozen=True)
class Lines:
    """Who reports to whom today, among the members whom the reader may know."""

    members: Mapping[int, Member]

    @cached_property
    def managers(self) -> dict[int, int]:
        return {
            pk: member.manager_id
            for pk, member in self.members.items()
            if member.manager_id is not None and member.manager_id in self.members
        }

    def path(self, member: int) -> list[int]:
        """She and everybody above her, nearest first; a circle ends where it meets itself."""
        found = [member]
        while (manager := self.managers.get(found[-1])) is not None and manager not in found:
            found.append(manager)
        return found

    def child_of(self, node: int | None, member: Hashable) -> int | None:
        """The direct report of `node` in whose line `member` is, `node` itself for her own deals, None outside it; of None,
        whoever is at the top."""
        if member == NO_MEMBER:
            return NO_MEMBER if node in (None, NO_MEMBER) else None
        path = self.path(member) if isinstance(member, int) else []
        if node is None:
            return path[-1]
        if node not in path:
            return None
        return path[max(path.index(node) - 1, 0)]

    def scope(self, member: int) -> ScopeOf:
        if member == NO_MEMBER:
            return unassigned()
        found = self.members.get(member)
        return ScopeOf("member", found.email if found else str(member), str(found or ""))


def lines_known(viewer: User) -> Lines:
    return Lines({member.pk: member for member in known_members(viewer)})


def managers_above(*, viewer: User, email: str) -> list[tuple[str, str]]:
    """Address and name of everybody above a member, the top first, as far as the viewer may know them."""
    member, _scope = visible_member(viewer, email)
    lines = lines_known(viewer)
    found = [lines.scope(pk) for pk in reversed(lines.path(member)[1:])] if member != NO_MEMBER else []
    return [(scope.code, scope.name) for scope in found]


def member_forecast(*, viewer: User, email: str, lens: Lens, period: ForecastPeriod) -> ForecastFigure:
    """The forecast of a member's line, or of `unassigned`; an empty address is everybody, whose parts are those who report to
    nobody, and `unassigned`. Http404 for an address that names nobody whom the viewer may know."""
    member, scope = visible_member(viewer, email) if email else (None, ScopeOf("members", "", _("Everybody")))
    lines = lines_known(viewer)
    with one_snapshot():
        frame = forecast_frame(viewer, lens, period)
        rows, deals = forecast_reading.rows_by_member(frame), forecast_reading.deals_by_member(frame)
        judged = _judged_members(frame, viewer, lines, period, rows)
    node = climb(rows, deals, lambda whose, _month: lines.child_of(member, whose))
    parts = [_member_part(frame, lines, member, key, tally, judged) for key, tally in node.children.items()]
    parts.sort(key=lambda part: (part.type != "own", part.code == UNASSIGNED, part.code))
    above = lines.managers.get(member) if member else None
    key = EVERYTHING if member is None else member
    return replace(
        _figure(frame, period, scope, node, parts if member != NO_MEMBER else []),
        restricted=not frame.sight.is_everything,
        parent=lines.scope(above) if above is not None else None,
        standings=_whole(node, judged, key),
        adjustments=judged.at(key),
        node_id=member,
    )


def _judged_members(frame: Frame, viewer: User, lines: Lines, period: ForecastPeriod, rows: list[Row]) -> Adjusted:
    """Of a member's line the reader is told who sees everything, the member, and whoever is above her."""
    mine = next((pk for pk, member in lines.members.items() if member.user_id == viewer.pk), None)
    found = adjusted(
        frame,
        "member",
        period,
        rows,
        path_of=lambda whose, _month: lines.path(whose) if isinstance(whose, int) and whose else (NO_MEMBER,),
        parents=lines.managers,
        is_told=lambda whose: frame.sight.is_everything or mine in lines.path(whose),
    )
    present = member_bases(frame, {node for node, _ in found.adjustments})
    return marked_stale(found, present, lambda upper, lower: upper in lines.path(lower))


def member_bases(frame: Frame, nodes: Collection[int]) -> dict[tuple[int, str], Basis]:
    """The native sums of the parts of members' lines, by their addresses, whoever asks."""
    if not nodes:
        return {}
    lines = Lines({member.pk: member for member in Member.objects.all()})
    return bases(
        frame,
        nodes,
        by_member=True,
        child_of=lambda node, whose, _month: lines.child_of(node, whose),
        name_of=lambda whose: lines.scope(whose).code if isinstance(whose, int) else "",
    )


def _member_part(
    frame: Frame, lines: Lines, node: int | None, key: Any, tally: Tally, judged: Adjusted
) -> ForecastPart:
    scope, amounts = lines.scope(key), amounts_of(frame, tally)
    if key == node:
        return ForecastPart("own", scope.code, scope.name, amounts, _of_part(tally, {}, judged))
    return ForecastPart("member", scope.code, scope.name, amounts, _of_part(tally, judged.of(key), judged))


def forecast_frame(viewer: User, lens: Lens, period: ForecastPeriod) -> Frame:
    return frame_for(viewer, lens.over(period.first, period.last), has_revenue=False)


def _figure(
    frame: Frame, period: ForecastPeriod, scope: ScopeOf, node: Node, parts: list[ForecastPart]
) -> ForecastFigure:
    nothing = Tally()
    lens = frame.lens
    return ForecastFigure(
        scope=scope,
        period=period,
        lens=lens,
        as_of=lens.as_of,
        exponent=None if lens.is_native else frame.shape.exponents[lens.currency],
        oldest_rate=None if lens.is_native else node.total.oldest_rate,
        restricted=not frame.sight.is_everything,
        amounts=amounts_of(frame, node.total),
        months=tuple((months.label(m), amounts_of(frame, node.months.get(m, nothing))) for m in lens.months),
        parts=tuple(parts),
    )


def amounts_of(frame: Frame, tally: Tally) -> Amounts:
    """A tally whose measures are categories."""
    return Amounts(
        money={category.key: _money(frame, tally, {category}) for category in Category},
        forecast=_money(frame, tally, {category for category in Category if category.key in COUNTED}),
        deals={key: tally.deals.get(key, 0) for key in KEYS},
        unpriced={} if frame.lens.is_native else {c.key: _unpriced(frame, tally, c) for c in Category},
    )


def _money(frame: Frame, tally: Tally, categories: set[Category]) -> Money:
    decimals = frame.shape.exponents
    sums: dict[str, int] = {}
    for (measure, currency), minor in sorted(tally.money.items()):
        if measure in categories:
            sums[currency] = sums.get(currency, 0) + minor
    if frame.lens.is_native:
        return {currency: from_minor(minor, decimals[currency]) for currency, minor in sorted(sums.items())}
    return from_minor(sum(sums.values()), decimals[frame.lens.currency])


def _unpriced(frame: Frame, tally: Tally, category: Category) -> Unpriced:
    held = tally.unpriced.get(category, {})
    amounts = {code: exact(native, frame.shape.exponents[code]) for code, (_, native) in sorted(held.items())}
    return Unpriced(sum(facts for facts, _ in held.values()), amounts)


def against(
    *, viewer: User, kind: str, code: str, lens: Lens, period: ForecastPeriod, category: str
) -> tuple[Decimal, Basis]:
    """What an adjustment of a node is made against: the computed figure that the viewer sees, and the native sums of its parts
    by which it is found stale. Http404 for a node that is not there."""
    find = region_forecast if kind == "region" else _member_of
    figure = find(viewer=viewer, code=code, lens=lens, period=period)
    computed = figure.amounts.money[category]
    assert isinstance(computed, Decimal), "an adjustment is said in one currency"
    if figure.node_id is None:
        return computed, {}
    with one_snapshot():
        frame = forecast_frame(viewer, lens, period)
        nodes = {figure.node_id}
        of_region = kind == "region"
        found = region_bases(frame, geography(frame.lens), nodes) if of_region else member_bases(frame, nodes)
    return computed, found[figure.node_id, category]


def _member_of(*, viewer: User, code: str, lens: Lens, period: ForecastPeriod) -> ForecastFigure:
    return member_forecast(viewer=viewer, email=code, lens=lens, period=period)
