"""Flows of nodes: which lines of two moments lie at a region or in a member's line, and what happened to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from django.http import Http404
from django.utils.translation import gettext as _

from core import months
from core.snapshots import one_snapshot
from money.queries import exponents
from regions.models import UNALLOCATED
from regions.queries import region_names, region_tree
from rollups.figures import ScopeOf
from rollups.forecast_categories import ForecastPeriod
from rollups.forecast_flow import FX, Flow, Position, Step, flow, step
from rollups.forecast_models import ForecastSnapshot
from rollups.forecast_moments import Moment, Pair, Side, holders, moment_of, pairs, refuse_unless_reported
from rollups.lens import LensError
from rollups.member_figures import UNASSIGNED, visible_member
from rollups.shares import Holder, prime_parts
from rollups.sight import sight_of
from users.models import User

NOW = "now"


@dataclass(frozen=True)
class FlowLine:
    """A line that moved: the movement, its change at the earlier rates, and what rates did to it."""

    pair: Pair
    step: Step

    @property
    def is_fx(self) -> bool:
        return bool(self.step.fx)


@dataclass(frozen=True)
class FlowFigure:
    """A node's flow of a period between two moments, in minor units of `currency`. `unpriced` counts lines in it that had no rate
    at a moment: they are 0 there. `lines` are those that moved, or whose rate did."""

    scope: ScopeOf
    period: ForecastPeriod
    older: ForecastSnapshot
    later: ForecastSnapshot | None
    later_on: dt.date
    currency: str
    exponent: int
    restricted: bool
    flow: Flow
    deals: Mapping[str, int]
    unpriced: int
    lines: tuple[FlowLine, ...]


def snapshots() -> list[ForecastSnapshot]:
    """All snapshots, the latest first."""
    return list(ForecastSnapshot.objects.order_by("-week"))


def snapshot_at(word: str, known: list[ForecastSnapshot], *, field: str) -> ForecastSnapshot | None:
    """The snapshot of the week that a date lies in; None for `now`. LensError for a week without one."""
    if word == NOW:
        return None
    try:
        day = dt.date.fromisoformat(word)
    except ValueError as error:
        text = _("“%(wrong)s” is neither now nor a date such as 2024-01-31.")
        raise LensError(text % {"wrong": word}, field=field) from error
    week = day - dt.timedelta(days=day.weekday())
    found = next((one for one in known if one.week == week), None)
    if found is None:
        weeks = ", ".join(one.week.isoformat() for one in known[:12]) or "–"
        text = _("There is no snapshot of the week of %(day)s. There are: %(known)s.")
        raise LensError(text % {"day": word, "known": weeks}, field=field)
    return found


def usual_moments(
    known: list[ForecastSnapshot], period: ForecastPeriod
) -> tuple[ForecastSnapshot | None, ForecastSnapshot | None]:
    """From the last snapshot before a period, or the first there is, to now (None); of a period that has ended, to the first after
    it."""
    begins, last = months.first_day(period.first), months.last_day(period.last)
    before = next((one for one in known if one.taken_on <= begins), None)
    older = before or (known[-1] if known else None)
    after = next((one for one in reversed(known) if one.taken_on > last), None)
    return older, after if older and after and after.taken_on > older.taken_on else None


def forecast_scope(*, viewer: User, kind: str, code: str) -> ScopeOf:
    """A node by its code (`kind`: region or member). Http404 for one that is not there, or that the viewer may not know."""
    if kind == "member":
        return visible_member(viewer, code)[1] if code else ScopeOf("members", "", _("Everybody"))
    names = dict(region_names().values()) | {UNALLOCATED: _("Unallocated"), "": _("World")}
    if code not in names:
        raise Http404(code)
    return ScopeOf("region" if code else "world", code, names[code])


def region_flow(
    *,
    viewer: User,
    code: str,
    period: ForecastPeriod,
    older: ForecastSnapshot,
    later: ForecastSnapshot | None,
    currency: str,
) -> FlowFigure:
    """The flow of a region, of `unallocated`, or with an empty code of the world. A region is what had its code at each moment.
    Http404 when none has it now."""

    def holds(side: Side) -> bool:
        if code == UNALLOCATED:
            return not side.path
        return not code or code in side.path

    def positions(
        found: list[Pair], _moments: tuple[Moment, Moment]
    ) -> Iterable[tuple[Pair, Position | None, Position | None, int]]:
        for pair in found:
            before, after = (
                side and _position(side, holds(side) and side.is_seen) for side in (pair.before, pair.after)
            )
            yield pair, before, after, _steady(pair)

    scope = forecast_scope(viewer=viewer, kind="region", code=code)
    found = _figure(viewer, scope, period, older, later, currency, positions)
    return replace(found, restricted=_is_part(viewer, code, period, (older.taken_on, found.later_on)))


def _is_part(viewer: User, code: str, period: ForecastPeriod, days: tuple[dt.date, dt.date]) -> bool:
    """Whether a region held a country on either day whose deals the reader does not see."""
    sight = sight_of(viewer)
    if sight.is_everything:
        return False
    region = next((pk for pk, (known, _name) in region_names().items() if known == code), None)
    if region is None:
        return True
    countries = {country for day in days for country in region_tree().on(day).countries_under([region])}
    return any(
        not sight.sees(country, month) for country in countries for month in range(period.first, period.last + 1)
    )


def member_flow(
    *,
    viewer: User,
    email: str,
    period: ForecastPeriod,
    older: ForecastSnapshot,
    later: ForecastSnapshot | None,
    currency: str,
) -> FlowFigure:
    """The flow of a member's line (prime shares), of `unassigned`, or with an empty address of everybody. Who reported to whom is
    as at each moment. Http404 for an address that names nobody whom the viewer may know."""
    scope = forecast_scope(viewer=viewer, kind="member", code=email)

    def positions(
        found: list[Pair], moments: tuple[Moment, Moment]
    ) -> Iterable[tuple[Pair, Position | None, Position | None, int]]:
        for _deal, group in groupby(found, key=lambda pair: pair.deal):
            yield from _shared(list(group), scope.code if email else "", moments)

    return _figure(viewer, scope, period, older, later, currency, positions)


_Positions = Callable[[list[Pair], tuple[Moment, Moment]], Iterable[tuple[Pair, Position | None, Position | None, int]]]


def _position(side: Side, is_here: bool) -> Position:
    return Position(side.outcome, side.category, side.month, side.amount, side.currency, side.minor or 0, is_here)


def _steady(pair: Pair) -> int:
    """The later amount at the earlier rates: of an unchanged amount what it was. A currency that had no rate then is told at the
    later one."""
    before, after = pair.before, pair.after
    if after is None:
        return 0
    if (
        before is not None
        and (before.amount, before.currency) == (after.amount, after.currency)
        and before.outcome == "open"
    ):
        return before.minor or 0
    return (after.minor or 0) if pair.steady is None else pair.steady


def in_line(email: str, node: str, managers: Mapping[str, str]) -> bool:
    path = [email]
    while path[-1] != node and (manager := managers.get(path[-1])) is not None and manager not in path:
        path.append(manager)
    return path[-1] == node


def _shared(
    found: list[Pair], node: str, moments: tuple[Moment, Moment]
) -> Iterable[tuple[Pair, Position | None, Position | None, int]]:
    """A deal's lines with the node's part of each: shares depend on all lines of a deal."""
    before, after = ({p.line: side for p in found if (side := getattr(p, name))} for name in ("before", "after"))
    was = _parts({line: side.minor or 0 for line, side in before.items()}, before, node, moments[0].managers)
    is_ = _parts({line: side.minor or 0 for line, side in after.items()}, after, node, moments[1].managers)
    steady = _parts({p.line: _steady(p) for p in found if p.after}, after, node, moments[1].managers)
    for pair in found:
        yield (
            pair,
            _part(before.get(pair.line), was, pair.line),
            _part(after.get(pair.line), is_, pair.line),
            steady[1].get(pair.line, 0),
        )


_Part = tuple[tuple[Holder, ...], dict[int, int], bool]


def _parts(minors: dict[int, int], sides: Mapping[int, Side], node: str, managers: Mapping[str, str]) -> _Part:
    """Who of the node's line has shares, the minor units of each line that they have together, and whether it has any."""
    if not sides:
        return (), {}, False
    one = next(iter(sides.values()))
    having = holders(one.prime, one.owner)
    if not having:
        is_here = node in ("", UNASSIGNED)
        return (), dict(minors) if is_here else {}, is_here
    mine = [holder for holder in having if not node or in_line(holder.email, node, managers)]
    shares = prime_parts(minors, having)
    sums = {line: sum(shares[holder.email, line] for holder in mine) for line in minors}
    return tuple(mine), sums, bool(mine)


