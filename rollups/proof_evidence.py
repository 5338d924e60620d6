"""What a proof says beside its rows: what was left out and why, which rates were corrected, and the figure's check line."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import groupby

from django.db import connection

from money.models import SPOT
from rollups import formulas as f
from rollups.figures import CheckLine, CheckRow, CheckSide, Figure
from rollups.measures import REVENUE_KINDS, Domain, Measure
from rollups.proof import NO_AMOUNT, NO_RATE, OMITTED, OTHER_KIND, RESTRICTED, Evidence, Excluded, Restatement
from rollups.proof_reading import Reader
from rollups.proof_totals import Totals, native_of_other_kinds
from rollups.source import ONE_LENS
from rollups.tally import exact


def evidence(reader: Reader, figure: Figure, totals: Totals) -> Evidence:
    """All of it, for the figure whose cells hold `totals`."""
    return Evidence(
        excluded=tuple(_excluded(reader, figure)),
        restatements=tuple(_restatements(reader)) if not reader.outcome and not figure.lens.is_native else (),
        check=_check(reader, figure, totals),
    )


def _excluded(reader: Reader, figure: Figure) -> list[Excluded]:
    found = []
    unpriced = figure.unpriced.get(reader.measure)
    if unpriced and unpriced.facts:
        found.append(Excluded(NO_RATE, unpriced.facts, unpriced.amounts))
    if reader.domain is Domain.DEALS:
        if reader.code in (Measure.OPEN, Measure.WEIGHTED):
            found += _left_out(reader, OMITTED)
        if not reader.outcome:
            found += _left_out(reader, NO_AMOUNT)
    else:
        found += _other_kinds(reader)
    if figure.restricted:
        found.append(Excluded(RESTRICTED, None, {}))
    return found


def _left_out(reader: Reader, reason: str) -> list[Excluded]:
    statement = (
        f"SELECT w.currency, count(*)::int, sum(w.amount) FROM ({reader.text(reason=reason)}) w GROUP BY 1 ORDER BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, reader.given())
        rows = cursor.fetchall()
    exponents = reader.frame.shape.exponents
    amounts = {code: exact(amount, exponents[code]) for code, _, amount in rows if amount is not None}
    return [Excluded(reason, sum(facts for _, facts, _ in rows), amounts)] if rows else []


def _other_kinds(reader: Reader) -> list[Excluded]:
    exponents = reader.frame.shape.exponents
    names = {int(measure): kind for kind, measure in REVENUE_KINDS.items()}
    facts: dict[str, int] = defaultdict(int)
    amounts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for (measure, currency), (number, native) in sorted(native_of_other_kinds(reader).items()):
        facts[names[measure]] += number
        amounts[names[measure]][currency] = exact(native, exponents[currency])
    return [Excluded(OTHER_KIND, facts[kind], amounts[kind], of=kind) for kind in facts]


_CORRECTED = """
SELECT r.rate_set_id AS rate_set, s.base_id AS base, r.currency_id AS currency, r.date, r.rate,
       max(e.pgh_created_at) AS corrected_at, array_agg(e.rate ORDER BY e.pgh_id) AS history
  FROM money_exchangerateevent e
  JOIN money_exchangerate r ON r.id = e.id
  JOIN money_rateset s ON s.code = r.rate_set_id
 WHERE e.pgh_label IN ('before', 'update')
   AND r.rate_set_id = CASE WHEN money_months_back(%(lens_rates)s) IS NULL THEN %(lens_rates)s ELSE 'spot' END
 GROUP BY r.id, s.base_id
"""


def _restatements(reader: Reader) -> list[Restatement]:
    """Corrected rates that price facts here. Few rates are ever corrected: mostly nothing more is read."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({_CORRECTED})", reader.given())
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(
            f"""
WITH corrected AS MATERIALIZED ({_CORRECTED}),
pairs AS MATERIALIZED (
    SELECT w.currency, w.rate_on, count(*)::int AS facts FROM ({reader.text()}) w
     WHERE w.currency <> %(lens_currency)s GROUP BY 1, 2)
SELECT c.rate_set, c.base, c.currency, c.date, c.rate, c.corrected_at, c.history, sum(p.facts)::int
  FROM corrected c JOIN pairs p ON c.currency IN (p.currency, %(lens_currency)s)
 CROSS JOIN LATERAL money_leg(%(lens_rates)s, c.base, c.currency, p.rate_on, %(leg_age)s) l
 WHERE CASE WHEN money_months_back(%(lens_rates)s) IS NULL THEN l.dated = c.date
            ELSE date_trunc('month', l.dated::timestamp) = date_trunc('month', c.date::timestamp) END
 GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY c.date DESC, c.currency""",
            {**reader.given(), "leg_age": reader.given()["max_age"] if reader.frame.lens.rates == SPOT else None},
        )
        return [
            Restatement(rate_set, base, currency, date, rate.normalize(), at, _earlier(history), facts)
            for rate_set, base, currency, date, rate, at, history, facts in cursor.fetchall()
        ]


def _earlier(history: list[Decimal]) -> tuple[Decimal, ...]:
    """Each value once in a row: history keeps what a rate was and what it became. The last of it is what it is."""
    values = [rate for rate, _again in groupby(rate.normalize() for rate in history)]
    return tuple(values[:-1])


def _check(reader: Reader, figure: Figure, totals: Totals) -> CheckLine:
    """The figure's own check line: counts and native sums by currency, from the cells and from the facts."""
    facts = _sums_of_facts(reader)
    if reader.outcome:
        counted = CheckSide(getattr(figure.measures, reader.measure))
        return CheckLine(
            (CheckRow(reader.measure, "", counted, CheckSide(sum(side.facts for side in facts.values()))),)
        )
    cells, nothing = totals.by_currency, CheckSide()
    return CheckLine(
        tuple(
            CheckRow(
                reader.measure,
                code,
                *(_stated(side.get(code, nothing), reader.frame.shape.exponents[code]) for side in (cells, facts)),
            )
            for code in sorted({*cells, *facts})
        )
    )


def _stated(side: CheckSide, exponent: int) -> CheckSide:
    return side._replace(native=exact(side.native, exponent), unpriced_native=exact(side.unpriced_native, exponent))


def _sums_of_facts(reader: Reader) -> dict[str, CheckSide]:
    """One query straight on the facts. They are added up by currency and day first, so that few prices are looked up."""
    statement = f"""
WITH facts AS MATERIALIZED (
    SELECT w.currency, w.rate_on, count(*) AS number, COALESCE(sum({reader.value} * w.percent * 0.01), 0) AS native
      FROM ({reader.text()}) w GROUP BY 1, 2),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.currency, sum(x.number)::int, sum(x.native), COALESCE(sum(x.number) FILTER (WHERE q.numerator IS NULL), 0)::int,
       COALESCE(sum(x.native) FILTER (WHERE q.numerator IS NULL), 0)
  FROM facts x JOIN quotes q USING (currency, rate_on) GROUP BY 1"""
    with connection.cursor() as cursor:
        cursor.execute(statement, reader.given())
        return {code: CheckSide(*sums) for code, *sums in cursor.fetchall()}
