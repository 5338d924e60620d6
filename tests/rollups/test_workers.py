"""Writers and workers at once, on connections of their own; work that is killed. Nothing is lost and nobody waits for a drain."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import OrgUnit
from core import clock
from money.services import pin_business_date
from rollups import services
from rollups.forecast_models import ForecastLine, ForecastRate, ForecastSnapshot
from rollups.lens import parse_lens
from rollups.models import DirtyKey, Run, WideChange
from rollups.tasks import freeze_forecast
from tests import factories as make
from tests.plugin import wait_until
from tests.rollups import worlds as w
from tests.rollups.comparison import compare_accounts, compare_members, compare_regions, oracle_of
from tests.rollups.events import Facts, Rates, Settings, Shares, Trees
from tests.rollups.share_oracle import ShareOracle
from tests.rollups.worlds import small_world
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

_ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
_ROLLUP = [sys.executable, "manage.py", "rollup"]
_RANGE = {"from": "2022-12", "to": "2025-03"}


class Together:
    """Threads with connections of their own that are waited for on leaving, and what any of them raised is raised."""

    def __init__(self) -> None:
        self._errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def run(self, job: Callable[[], object]) -> None:
        def work() -> None:
            try:
                job()
            except BaseException as error:  # raised again on leaving, in the test's own thread
                self._errors.append(error)
            finally:
                connection.close()

        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *_raised: object) -> None:
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]


def _world() -> None:
    """The small world with accounts in some more buckets."""
    small_world()
    for number in range(2, 6):
        account = make.AccountFactory(code=f"A{number}")
        make.RevenueEntryFactory(account=account, org_unit=make.OrgUnitFactory(account=account), currency_id="GBP")
        make.OpportunityFactory(account=account, currency_id="USD")
    make.RateSetFactory(code="BUDGET", base_id="USD")
    services.drain()


@contextmanager
def _process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed on leaving, if it still runs."""
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=_ENVIRONMENT, **quiet) as process:  # type: ignore[call-overload]  # two plain options
        try:
            yield process
        finally:
            process.kill()


