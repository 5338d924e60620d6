"""Forecasts as the API writes them: money as strings with the currency's own decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import months
from money.conversion import from_minor
from money.queries import exponents
from rollups.figures import Money, ScopeOf, Unpriced
from rollups.forecast_accuracy import Accuracy, AccuracyFigure
from rollups.forecast_categories import KEYS, ForecastPeriod
from rollups.forecast_figures import Adjustment, Amounts, ForecastFigure
from rollups.forecast_flow import FX
from rollups.forecast_flows import FlowFigure
from rollups.forecast_models import ForecastSnapshot
from rollups.forecast_past import Said
from rollups.forecast_standing import Standing
from rollups.lens import Lens


def _money(money: Money) -> str | dict[str, str]:
    if isinstance(money, Decimal):
        return f"{money:f}"
    return {currency: f"{amount:f}" for currency, amount in money.items()}


def _scope(scope: ScopeOf) -> dict[str, str]:
    return {"type": scope.type, "code": scope.code, "name": scope.name}


def _period(period: ForecastPeriod) -> dict[str, str]:
    return {"code": period.code, "from": months.label(period.first), "to": months.label(period.last)}


def _unpriced(found: Unpriced) -> dict[str, Any]:
    return {"facts": found.facts, "amounts": {code: f"{amount:f}" for code, amount in found.amounts.items()}}


def _amounts(amounts: Amounts) -> dict[str, Any]:
    return {
        **{key: _money(amounts.money[key]) for key in KEYS},
        "forecast": _money(amounts.forecast),
        "opportunities": dict(amounts.deals),
        "unpriced": {key: _unpriced(found) for key, found in amounts.unpriced.items()},
    }


def _standings(standings: Any, exponent: int | None) -> dict[str, Any]:
    """What adjustments make of each category; empty where none apply."""
    found: dict[str, Standing] = dict(standings)
    return {
        category: {"forecast": f"{from_minor(one.forecast, exponent or 0):f}", "source": one.source}
        for category, one in found.items()
    }


def _adjustment(one: Adjustment) -> dict[str, Any]:
    return {
        "category": one.category,
        "amount": f"{one.amount:f}",
        "currency": one.currency,
        "stated": None if one.stated is None else f"{one.stated:f}",
        "computed_then": f"{one.against:f}",
        "computed_now": f"{one.present:f}",
        "by": one.by,
        "at": _instant(one.at),
        "note": one.note,
        "stale": one.is_stale,
        "changed": list(one.changed),
    }


def _instant(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def figure_json(figure: ForecastFigure) -> dict[str, Any]:
    lens = figure.lens
    return {
        "scope": _scope(figure.scope),
        "period": _period(figure.period),
        "lens": {"currency": lens.currency, "rates": lens.rates, "tree": str(lens.tree), "book": lens.book},
        "as_of": figure.as_of.isoformat(),
        "oldest_rate": figure.oldest_rate and figure.oldest_rate.isoformat(),
        "restricted": figure.restricted,
        "computed": _amounts(figure.amounts),
        "adjusted": _standings(figure.standings, figure.exponent),
        "adjustments": [_adjustment(one) for one in figure.adjustments],
        "months": [{"month": month, **_amounts(amounts)} for month, amounts in figure.months],
        "children": [
            {
                "type": part.type,
                "code": part.code,
                "name": part.name,
                "computed": _amounts(part.amounts),
                "adjusted": _standings(part.standings, figure.exponent),
            }
            for part in figure.parts
        ],
    }


def snapshot_json(one: ForecastSnapshot) -> dict[str, Any]:
    return {
        "week": one.week.isoformat(),
        "taken_on": one.taken_on.isoformat(),
        "taken_at": _instant(one.taken_at),
        "kind": one.kind,
        "currencies": list(one.currencies),
        "lines": one.lines,
    }


def said_json(
    found: list[Said], scope: ScopeOf, lens: Lens, period: ForecastPeriod, *, restricted: bool
) -> dict[str, Any]:
    exponent = exponents().get(lens.currency, 0)
    return {
        "scope": _scope(scope),
        "period": _period(period),
        "currency": lens.currency,
        "restricted": restricted,
        "results": [
            {
                **snapshot_json(one.snapshot),
                **{key: f"{from_minor(minor, exponent):f}" for key, minor in one.amounts.items()},
                "forecast": f"{from_minor(one.forecast, exponent):f}",
                "unpriced": one.unpriced,
            }
            for one in found
        ],
    }


def flow_json(found: FlowFigure) -> dict[str, Any]:
    """`movements` carry their sign: opening and all of them make closing."""

    def money(minor: int) -> str:
        return f"{from_minor(minor, found.exponent):f}"

    told = {**found.flow.movements, FX: found.flow.fx}
    return {
        "scope": _scope(found.scope),
        "period": _period(found.period),
        "currency": found.currency,
        "since": snapshot_json(found.older),
        "until": snapshot_json(found.later) if found.later else None,
        "until_on": found.later_on.isoformat(),
        "restricted": found.restricted,
        "opening": money(found.flow.opening),
        "movements": {name: money(minor) for name, minor in told.items()},
        "closing": money(found.flow.closing),
        "opening_by_category": {category: money(minor) for category, minor in sorted(found.flow.opened.items())},
        "closing_by_category": {category: money(minor) for category, minor in sorted(found.flow.closed.items())},
        "opportunities": dict(sorted(found.deals.items())),
        "unpriced": found.unpriced,
        "lines": [
            {
                "opportunity": line.pair.external_id,
                "line": line.pair.line,
                "movement": line.step.movement,
                "opening": money(line.step.opening),
                "change": money(line.step.change),
                "fx": money(line.step.fx),
                "closing": money(line.step.closing),
            }
            for line in found.lines
            if line.step.movement or line.step.fx
        ],
    }


def _together(found: Accuracy) -> dict[str, Any]:
    return {
        "forecasts": found.forecasts,
        "said": f"{found.said:f}",
        "came": f"{found.came:f}",
        "bias": f"{found.bias:f}",
        "absolute_error": f"{found.absolute:f}",
    }


def accuracy_json(found: AccuracyFigure) -> dict[str, Any]:
    return {
        "scope": _scope(found.scope),
        "period": _period(found.period),
        "currency": found.currency,
        "is_over": found.is_over,
        "restricted": found.restricted,
        "came": f"{found.came:f}",
        "together": _together(found.together),
        "snapshots": [
            {"taken_on": one.on.isoformat(), "week": one.week, "said": f"{one.said:f}", "error": f"{one.error:f}"}
            for one in found.guesses
        ],
        "children": [
            {"code": part.code, "said": f"{part.said:f}", "came": f"{part.came:f}", "error": f"{part.error:f}"}
            for part in found.parts
        ],
        "submissions": [
            {"by": one.by, "at": _instant(one.at), "period": one.period.code, "said": f"{one.said:f}",
             "came": f"{one.came:f}", "error": f"{one.error:f}"}
            for one in found.submitted
        ],
        "by_person": [{"by": who, **_together(held)} for who, held in found.by_person],
    }  # fmt: skip
