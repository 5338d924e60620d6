"""What the flow's and the accuracy's pages read: which snapshots, and the roll-ups' answers between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from rollups import queries as rollups
from rollups.forecast_accuracy import AccuracyFigure
from rollups.forecast_categories import period_at
from rollups.forecast_flows import NOW, FlowFigure
from rollups.forecast_models import ForecastSnapshot
from rollups.lens import LensError
from users.models import User
from workspace import lenses
from workspace.forecast_lens import AskedForecast


@dataclass(frozen=True)
class Ends:
    """Between which snapshots; `later` None is now, `older` None when there is none at all."""

    older: ForecastSnapshot | None
    later: ForecastSnapshot | None
    known: list[ForecastSnapshot]
    refused: tuple[str, ...] = ()


def ends(since: str, until: str, asked: AskedForecast) -> Ends:
    """The snapshots of the weeks that an address names. By default the last one of before the period, or its first, to now; of a
    period that has ended, to the first after it."""
    known = rollups.snapshots()
    usual = rollups.usual_moments(known, asked.period)
    refused: list[str] = list(asked.refused)

    def read(word: str, default: ForecastSnapshot | None, field: str) -> ForecastSnapshot | None:
        if not word:
            return default
        try:
            return rollups.snapshot_at(word, known, field=field)
        except LensError as error:
            refused.append(error.message)
            return default

    older, later = read(since, usual[0], "since") or usual[0], read(until, usual[1], "until")
    if older is not None and later is not None and later.taken_on < older.taken_on:
        refused.append(_("The earlier snapshot lies after the later one."))
        older, later = later, older
    return Ends(older, later, known, tuple(refused))


def in_one_currency(asked: AskedForecast) -> AskedForecast:
    """Differences need one currency: under native amounts the first reporting one. They are told of the prime book, as reported."""
    lens = asked.lens
    currency = lens.frame.currencies[0] if lens.is_native else lens.currency
    return replace(asked, lens=replace(lens, currency=currency, rates=lenses.SPOT, book=lenses.PRIME))


def finished(asked: AskedForecast, parameters: Mapping[str, str]) -> AskedForecast:
    """Without a period in the address the one before the present: it has ended."""
    if parameters.get("of", "").strip():
        return asked
    start = asked.lens.frame.start_month
    return asked.at(period_at(asked.period.first - 1, start, like=asked.period))


def flow(*, viewer: User, kind: str, code: str, asked: AskedForecast, ends: Ends) -> FlowFigure:
    assert ends.older is not None, "there is no flow without a snapshot"
    given = {"viewer": viewer, "period": asked.period, "older": ends.older, "later": ends.later}
    currency = asked.lens.currency
    if kind == "member":
        return rollups.member_flow(**given, email=code, currency=currency)  # type: ignore[arg-type]  # by their names
    return rollups.region_flow(**given, code=code, currency=currency)  # type: ignore[arg-type]  # by their names


def accuracy(*, viewer: User, kind: str, code: str, asked: AskedForecast) -> AccuracyFigure:
    return rollups.accuracy(
        viewer=viewer,
        kind=kind,
        code=code,
        lens=asked.figures,
        period=asked.period,
        start_month=asked.lens.frame.start_month,
    )


__all__ = ["NOW", "Ends", "accuracy", "ends", "finished", "flow", "in_one_currency"]
