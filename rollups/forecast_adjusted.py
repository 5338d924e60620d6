"""Adjustments in force, laid over the computed forecast: what each node's figure becomes, and which of them are stale.

A reader is told only of adjustments of nodes that she sees whole: a manager's figure is made of more than others may see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.access import Scope
from money.amounts import trimmed
from money.conversion import from_minor
from pipeline.forecast_models import ForecastAdjustment
from rollups import forecast_reading
from rollups import formulas as f
from rollups.forecast_categories import ADJUSTABLE, Category, ForecastPeriod
from rollups.forecast_figures import Adjustment
from rollups.forecast_standing import Standing, standings
from rollups.framing import Frame
from rollups.sight import Sight
from rollups.source import ONE_LENS
from rollups.tally import Row

EVERYTHING = -2
"""The node above the roots, and above those who report to nobody."""
Key = int
PathOf = Callable[[Hashable, int], Collection[Key]]
"""All nodes that hold a place in a month."""
ChildOf = Callable[[Key, Hashable, int], Hashable | None]
"""The direct part of a node that holds a place in a month."""
Basis = dict[str, dict[str, str]]


def in_force(scope: str, period: ForecastPeriod) -> list[ForecastAdjustment]:
    """The latest of each node and category, without those taken back."""
    rows = ForecastAdjustment.objects.filter(scope=scope, first=period.first, last=period.last)
    latest = rows.order_by(f"{scope}_id", "category", "-id").distinct(f"{scope}_id", "category")
    return [row for row in latest.select_related("by", "currency") if row.amount is not None]


def totals(rows: list[Row], path_of: PathOf) -> dict[str, dict[Key, int]]:
    """Computed minor units by category and node, every node on the way up and EVERYTHING."""
    found: dict[str, dict[Key, int]] = {category: {} for category in ADJUSTABLE}
    for row in rows:
        sums = found.get(Category(row.measure).key)
        if sums is None or row.unpriced_facts:
            continue
        for node in (*path_of(row.place, row.month), EVERYTHING):
            sums[node] = sums.get(node, 0) + int(row.minor)
    return found


@dataclass(frozen=True)
class Adjusted:
    """The standing of every node by category, and the adjustments that were laid over."""

    by_category: Mapping[str, Mapping[Key, Standing]]
    adjustments: Mapping[tuple[Key, str], Adjustment]

    def of(self, node: Key) -> dict[str, Standing]:
        return {category: found[node] for category, found in self.by_category.items() if node in found}

    def at(self, node: Key) -> tuple[Adjustment, ...]:
        return tuple(self.adjustments[node, c] for c in ADJUSTABLE if (node, c) in self.adjustments)


def adjusted(
    frame: Frame,
    scope: str,
    period: ForecastPeriod,
    rows: list[Row],
    *,
    path_of: PathOf,
    parents: Mapping[Key, Key],
    is_told: Callable[[Key], bool],
) -> Adjusted:
    """Lay the adjustments that the reader `is_told` of over the computed rows. Nothing in native money and in the overlay
    book: a judgement is one amount about whole deals."""
    lens = frame.lens
    if lens.is_native or lens.is_overlay:
        return Adjusted({}, {})
    rows_in_force = {
        (pk, row.category): row for row in in_force(scope, period) if is_told(pk := getattr(row, f"{scope}_id"))
    }
    minors = _converted(frame, {key: (row.amount, row.currency_id) for key, row in rows_in_force.items()})
    here: dict[str, dict[Key, int]] = {category: {} for category in ADJUSTABLE}
    for (node, category), minor in minors.items():
        if minor is not None:
            here[category][node] = minor
    computed = totals(rows, path_of)
    roots = {node: parents.get(node, EVERYTHING) for sums in computed.values() for node in sums if node != EVERYTHING}
    up = {**roots, **{node: parents.get(node, EVERYTHING) for node, _ in rows_in_force}, **parents}
    found = {category: standings(computed[category], up, here[category]) for category in ADJUSTABLE}
    exponent = frame.shape.exponents[lens.currency]
    shown = {
        key: _shown(row, minors[key], found[key[1]][key[0]].computed if key[0] in found[key[1]] else 0, exponent)
        for key, row in rows_in_force.items()
    }
    return Adjusted(found, shown)


def _shown(row: ForecastAdjustment, minor: int | None, computed: int, exponent: int) -> Adjustment:
    return Adjustment(
        id=row.pk,
        category=row.category,
        amount=trimmed(row.amount or Decimal(0), row.currency.exponent),
        currency=row.currency_id,
        stated=None if minor is None else from_minor(minor, exponent),
        against=trimmed(row.against, row.currency.exponent),
        present=from_minor(computed, exponent),
        by=str(row.by),
        at=row.at,
        note=row.note,
        basis=row.basis,
    )


def _converted(
    frame: Frame, amounts: Mapping[tuple[Key, str], tuple[Decimal | None, str]]
) -> dict[tuple[Key, str], int | None]:
    """Amounts in minor units of the lens's currency at its rates on its as-of date, rounded once; None without a rate."""
    if not amounts:
        return {}
    statement = f"""
WITH facts AS MATERIALIZED (
    SELECT * FROM unnest(%(currencies)s::text[], %(amounts)s::numeric[]) WITH ORDINALITY p (currency, amount, at)
     CROSS JOIN (SELECT %(as_of)s::date AS rate_on) d),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT CASE WHEN q.numerator IS NOT NULL THEN money_half_even(x.amount, q.numerator, q.denominator) END
  FROM facts x JOIN quotes q USING (currency, rate_on) ORDER BY x.at"""
    given: dict[str, Any] = {
        **frame.source.given(),
        "currencies": [currency for _, currency in amounts.values()],
        "amounts": [amount for amount, _ in amounts.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = [None if minor is None else int(minor) for (minor,) in cursor.fetchall()]
    return dict(zip(amounts, found, strict=True))


def for_everybody(frame: Frame) -> Frame:
    """The same frame with everything in sight: only to tell whether something changed, never to show how much."""
    return replace(frame, sight=Sight(Scope(frame.lens.as_of, is_everything=True)))


def bases(
    frame: Frame, nodes: Collection[Key], *, by_member: bool, child_of: ChildOf, name_of: Callable[[Hashable], str]
) -> dict[tuple[Key, str], Basis]:
    """By node and category the native sums of its parts, of everything that lies there whoever may see it."""
    found: dict[tuple[Key, str], Basis] = {(node, category): {} for node in nodes for category in ADJUSTABLE}
    if not nodes:
        return found
    for (place, month, measure), sums in forecast_reading.native_by_place(
        for_everybody(frame), by_member=by_member
    ).items():
        category = Category(measure).key
        for node in nodes if category in ADJUSTABLE else ():
            part = child_of(node, place, month)
            if part is not None:
                held = found[node, category].setdefault(name_of(part), {})
                for currency, native in sums.items():
                    held[currency] = f"{(Decimal(held.get(currency, '0')) + Decimal(native)).normalize():f}"
    return found


def marked_stale(
    found: Adjusted, present: Mapping[tuple[Key, str], Basis], below: Callable[[Key, Key], bool]
) -> Adjusted:
    """The adjustments with the names of the parts that changed since, and those below that were adjusted later."""
    marked = {}
    for (node, category), one in found.adjustments.items():
        now = present.get((node, category), {})
        changed = sorted(part for part in {*now, *one.basis} if now.get(part) != one.basis.get(part))
        later = any(
            other.at > one.at and of == category and node != at and below(node, at)
            for (at, of), other in found.adjustments.items()
        )
        marked[node, category] = replace(one, changed=tuple(changed), is_overtaken=later)
    return replace(found, adjustments=marked)


def since(found: Adjusted) -> dt.datetime | None:
    """The latest adjustment that was laid over."""
    return max((one.at for one in found.adjustments.values()), default=None)
