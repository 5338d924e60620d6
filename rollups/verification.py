"""Whether the cells are what a rebuild would make them, without touching them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from money.queries import business_date
from rollups import cells, drain, runs, share_cells
from rollups import formulas as f
from rollups.models import Run
from rollups.standing import standing

_ATTEMPTS = 20


@dataclass(frozen=True)
class Verification:
    """`drift` counts cells, on every level, that are missing, superfluous or different; `changing` the keys left out
    because they changed between the drain and the comparison."""

    run: int
    drift: int
    changing: int


def verify() -> Verification:
    """Drain, then compare in one REPEATABLE READ snapshot."""
    with runs.long_run(Run.Kind.VERIFY) as run:
        for _ in range(_ATTEMPTS):
            drain.drain_everything(wait=True)
            found = _compare_in_a_snapshot(run)
            if found is not None:
                run.drift = found.drift
                return found
        raise RuntimeError("Rates, stages or settings kept changing; nothing could be compared.")


def _compare_in_a_snapshot(run: Run) -> Verification | None:
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:  # inside a caller's transaction its snapshot is what there is
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        now = standing()
        if now.must_be_rebuilt or now.has_wide_changes or now.as_of != business_date():
            return None
        given = {"as_of": now.as_of, "max_age": settings.GAM_RATE_MAX_AGE_DAYS}
        run.facts = cells.compute_everything(cursor, given)
        share_cells.compute_all(cursor, given)
        cursor.execute("SELECT count(DISTINCT (domain, account_id, month)) FROM rollups_dirtykey")
        changing = cursor.fetchone()[0]
        drift = sum(_differences(cursor, *level) for level in _levels()) + share_cells.differences(cursor)
        return Verification(run.pk, drift, changing)


def _levels() -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Each table with what it should hold. The lowest level is held against the facts, less the keys that wait in the
    queue; a higher one against the published level below it, which holds at every instant."""
    pending = (
        "NOT EXISTS (SELECT FROM rollups_dirtykey k WHERE k.account_id = x.account_id AND k.month = x.month AND {})"
    )
    of_cells = pending.format("k.domain = CASE WHEN x.measure <= 3 THEN 1 ELSE 2 END")
    of_deals = pending.format("k.domain = 2")
    return [
        (
            f"(SELECT * FROM rollups_cell x WHERE {of_cells})",
            f"(SELECT * FROM want_cell x WHERE {of_cells})",
            f.LEAF_KEY,
            f.VALUES,
        ),
        ("rollups_accountcell", f"({f.summed(f.ACCOUNT_KEY, 'rollups_cell')})", f.ACCOUNT_KEY, f.VALUES),
        ("rollups_countrycell", f"({f.summed(f.COUNTRY_KEY, 'rollups_accountcell')})", f.COUNTRY_KEY, f.VALUES),
        (
            f"(SELECT * FROM rollups_accountdeals x WHERE {of_deals})",
            f"(SELECT * FROM want_accountdeals x WHERE {of_deals})",
            f.DEALS_KEY,
            ("deals",),
        ),
        (
            "rollups_countrydeals",
            f"({cells.deals_by_countries('rollups_accountdeals')})",
            f.COUNTRY_DEALS_KEY,
            ("deals",),
        ),
    ]


def _differences(cursor: CursorWrapper, held: str, wanted: str, key: tuple[str, ...], values: tuple[str, ...]) -> int:
    cursor.execute(
        f"SELECT count(*) FROM {held} c FULL JOIN {wanted} w ON {f.same(key, 'c', 'w')} "
        f"WHERE ({f.columns(values, 'c')}) IS DISTINCT FROM ({f.columns(values, 'w')})"
    )
    return int(cursor.fetchone()[0])