def _part(side: Side | None, parts: _Part, line: int) -> Position | None:
    if side is None:
        return None
    mine, sums, is_here = parts
    return Position(
        side.outcome,
        side.category,
        side.month,
        side.amount,
        side.currency,
        sums.get(line, 0),
        is_here and side.is_seen,
        mine,
    )


def _figure(
    viewer: User,
    scope: ScopeOf,
    period: ForecastPeriod,
    older: ForecastSnapshot,
    later: ForecastSnapshot | None,
    currency: str,
    positions: _Positions,
) -> FlowFigure:
    moments = (moment_of(older), moment_of(later))
    if moments[0].on > moments[1].on:
        raise LensError(_("The earlier snapshot lies after the later one."), field="from")
    for moment in moments:
        refuse_unless_reported(currency, moment.currencies)
    sight = sight_of(viewer)
    with one_snapshot():
        found = pairs(*moments, period, currency, sight)
    lines = []
    for pair, before, after, steady in positions(found, moments):
        one = step(
            before, after, steady, first=period.first, last=period.last, deal_was=pair.deal_was, deal_is=pair.deal_is
        )
        if one is not None:
            lines.append(FlowLine(pair, one))
    return FlowFigure(
        scope=scope,
        period=period,
        older=older,
        later=later,
        later_on=moments[1].on,
        currency=currency,
        exponent=exponents()[currency],
        restricted=not sight.is_everything,
        flow=flow(line.step for line in lines),
        deals=_deals(lines),
        unpriced=sum(_is_unpriced(line) for line in lines),
        lines=tuple(lines),
    )


def _is_unpriced(line: FlowLine) -> bool:
    sides = ((line.step.opened_as, line.pair.before), (line.step.closed_as, line.pair.after))
    return any(side is not None and side.minor is None and side.amount is not None for was, side in sides if was)


def _deals(lines: list[FlowLine]) -> dict[str, int]:
    """Distinct deals by movement; `opening` and `closing` beside them."""
    found: dict[str, set[int]] = {}
    for line in lines:
        words = [line.step.movement] if line.step.movement else []
        words += [
            word
            for word, there in (("opening", line.step.opened_as), ("closing", line.step.closed_as), (FX, line.is_fx))
            if there
        ]
        for word in words:
            found.setdefault(word, set()).add(line.pair.deal)
    return {word: len(deals) for word, deals in found.items()}
