"""How good past forecasts were: what snapshots and submissions said of a finished period against what was won in it.

Bias and error are made of sums, never of averages of percentages: whoever forecasts little weighs little.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core import months
from money.conversion import from_minor
from money.queries import reporting_currencies
from pipeline.forecast_models import ForecastSubmission, in_node
from regions.models import UNALLOCATED
from rollups.figures import ScopeOf
from rollups.forecast_categories import COUNTED, QUARTER, ForecastPeriod, month_period, quarter_at
from rollups.forecast_figures import ForecastFigure
from rollups.forecast_flows import snapshots
from rollups.forecast_models import ForecastSnapshot
from rollups.forecast_past import Said, said_of_member, said_of_region
from rollups.forecasts import member_forecast, region_forecast
from rollups.lens import Lens, LensError
from rollups.sight import sight_of
from users.models import User

WEEKS = 12
PERIODS = 4


class _Compared:
    """What was said beside what came."""

    said: Decimal
    came: Decimal

    @property
    def error(self) -> Decimal:
        return self.said - self.came


@dataclass(frozen=True)
class Guess(_Compared):
    """One forecast of a period that has ended: what it said and what came. `week` counts back from the period's last day."""

    on: dt.date
    week: int
    said: Decimal
    came: Decimal
    commit: Decimal = Decimal(0)
    unpriced: int = 0


@dataclass(frozen=True)
class Accuracy:
    """Several forecasts together: `bias` is Σ (said − came), `absolute` Σ |said − came|."""

    forecasts: int
    said: Decimal
    came: Decimal
    bias: Decimal
    absolute: Decimal

    @property
    def bias_share(self) -> Decimal | None:
        return self.bias / self.came if self.came > 0 else None

    @property
    def error_share(self) -> Decimal | None:
        return self.absolute / self.came if self.came > 0 else None


@dataclass(frozen=True)
class PartGuess(_Compared):
    """A direct part of the node in one snapshot."""

    code: str
    name: str
    type: str
    said: Decimal
    came: Decimal


@dataclass(frozen=True)
class Submitted(_Compared):
    """What somebody handed in for a period, against what came."""

    by: str
    at: dt.datetime
    period: ForecastPeriod
    said: Decimal
    came: Decimal


@dataclass(frozen=True)
class AccuracyFigure:
    """A node's finished period. `parts` are those of the snapshot `WEEKS // 3` weeks before the end, or of the nearest. `is_over`
    is false for a period that has not ended: then nothing came yet."""

    scope: ScopeOf
    period: ForecastPeriod
    currency: str
    is_over: bool
    restricted: bool
    came: Decimal
    guesses: tuple[Guess, ...]
    parts_on: dt.date | None
    parts: tuple[PartGuess, ...]
    submitted: tuple[Submitted, ...]
    by_person: tuple[tuple[str, Accuracy], ...]

    @property
    def together(self) -> Accuracy:
        return summed((one.said, one.came) for one in self.guesses)


def summed(pairs: Iterable[tuple[Decimal, Decimal]]) -> Accuracy:
    """What was said and what came, put together."""
    held = list(pairs)
    zero = Decimal(0)
    return Accuracy(
        len(held),
        sum((said for said, _ in held), zero),
        sum((came for _, came in held), zero),
        sum((said - came for said, came in held), zero),
        sum((abs(said - came) for said, came in held), zero),
    )


