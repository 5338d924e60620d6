"""Everything again from the facts, published at once."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from money.queries import business_date, reporting_currencies
from rollups import cells, locks, runs, share_cells
from rollups.models import PriceLens, Run, State
from rollups.standing import settings_in_force, standing, stored_rates


def rebuild_if_needed(*, wait: bool) -> bool:
    """Rebuild unless another process has done so by the time it is our turn. False: not now, for one who can't `wait`."""
    if not wait and (runs.has_failed_lately(Run.Kind.REBUILD) or not _nobody_is_at_it()):
        return False
    _rebuild(always=False)
    return True


def rebuild() -> Run:
    """Recompute every cell from the facts and publish the result in one transaction."""
    return _rebuild(always=True)


def _nobody_is_at_it() -> bool:
    with transaction.atomic():
        return locks.lock_conductor(wait=False)


def _rebuild(*, always: bool) -> Run:
    with runs.long_run(Run.Kind.REBUILD) as run, transaction.atomic():
        locks.lock_conductor(wait=True)
        locks.lock_all_buckets()
        if always or standing().must_be_rebuilt:
            _rebuild_locked(run)
    return run


def _rebuild_locked(run: Run) -> None:
    day = business_date()
    # In this order: what is marked after the marks are taken away stays marked, and is drained later.
    State.objects.update(as_of=day, settings=settings_in_force(), is_stale=False, run=run.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rollups_dirtykey")
        cursor.execute("DELETE FROM rollups_widechange")
        name_lenses()
        given = {"as_of": day, "max_age": settings.GAM_RATE_MAX_AGE_DAYS}
        run.facts = cells.compute_everything(cursor, given)
        run.cells = cells.publish_everything(cursor, run.pk)
        share_cells.compute_all(cursor, given)
        run.cells += share_cells.publish(cursor, run.pk)


def name_lenses() -> None:
    """One price lens for native money, and one for each reporting currency and rate set."""
    wanted = {("", "native"), *((currency, rates) for currency in reporting_currencies() for rates in stored_rates())}
    for lens in PriceLens.objects.all():
        if (lens.currency, lens.rates) not in wanted:
            lens.delete()
    for currency, rates in sorted(wanted):
        PriceLens.objects.get_or_create(currency=currency, rates=rates)