def _ask(statement: str, *values: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


_OVERLAPS = """
SELECT a.id, b.id FROM rollups_run a JOIN rollups_run b ON b.bucket = a.bucket AND b.id > a.id
 WHERE a.kind = 'drain' AND b.kind = 'drain' AND a.state = 'done' AND b.state = 'done'
   AND a.started_at < b.finished_at AND b.started_at < a.finished_at
"""


def _settled_and_right() -> None:
    """Everything drained, nothing left over, and every figure what plain loops say."""
    services.drain()
    services.tidy()
    assert not DirtyKey.objects.exists()
    assert not WideChange.objects.exists()
    assert not Run.objects.filter(state=Run.Outcome.RUNNING).exists()
    assert services.verify().drift == 0
    assert _ask(_OVERLAPS) == []
    for chosen in (
        {},
        {"rates": "constant", "currency": "USD", "tree": "now"},
        {"rates": "BUDGET"},
        {"currency": "native"},
    ):
        lens, viewer = parse_lens({**_RANGE, **chosen}), User.objects.get(email="executive@x.org")
        compare_regions(viewer, lens, oracle_of(lens))
        compare_accounts(viewer, lens, oracle_of(lens))
        compare_members(viewer, lens, ShareOracle(lens.as_of, lens.currency, "prime", lens.tree, rates=lens.rates))


@contextmanager
def _held(work: Callable[[], object]) -> Iterator[None]:
    """Another session has done `work` and not yet committed."""
    done, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            try:
                work()
            finally:
                done.set()
            may_end.wait(30)

    with Together() as together:
        together.run(hold)
        done.wait(30)
        try:
            yield
        finally:
            may_end.set()


@contextmanager
def _impatient() -> Iterator[None]:
    """This session gives up, with an error, rather than wait for a lock."""
    _set = "SET lock_timeout = {}"
    with connection.cursor() as cursor:
        cursor.execute(_set.format("'300ms'"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_set.format("0"))


def _edit_everything() -> None:
    """One edit of every kind that figures depend on; raises when one must wait."""
    unit = OrgUnit.objects.order_by("pk").first()
    assert unit
    make.RevenueEntryFactory(account=unit.account, org_unit=unit, currency_id="USD", country="DK")
    for event, chosen in (
        (Facts.edit_entry, {"n": 0, "change": {"amount": w.AMOUNTS[1]}}),
        (Facts.edit_all_entries, {"n": 1, "change": {"date": w.DATES[2]}}),
        (Facts.write_deal, {"n": 0, "unit": 1, "country": "FR", "on": w.DATES[0], "amount": w.AMOUNTS[0], "currency": "USD",
                            "stage": "won"}),
        (Facts.edit_deal, {"n": 0, "change": {"stage_id": "negotiation"}}),
        (Facts.write_line, {"n": 0, "unit": 1, "country": "FR", "amount": w.AMOUNTS[0], "number": 7}),
        (Facts.edit_line, {"n": 0, "change": {"amount": w.AMOUNTS[4]}}),
        (Shares.split, {"n": 0, "first": 1, "of": ("prime", ["60", "40"])}),
        (Shares.rename_member, {"n": 1, "name": "z"}),
        (Rates.publish, {"rates": "spot", "currency": "USD", "on": w.DATES[4], "rate": w.RATES[4]}),
        (Rates.restate_all, {"rates": "spot", "currency": "KWD", "factor": w.RATES[2]}),
        (Rates.set_up_budget, {"code": "BUDGET", "base": "EUR", "rate": w.RATES[1]}),
        (Trees.move_region, {"child": "NORTH", "parent": "SOUTH", "on": w.DATES[6]}),
        (Trees.move_country, {"country": "DK", "region": "SOUTH", "on": w.DATES[6]}),
        (Trees.move_unit, {"n": 0, "child": 2, "parent": 0, "on": w.DATES[6], "structure": "legal"}),
        (Settings.change_stage, {"stage": "proposal", "change": {"probability": 99}}),
        (Settings.move_as_of, {"on": dt.date(2024, 3, 15)}),
        (Facts.remove, {"n": 0, "model": w.FACTS[0]}),
    ):  # fmt: skip
        event.happens(None, **chosen)  # the event itself, whose errors nobody swallows


def _edit_some() -> None:
    """So that a drain has something to do of every kind."""
    account = make.AccountFactory()
    make.RevenueEntryFactory(account=account, currency_id="JPY")
    make.OpportunityFactory(account=account, currency_id="JPY")
    make.ExchangeRateFactory(currency_id="JPY", date=dt.date(2024, 2, 12))


@pytest.mark.parametrize("work", [services.drain, services.rebuild, services.verify], ids=lambda work: work.__name__)
def test_writers_wait_neither_for_a_drain_nor_for_a_rebuild(work: Callable[[], object]) -> None:
    _world()
    pin_business_date(on=dt.date(2024, 2, 29), by=None)
    _edit_some()
    with _held(work), _impatient():
        _edit_everything()
    _settled_and_right()


def test_a_drain_waits_for_no_writer_and_leaves_nothing_of_hers_out() -> None:
    _world()
    with _held(_edit_everything), _impatient():
        _edit_some()
        assert services.drain().keys > 0
        assert services.verify().drift == 0
    _settled_and_right()


# Of this database alone: other tests run in others of the same server, and wait for their own reasons. Whoever waits for a row holds
# its table; pg_stat_activity, which would say it too, stands still within a transaction.
_WAITING = """
SELECT DISTINCT pid FROM pg_locks waiting JOIN pg_locks held USING (pid)
 WHERE NOT waiting.granted AND waiting.locktype IN ('transactionid', 'tuple')
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.mark.parametrize("how", ["kill -9", "pg_terminate_backend"])
@pytest.mark.parametrize("what", [[], ["--rebuild"]], ids=["drain", "rebuild"])
def test_work_that_is_killed_half_way_is_undone_and_done_by_the_next(what: list[str], how: str) -> None:
    _world()
    Facts.edit_all_entries(None, n=0, change={"currency_id": "GBP"})
    with transaction.atomic():
        _ask("SELECT 1 FROM rollups_accountcell FOR UPDATE")
        with _process(*_ROLLUP, *what) as process:
            assert wait_until(lambda: _ask(_WAITING), within=60)
            if how == "kill -9":
                process.kill()
            else:
                _ask(f"SELECT pg_terminate_backend(pid) FROM ({_WAITING}) waiting")
            assert process.wait(30) != 0
    assert wait_until(lambda: not _ask(_OTHERS))
    assert bool(what) or DirtyKey.objects.exists()
    _settled_and_right()
    ended = Run.objects.exclude(state=Run.Outcome.DONE)
    assert {run.state for run in ended} <= {Run.Outcome.LOST, Run.Outcome.FAILED}
    assert all(run.finished_at for run in ended)


_FREEZE = [
    sys.executable,
    "manage.py",
    "shell",
    "--no-imports",
    "-c",
    "from rollups.tasks import freeze_forecast as f; f()",
]


def test_a_weekly_snapshot_that_is_killed_half_way_leaves_nothing_and_is_taken_by_the_next() -> None:
    _world()
    pin_business_date(on=dt.date(2024, 2, 29), by=None)
    with transaction.atomic():
        # The week's row stands here, uncommitted: the process has written its lines and rates, and waits to say so.
        ForecastSnapshot.objects.create(
            week=dt.date(2024, 2, 26),
            taken_on=dt.date(2024, 2, 29),
            taken_at=clock.now(),
            currencies=[],
            managers={},
            lines=0,
        )
        with _process(*_FREEZE) as process:
            assert wait_until(lambda: _ask(_WAITING), within=60)
            process.kill()
            assert process.wait(30) != 0
        transaction.set_rollback(True)
    assert wait_until(lambda: not _ask(_OTHERS))
    for model in (ForecastSnapshot, ForecastLine, ForecastRate):
        assert not model.objects.exists()
    services.tidy()
    freeze_forecast()
    freeze_forecast()
    snapshot = ForecastSnapshot.objects.get()
    assert snapshot.lines == ForecastLine.objects.count() > 0
    runs = Run.objects.filter(kind=Run.Kind.FORECAST).order_by("id")
    assert [run.state for run in runs] == [Run.Outcome.LOST, Run.Outcome.DONE]
    assert runs[1].facts == snapshot.lines