def accuracy(
    *, viewer: User, kind: str, code: str, lens: Lens, period: ForecastPeriod, start_month: int
) -> AccuracyFigure:
    """How good the forecasts of a region (`kind` region; an empty code: the world) or of a member's line were. Http404 for a node
    that is not there; LensError in native money."""
    if lens.is_native:
        text = _("What was said and what came are compared in one currency. There are: %(known)s.")
        raise LensError(text % {"known": ", ".join(reporting_currencies())}, field="currency")
    figure = _figure(viewer, kind, code, lens, period)
    if figure.scope.type == "world" and len(figure.parts) == 1 and figure.parts[0].code != UNALLOCATED:
        # Everything lies in one root: its parts say more than it does as the only one.
        code = figure.parts[0].code
        figure = _figure(viewer, kind, code, lens, period)
    exponent = figure.exponent or 0
    came = _closed(figure)
    taken = [s for s in snapshots() if 0 <= weeks_before(s.taken_on, period) <= WEEKS and lens.currency in s.currencies]
    said = _said(viewer, kind, figure.scope, period, taken[::-1], lens.currency)
    chosen = min(said, key=lambda one: abs(weeks_before(one.snapshot.taken_on, period) - WEEKS // 3), default=None)
    handed_in = _submitted(viewer, kind, code, lens, figure, start_month)
    people = sorted({one.by for one in handed_in})
    return AccuracyFigure(
        scope=figure.scope,
        period=period,
        currency=lens.currency,
        is_over=lens.as_of > months.last_day(period.last),
        restricted=figure.restricted,
        came=came,
        guesses=tuple(_guess(one, period, came, exponent) for one in said),
        parts_on=chosen.snapshot.taken_on if chosen else None,
        parts=_parts(figure, chosen, exponent),
        submitted=tuple(handed_in),
        by_person=tuple((who, summed((o.said, o.came) for o in handed_in if o.by == who)) for who in people),
    )


def weeks_before(day: dt.date, period: ForecastPeriod) -> int:
    """Whole weeks from a day to the period's last; below 0 after it."""
    return (months.last_day(period.last) - day).days // 7


def _figure(viewer: User, kind: str, code: str, lens: Lens, period: ForecastPeriod) -> ForecastFigure:
    if kind == "region":
        return region_forecast(viewer=viewer, code=code, lens=lens, period=period)
    return member_forecast(viewer=viewer, email=code, lens=lens, period=period)


def _closed(figure: ForecastFigure) -> Decimal:
    closed = figure.amounts.money["closed"]
    assert isinstance(closed, Decimal)  # one currency
    return closed


def _said(
    viewer: User, kind: str, scope: ScopeOf, period: ForecastPeriod, taken: Sequence[ForecastSnapshot], currency: str
) -> list[Said]:
    sight = sight_of(viewer)
    if kind == "region":
        return said_of_region(sight=sight, code=scope.code, period=period, snapshots=taken, currency=currency)
    return said_of_member(sight=sight, node=scope, period=period, snapshots=taken, currency=currency)


def _guess(one: Said, period: ForecastPeriod, came: Decimal, exponent: int) -> Guess:
    return Guess(
        one.snapshot.taken_on,
        weeks_before(one.snapshot.taken_on, period),
        from_minor(one.forecast, exponent),
        came,
        from_minor(one.amounts["commit"], exponent),
        one.unpriced,
    )


def _parts(figure: ForecastFigure, said: Said | None, exponent: int) -> tuple[PartGuess, ...]:
    """The node's parts, as they are named today; what has no part today keeps its code."""
    if said is None:
        return ()
    here = {("own" if part.type == "own" else part.code): part for part in figure.parts}
    found = []
    for code in sorted({*said.parts, *here}):
        part = here.get(code)
        came = part.amounts.money["closed"] if part else from_minor(0, exponent)
        assert isinstance(came, Decimal)  # one currency
        guess = from_minor(said.parts.get(code, 0), exponent)
        if guess or came:
            found.append(PartGuess(code, part.name if part else code, part.type if part else "", guess, came))
    return tuple(found)


def _submitted(
    viewer: User, kind: str, code: str, lens: Lens, figure: ForecastFigure, start_month: int
) -> list[Submitted]:
    """What was handed in of the node in the last finished periods of this length, the latest of each person and period. Told to
    who sees the node whole; in the currency of the page."""
    if figure.node_id is None or figure.restricted:
        return []
    rows = in_node(ForecastSubmission.objects.all(), kind, figure.node_id)
    found = []
    for period in _finished(figure.period, lens, start_month):
        latest = rows.filter(first=period.first, last=period.last).order_by("by_id", "-id").distinct("by_id")
        handed_in = list(latest.select_related("by").prefetch_related("figures"))
        if not handed_in:
            continue
        came = _closed(figure if period == figure.period else _figure(viewer, kind, code, lens, period))
        for row in handed_in:
            told = [one for one in row.figures.all() if one.category in COUNTED and one.currency_id == lens.currency]
            if told:
                said = sum((one.forecast for one in told), Decimal(0)).quantize(came)
                found.append(Submitted(str(row.by), row.at, period, said, came))
    return found


def _finished(period: ForecastPeriod, lens: Lens, start_month: int) -> list[ForecastPeriod]:
    length = 1 if period.is_month else QUARTER
    starts = [period.first - length * back for back in range(PERIODS)]
    periods = [month_period(m) if period.is_month else quarter_at(m, start_month) for m in starts]
    return [one for one in periods if months.last_day(one.last) < lens.as_of]
