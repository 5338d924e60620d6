"""Everything again from the facts: bucket by bucket, by as many sessions as the machine has processors.

Each bucket is one transaction, which writes only what differs, so that its accounts are right at every instant and no batch
of another bucket waits. A process that dies leaves finished buckets behind and the rest as it was; the next begins anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

from django.db import connection, transaction

from money.queries import business_date
from rollups import as_of, cells, locks, runs, share_cells, summits
from rollups.measures import BUCKETS
from rollups.models import AccountCell, PriceLens, Quote, Run, State, WideChange
from rollups.standing import Standing, settings_in_force, standing


def rebuild_if_needed(*, wait: bool) -> bool:
    """Rebuild unless another process has done so by the time it is our turn. False: not now, for one who can't `wait`."""
    if not wait and (runs.has_failed_lately(Run.Kind.REBUILD) or not _nobody_is_at_it()):
        return False
    _rebuild(always=False)
    return True


def rebuild() -> Run:
    """Recompute every cell from the facts and publish what differs."""
    return _rebuild(always=True)


def _nobody_is_at_it() -> bool:
    with transaction.atomic():
        return locks.lock_conductor(wait=False)


def _rebuild(*, always: bool) -> Run:
    with runs.long_run(Run.Kind.REBUILD) as run, ExitStack() as stack:
        stack.enter_context(locks.conducting())
        if always or standing().must_be_rebuilt:
            _rebuild_conducted(run)
    return run


def _rebuild_conducted(run: Run) -> None:
    with transaction.atomic():
        locks.lock_all_buckets()
        now = _begin()
    with transaction.atomic():
        summits.fill_prices(now.given())
    runs.show_progress(run, 0)
    for written in _each_bucket(partial(_rebuild_bucket, run=run.pk, now=now, gone=summits.accounts_gone())):
        run.facts += written.facts
        run.cells += written.cells
        runs.show_progress(run, (run.progress or 0) + 1)
    with transaction.atomic():
        locks.lock_all_buckets()
        run.cells += summits.publish(now.width, run.pk)
        _end(run, now)


def _begin() -> Standing:
    """What is marked from here on stays marked; what was marked before is seen by every bucket."""
    WideChange.objects.all().delete()
    Quote.objects.all().delete()
    name_lenses(standing())
    now = standing()
    if now.fiscal_start != now.fiscal_start_now:
        State.objects.update(fiscal_start=now.fiscal_start_now, has_years=False)
    if not AccountCell.objects.exists():
        # Figures come from the facts until all cells are there: each bucket would leave another version of every country's.
        PriceLens.objects.update(is_ready=False)
    if now.as_of != business_date():
        as_of.move(business_date(), now)
    return standing()


def _end(run: Run, now: Standing) -> None:
    PriceLens.objects.filter(slot__in=[lens.slot for lens in now.lenses]).update(is_ready=True)
    State.objects.update(run=run.pk, has_years=True)
    State.objects.filter(marks=now.marks).update(is_stale=False, settings=settings_in_force())


def _each_bucket(work: partial[cells.Written]) -> Iterable[cells.Written]:
    """The buckets' results. Inside a caller's transaction only its own session sees the facts: one after the other."""
    if connection.in_atomic_block:
        yield from map(work, range(BUCKETS))
        return
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rebuild") as pool:
        yield from pool.map(partial(_in_own_session, work), range(BUCKETS))


def _in_own_session(work: partial[cells.Written], bucket: int) -> cells.Written:
    try:
        return work(bucket)
    finally:
        connection.close()


def _rebuild_bucket(bucket: int, *, run: int, now: Standing, gone: list[int]) -> cells.Written:
    with transaction.atomic(), connection.cursor() as cursor:
        locks.lock_bucket(bucket, wait=True)
        cursor.execute("SET LOCAL work_mem = '192MB'")
        cursor.execute("DELETE FROM rollups_dirtykey WHERE bucket = %s", [bucket])
        accounts, given = summits.accounts_of(bucket, gone), {**now.given(), "run": run}
        if not accounts:
            return cells.Written()
        # Nobody reads the countries of cells that must be rebuilt until the last bucket is done.
        written = cells.apply_accounts(cursor, accounts, given, with_countries=not now.must_be_rebuilt)
        return written + cells.Written(cells=share_cells.apply_accounts(cursor, accounts, given))


def name_lenses(now: Standing) -> None:
    """Give every wanted price lens a slot; native money always has the first."""
    wanted, stored = now.wanted_lenses, {(lens.currency, lens.rates): lens.slot for lens in now.lenses}
    for currency, rates in sorted(set(stored) - wanted):
        PriceLens.objects.filter(currency=currency, rates=rates).delete()
    taken = {slot for lens, slot in stored.items() if lens in wanted}
    free = (slot for slot in range(1, len(wanted) + len(stored) + 1) if slot not in taken)
    for currency, rates in sorted(wanted - set(stored)):
        PriceLens.objects.create(currency=currency, rates=rates, slot=next(free))
