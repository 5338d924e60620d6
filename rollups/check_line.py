"""Roots + unallocated = all facts, shown with its numbers: once from the cells, once straight from the facts."""

from __future__ import annotations

from typing import Any

from django.db import connection

from core.snapshots import one_snapshot
from rollups import formulas as f
from rollups.figures import CheckLine, CheckRow, CheckSide
from rollups.framing import frame_for
from rollups.lens import Lens
from rollups.measures import Domain
from rollups.reading import country_cells
from rollups.share_source import overlay_facts
from rollups.sight import Sight
from rollups.source import ONE_LENS, Source
from users.models import User

Sums = dict[tuple[int, str], CheckSide]


def check_line(*, viewer: User, lens: Lens) -> CheckLine:
    """Count and native sum for each measure and currency of the lens, priced and unpriced, in the viewer's scope."""
    with one_snapshot():
        frame = frame_for(viewer, lens)
        cells, facts = _from_cells(frame.source, frame.sight), _from_facts(frame.source, frame.sight)
    nothing = CheckSide()
    return CheckLine(
        tuple(
            CheckRow(lens.keys[key[0]], key[1], cells.get(key, nothing), facts.get(key, nothing))
            for key in sorted({*cells, *facts})
        )
    )


def _sums(statement: str, given: dict[str, Any]) -> Sums:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {(measure, currency): CheckSide(*sums) for measure, currency, *sums in cursor.fetchall()}


def _from_cells(source: Source, sight: Sight) -> Sums:
    """Every root and `unallocated`: a country's cell lies under exactly one of them."""
    statement = (
        "SELECT x.measure, x.currency, sum(x.facts)::int, sum(x.native), sum(x.unpriced_facts)::int, sum(x.unpriced_native) "
        f"FROM {country_cells(source, sight)} x GROUP BY 1, 2"
    )
    return _sums(statement, {**source.given(), **sight.given(), "accounts": sight.whole_account_ids})


def _from_facts(source: Source, sight: Sight) -> Sums:
    seen = f"WHERE {sight.of_account('w')} AND w.measure = ANY (%(measures)s)"
    within = "f.month BETWEEN %(first)s AND %(last)s"
    texts = [overlay_facts(within)] if source.lens.is_overlay else [f.facts(domain, where=within) for domain in Domain]
    facts = " UNION ALL ".join(f"SELECT * FROM ({text}) w {seen}" for text in texts)
    statement = (
        f"WITH {f.quote_ctes(facts, kept=True, lenses=ONE_LENS)} "
        "SELECT f.measure, f.currency, count(*)::int, sum(f.amount), "
        "(count(*) FILTER (WHERE q.numerator IS NULL))::int, "
        "COALESCE(sum(f.amount) FILTER (WHERE q.numerator IS NULL), 0) "
        "FROM facts f JOIN quotes q USING (currency, rate_on) GROUP BY 1, 2"
    )
    return _sums(statement, {**source.given(), **sight.given(), "measures": list(source.lens.keys)})
