"""The roll-up engine against the floor of the same database in the same run: rebuild, edits with several workers, reads, what
triggers cost. `BENCH_SCALE=full` measures it at 20 million entries and 2 million deals."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from bench.facts_world import REGIONS, as_owner, insert_entries, load, scale
from bench.facts_world import run as sql
from bench.figures import Figure
from gam.environment import ROOT
from money.services import pin_business_date
from rollups import queries, services
from rollups.lens import parse_lens
from rollups.reading import rows_by_country
from rollups.sight import sight_of
from rollups.source import Source, source_of
from users.models import User
from users.permissions import Access

SINGLES, INSERTED = 60, 20_000
YEAR = {"from": "2023-01", "to": "2023-12"}


def run() -> list[Figure]:
    """Loads a world of its own; returns rates, latencies and their ratios to the floor."""
    size = scale()
    pin_business_date(on=parse_lens({"as_of": "2024-06-28"}).as_of, by=None)
    viewer = User.objects.create_user("bench-rollups@example.org", access=Access.EXECUTIVE)
    begun = time.perf_counter()
    load(size)
    _say(f"{size.entries:,} entries and {size.deals:,} deals loaded", begun)
    figures = _rebuilds(size.entries + size.deals)
    as_owner("VACUUM ANALYZE")
    figures += _single_edits(size.entries)
    figures += _bulk_edits(size.entries)
    figures += _reads(viewer)
    figures += _insert_cost()
    return [*figures, Figure("drift after all this", services.verify().drift, "cells", most=0)]


def _rebuilds(facts: int) -> list[Figure]:
    floor = _median(lambda: sql("SELECT sum(amount), count(*) FROM revenue_revenueentry"), times=3)
    first = _seconds(services.rebuild)
    _say("rebuilt", time.perf_counter() - first)
    again = _seconds(services.rebuild)
    return [
        Figure("rebuild from nothing, every lens", first, "s"),
        Figure("rebuild from nothing, every lens", facts / first, "facts/s"),
        Figure("rebuild of what is right already", facts / again, "facts/s"),
        Figure("rebuild from nothing against the sum of the facts", first / floor, "times"),
    ]


def _single_edits(entries: int) -> list[Figure]:
    """From the commit of the statement that edits one entry to the end of the drain that follows it."""
    taken = []
    for number in range(SINGLES):
        _edit(1, entries, salt=100 + number)
        taken.append(1000 * _seconds(services.drain))
    taken.sort()
    return [
        Figure("one edit to exact roll-ups, p50", statistics.median(taken), "ms"),
        Figure("one edit to exact roll-ups, p95", taken[int(SINGLES * 0.95)], "ms", most=10),
    ]


def _bulk_edits(entries: int) -> list[Figure]:
    many = 100_000 if entries >= 1_000_000 else 10_000
    _edit(1000, entries, salt=1)
    figures = [Figure("1,000 edits to exact roll-ups", 1000 * _seconds(services.drain), "ms", most=300)]
    for workers in (1, 2, 4):
        with _drainers(workers):
            _edit(many, entries, salt=10 + workers)
            seconds = _seconds(_wait_until_drained)
        figures.append(Figure(f"{many:,} edits, {workers} worker{'s' * (workers > 1)}", seconds, "s"))
    return figures


def _reads(viewer: User) -> list[Figure]:
    lens = parse_lens(YEAR)
    source, sight = source_of(lens), sight_of(viewer)
    from_facts = Source(lens, source.standing, None, tuple(lens.keys))
    stored = _median(lambda: rows_by_country(source, sight), times=20)
    live = _median(lambda: rows_by_country(from_facts, sight), times=1)
    region = _median(lambda: queries.region_figures(viewer=viewer, code="B0", lens=lens), times=5)
    roots = _median(lambda: queries.regions_list(viewer=viewer, lens=lens), times=5)
    return [
        Figure("a year by country, one statement", 1000 * stored, "ms"),
        Figure("the same from the facts, against it", live / stored, "times"),
        Figure(f"region with {REGIONS} nodes, a year", 1000 * region, "ms", most=150),
        Figure("all roots and unallocated, a year", 1000 * roots, "ms"),
    ]


def _insert_cost() -> list[Figure]:
    """Inserts with the engine's trigger over the same without it, in time and in write-ahead log; alternating, so that both
    age alike. The first insert after a load splits the pages of freshly built indexes, which belongs to neither."""
    with_it, without = [], []
    insert_entries("warm-", INSERTED)
    services.drain()
    for turn in range(3):
        with_it.append(_inserted(f"on-{turn}-"))
        services.drain()
        as_owner("ALTER TABLE revenue_revenueentry DISABLE TRIGGER rollups_insert")
        without.append(_inserted(f"off-{turn}-"))
        as_owner("ALTER TABLE revenue_revenueentry ENABLE TRIGGER rollups_insert")
    sql("UPDATE revenue_revenueentry SET amount = amount + 1 WHERE external_id LIKE 'off-%%'")
    ratios = [
        statistics.median(a) / statistics.median(b) for a, b in zip(_columns(with_it), _columns(without), strict=True)
    ]
    return [
        Figure("insert with roll-up triggers against none, time", ratios[0], "times", most=1.4),
        Figure("insert with roll-up triggers against none, log", ratios[1], "times", most=1.3),
    ]


def _columns(rows: list[tuple[float, float]]) -> list[tuple[float, ...]]:
    return list(zip(*rows, strict=True))


def _inserted(prefix: str) -> tuple[float, float]:
    """Seconds, and bytes of write-ahead log."""
    before = _log_position()
    return _seconds(lambda: insert_entries(prefix, INSERTED)), _log_position() - before


def _log_position() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return float(cursor.fetchone()[0])


def _edit(edits: int, entries: int, *, salt: int) -> None:
    """Edit entries drawn by a hash."""
    sql(
        "UPDATE revenue_revenueentry SET amount = amount + 1 WHERE external_id IN "
        "(SELECT 'bench-' || (1 + (hashint8extended(n, %(salt)s) >> 8 & 2147483647) %% %(entries)s) "
        "FROM generate_series(1, %(edits)s) n)",
        {"edits": edits, "entries": entries, "salt": salt},
    )


@contextmanager
def _drainers(workers: int) -> Iterator[None]:
    """So many processes that drain while the block runs."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
    command = [sys.executable, "-m", "bench.drainer"]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=ROOT)
        for _ in range(workers)
    ]
    try:
        for process in started:
            assert process.stdout
            process.stdout.readline()
        yield
    finally:
        for process in started:
            process.communicate()


def _wait_until_drained() -> None:
    while services.has_work():
        time.sleep(0.01)


def _say(what: str, since: float) -> None:
    print(f"  {what}: {time.perf_counter() - since:.1f} s", file=sys.stderr, flush=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _median(work: Callable[[], object], *, times: int) -> float:
    return statistics.median(_seconds(work) for _ in range(times))
