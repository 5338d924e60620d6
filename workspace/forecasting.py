"""What a forecast's page reads of a node beside its figures, and what people do to it: adjust, submit, lock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from money.conversion import from_minor
from pipeline import forecast_services
from pipeline.forecast_access import WORLD, ForecastNode, lock_in_force, may_close, may_judge
from pipeline.forecast_models import ForecastLock, ForecastSubmission, in_node
from regions.models import UNALLOCATED
from rollups import queries as rollups
from rollups.forecast_categories import ADJUSTABLE, COUNTED, KEYS, ForecastPeriod
from rollups.forecast_figures import ForecastFigure
from rollups.forecast_listing import ForecastLines
from rollups.forecast_standing import Standing
from rollups.lens import Lens, LensError, parse_lens
from users.models import User
from workspace.forecast_lens import AskedForecast


@dataclass(frozen=True)
class Handed:
    """The latest submission of a node's period: what its forecast was."""

    by: str
    at: dt.datetime
    said: Decimal
    currency: str
    note: str


@dataclass(frozen=True)
class ForecastState:
    """What may be done to a node's forecast, and what was. `lock` is the one in force, of the node or above it."""

    may_adjust: bool
    may_submit: bool
    may_close: bool
    lock: ForecastLock | None
    is_own_lock: bool
    handed: Handed | None


def forecast(*, viewer: User, kind: str, code: str, asked: AskedForecast) -> ForecastFigure:
    """A node's figure: `kind` is region (an empty code: the world) or member (an empty one: everybody)."""
    return figure(viewer=viewer, kind=kind, code=code, lens=asked.figures, period=asked.period)


def shown(*, viewer: User, kind: str, code: str, asked: AskedForecast) -> ForecastFigure:
    """The same for a page: where everything lies in one root, the world is that root, with its parts."""
    found = forecast(viewer=viewer, kind=kind, code=code, asked=asked)
    only = found.parts[0] if len(found.parts) == 1 else None
    if found.scope.type != "world" or only is None or only.code == UNALLOCATED:
        return found
    return forecast(viewer=viewer, kind=kind, code=only.code, asked=asked)


def figure(*, viewer: User, kind: str, code: str, lens: Lens, period: ForecastPeriod) -> ForecastFigure:
    """The same under any lens of the roll-ups."""
    if kind == "region":
        return rollups.region_forecast(viewer=viewer, code=code, lens=lens, period=period)
    return rollups.member_forecast(viewer=viewer, email=code, lens=lens, period=period)


def node_of(figure: ForecastFigure) -> ForecastNode | None:
    """Who is judged; nobody judges what is unallocated or unassigned, nor everybody."""
    if figure.scope.type == "world":
        return WORLD
    if not figure.node_id:
        return None
    return ForecastNode("region" if figure.scope.type == "region" else "member", figure.node_id)


def state(*, viewer: User, figure: ForecastFigure) -> ForecastState:
    node, period = node_of(figure), figure.period
    if node is None:
        return ForecastState(False, False, False, None, False, None)
    lock = lock_in_force(node, period.first, period.last, viewer=viewer)
    judges = lock is None and may_judge(viewer, node)
    own = lock is not None and lock.scope == node.scope and (lock.first, lock.last) == (period.first, period.last)
    is_own = own and (node.id in (lock.region_id, lock.member_id) or node == WORLD) if lock is not None else False
    is_stated = not (figure.lens.is_native or figure.lens.is_overlay)
    return ForecastState(
        may_adjust=judges and is_stated and node != WORLD,
        may_submit=judges and is_stated,
        may_close=may_close(viewer, node),
        lock=lock,
        is_own_lock=is_own,
        handed=None if figure.restricted and not may_judge(viewer, node) else _handed(node, figure),
    )


