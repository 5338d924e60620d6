"""What the cells hold of a proof's ground: the figure itself, how many facts it has in each month, and native sums."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Any

from django.db import connection

from rollups.figures import CheckSide, Figure
from rollups.framing import Frame
from rollups.measures import REVENUE_KINDS, Measure
from rollups.member_figures import member_deals, member_rows
from rollups.proof_ground import Ground
from rollups.proof_reading import Reader
from rollups.reading import country_cells, deals_by_country, deals_of_accounts, rows_by_country, rows_of_accounts
from rollups.source import Source
from rollups.tally import Deals, Row, climb

_EXACT = Context(prec=200)  # sums of native amounts never round


@dataclass(frozen=True)
class Totals:
    """Facts of one measure, priced and unpriced, by month; and their sums by currency."""

    facts: dict[int, int]
    unpriced: dict[int, int]
    by_currency: dict[str, CheckSide]


def figure_of(frame: Frame, ground: Ground) -> Figure:
    """The figure of all that lies on the ground, by the arithmetic of every figure. It names no children."""
    rows, deals = _read(frame, ground)

    def here(place: Hashable, month: int) -> str | None:
        return "here" if ground.holds(place, month) else None

    return frame.figure(ground.scope, climb(rows, deals, here), (), restricted=_is_restricted(frame, ground))


def _read(frame: Frame, ground: Ground) -> tuple[list[Row], list[Deals]]:
    source, sight, account = frame.source, frame.sight, ground.account_id
    if ground.member_id is not None:
        rows, deals = member_rows(frame, ground.member_id), member_deals(frame, ground.member_id)
        return (
            [row for row in rows[ground.member_id] if account in (None, row.place)],
            [group for group in deals[ground.member_id] if account in (None, *group.places)],
        )
    if account is None:
        return rows_by_country(source, sight), deals_by_country(source, sight)
    by_country = ground.by == "country"
    rows_of = rows_of_accounts(source, sight, [account], place=ground.by)
    return rows_of[account], deals_of_accounts(source, sight, [account], by_country=by_country)[account]


def _is_restricted(frame: Frame, ground: Ground) -> bool:
    """Whether facts may lie here that the reader does not see."""
    sight = frame.sight
    if sight.is_everything or (ground.account_id is not None and sight.sees_whole(ground.account_id)):
        return False
    if ground.member_id is not None or ground.by != "country" or (ground.is_outside and not ground.country):
        return True
    places = [(ground.country, m) for m in frame.lens.months] if ground.is_outside else [
        (country, m) for country, first, last in ground.runs for m in range(first, last + 1)
    ]  # fmt: skip
    return any(not sight.sees(country, m) for country, m in places if ground.holds(country, m))


def totals_of(reader: Reader) -> Totals:
    """How many facts the cells count. Deals are counted by the figure itself, so such a measure has none here."""
    if reader.outcome:
        return Totals({}, {}, {})
    found = Totals({}, {}, {})
    for (month, code), sums in _sums(reader, reader.frame.source, [reader.code]).items():
        found.facts[month] = found.facts.get(month, 0) + sums.facts
        found.unpriced[month] = found.unpriced.get(month, 0) + sums.unpriced
        before = found.by_currency.get(code, CheckSide())
        found.by_currency[code] = CheckSide(
            before.facts + sums.facts,
            _EXACT.add(before.native, sums.native),
            before.unpriced + sums.unpriced,
            _EXACT.add(before.unpriced_native, sums.unpriced_native),
        )
    return found


def native_of_other_kinds(reader: Reader) -> dict[tuple[int, str], tuple[int, Decimal]]:
    """Facts and native sums of the kinds of revenue that the figure does not hold, by measure and currency."""
    others = [int(m) for m in REVENUE_KINDS.values() if m != reader.code]
    source = reader.frame.source
    # Cells are as sure of a kind as of another: native sums need no price, and no deal is asked for.
    source = replace(source, live=tuple(others) if source.stored is None else ())
    found: dict[tuple[int, str], tuple[int, Decimal]] = {}
    for (measure, code), sums in _sums(reader, source, others, by="measure").items():
        found[measure, code] = sums.facts, sums.native
    return found


def _sums(
    reader: Reader, source: Source, measures: list[int], *, by: str = "month"
) -> dict[tuple[int, str], CheckSide]:
    ground, sight = reader.ground, reader.frame.sight
    if ground.member_id is not None:
        cells = f"(SELECT * FROM {source.member_cells(of_member=True)} c WHERE {sight.of_account('c')})"
    elif ground.account_id is not None:
        cells = f"(SELECT * FROM {source.cells('unit', of_accounts=True)} c WHERE {sight.of_account('c')})"
    else:
        cells = country_cells(source, sight)
    statement = (
        f"SELECT x.{by}, x.currency, sum(x.facts)::int, sum(x.native), sum(x.unpriced_facts)::int, "
        f"sum(x.unpriced_native) FROM {cells} x WHERE x.measure = ANY (%(measures)s) AND {ground.condition('x')} GROUP BY 1, 2"
    )
    accounts = sight.whole_account_ids if ground.account_id is None else [ground.account_id]
    given: dict[str, Any] = {**reader.given(), "accounts": accounts, "measures": measures}
    given["stored"] = [m for m in measures if m not in source.live]
    given["live"] = [m for m in measures if m in source.live]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {(key, code): CheckSide(*sums) for key, code, *sums in cursor.fetchall()}


def is_open(measure: int) -> bool:
    return measure in (Measure.OPEN, Measure.WEIGHTED)