def _handed(node: ForecastNode, figure: ForecastFigure) -> Handed | None:
    rows = ForecastSubmission.objects.filter(first=figure.period.first, last=figure.period.last)
    row = in_node(rows, node.scope, node.id).select_related("by").order_by("-id").first()
    if row is None:
        return None
    told = list(row.figures.all())
    said = sum((one.forecast for one in told if one.category in COUNTED), Decimal(0))
    currency = told[0].currency if told else None
    exponent = currency.exponent if currency else 0
    return Handed(
        str(row.by), row.at, said.quantize(Decimal(1).scaleb(-exponent)), str(currency.pk if currency else ""), row.note
    )


def stated(figure: ForecastFigure, category: str) -> Standing | None:
    """The standing of a category; what is closed stands as computed."""
    if figure.exponent is None or figure.lens.is_overlay:
        return None
    money = figure.amounts.money[category]
    assert isinstance(money, Decimal)  # one currency
    minor = int(money.scaleb(figure.exponent))
    return figure.standings.get(category, Standing(minor, minor))


def adjust(*, by: User, kind: str, code: str, asked: AskedForecast, category: str, amount: Decimal, note: str) -> None:
    """Put a figure of `by`'s own in place of a category's computed one, in the currency of the page."""
    lens = parse_lens({"currency": asked.figures.currency, **asked.period.range})
    computed, basis = rollups.against(
        viewer=by, kind=kind, code=code, lens=lens, period=asked.period, category=category
    )
    forecast_services.adjust_forecast(
        node=_judged(by, kind, code, asked),
        first=asked.period.first,
        last=asked.period.last,
        category=category,
        amount=amount,
        currency=asked.figures.currency,
        note=note,
        against=forecast_services.Against(computed, basis),
        by=by,
    )


def take_back(*, by: User, kind: str, code: str, asked: AskedForecast, category: str) -> None:
    if category not in ADJUSTABLE:
        raise DomainError(_("No adjustment is in force here: somebody took it back before you."))
    node = _judged(by, kind, code, asked)
    forecast_services.take_back_adjustment(
        node=node, first=asked.period.first, last=asked.period.last, category=category, by=by
    )


def submit(*, by: User, kind: str, code: str, asked: AskedForecast, note: str) -> None:
    """Hand in the figures of the page as they are now, as reported and by the structure of the time."""
    plain = parse_lens({"currency": asked.figures.currency, **asked.period.range})
    found = figure(viewer=by, kind=kind, code=code, lens=plain, period=asked.period)
    node = node_of(found)
    if node is None or found.exponent is None:
        raise DomainError(_("The forecast of a region or of a member is handed in, in one currency."))
    figures = []
    for category in KEYS:
        one = stated(found, category)
        assert one is not None  # prime, one currency
        computed, said = from_minor(one.computed, found.exponent), from_minor(one.forecast, found.exponent)
        figures.append(forecast_services.Figure(category, computed, said, one.source))
    forecast_services.submit_forecast(
        node=node,
        first=asked.period.first,
        last=asked.period.last,
        figures=figures,
        currency=found.lens.currency,
        note=note,
        by=by,
    )


def set_lock(*, by: User, kind: str, code: str, asked: AskedForecast, is_locked: bool, note: str) -> None:
    node = _judged(by, kind, code, asked)
    forecast_services.set_forecast_lock(
        node=node, first=asked.period.first, last=asked.period.last, is_locked=is_locked, note=note, by=by
    )


def _judged(by: User, kind: str, code: str, asked: AskedForecast) -> ForecastNode:
    node = node_of(forecast(viewer=by, kind=kind, code=code, asked=asked))
    if node is None:
        raise DomainError(_("Nobody judges what lies in no region, or belongs to nobody."))
    return node


def lines(*, viewer: User, kind: str, code: str, asked: AskedForecast, category: str, after: str) -> ForecastLines:
    """A page of the lines under a figure; one that can't be read is the first."""
    given: dict[str, Any] = {
        "viewer": viewer, "kind": kind, "code": code, "lens": asked.figures, "period": asked.period,
        "category": category,
    }  # fmt: skip
    try:
        return rollups.forecast_lines(**given, after=after)
    except LensError:
        return rollups.forecast_lines(**given)
