"""Several writers and several drains on real connections; drains killed at any line. Nothing is lost."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import Opportunity, Stage
from revenue.models import RevenueEntry
from rollups import locks, runs, services
from rollups.listener import Listener
from rollups.models import CountryCell, DirtyKey, Run
from tests import factories as make
from tests.plugin import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def _at_once(*jobs: Callable[[], None]) -> None:
    """Run every job in a thread with a connection of its own; raise what any of them raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # it is raised below, in the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _world() -> list[int]:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)
    accounts = [make.AccountFactory() for _ in range(6)]
    for currency, rate in (("USD", "1.25"), ("GBP", "0.8")):
        make.ExchangeRateFactory(currency_id=currency, date=dt.date(2024, 1, 10), rate=Decimal(rate))
        make.ExchangeRateFactory(currency_id=currency, date=dt.date(2024, 6, 27), rate=Decimal(rate))
    for account in accounts:
        for number in range(4):
            make.RevenueEntryFactory(account=account, currency_id="USD", country=["DE", "FR"][number % 2])
        deal = make.OpportunityFactory(account=account, currency_id="GBP")
        make.OpportunityLineFactory(opportunity=deal, account=account)
    services.drain()
    return [account.pk for account in accounts]


def _writer(accounts: list[int], seed: int, seconds: float) -> Callable[[], None]:
    def write() -> None:
        choose, until = random.Random(seed), time.monotonic() + seconds
        while time.monotonic() < until:
            with transaction.atomic():
                entries = RevenueEntry.objects.filter(account_id=choose.choice(accounts)).order_by("pk")
                list(entries.select_for_update().values_list("pk"))  # in one order, or two writers meet in a ring
                entries.update(amount=Decimal(choose.randrange(10**6)) / 100)
                if choose.random() < 0.3:
                    entries.update(
                        date=dt.date(2024, choose.randrange(1, 4), 15), country=choose.choice(["DE", "FR", "DK"])
                    )
                if choose.random() < 0.3:
                    Opportunity.objects.filter(account_id=choose.choice(accounts)).update(
                        close_date=dt.date(2024, choose.randrange(1, 13), 1),
                        stage_id=choose.choice(["proposal", "won"]),
                    )
                time.sleep(choose.random() * 0.004)

    return write


def _configurer(seconds: float) -> Callable[[], None]:
    def configure() -> None:
        choose, until = random.Random(7), time.monotonic() + seconds
        while time.monotonic() < until:
            with transaction.atomic():
                ExchangeRate.objects.filter(currency_id="USD").update(rate=Decimal(choose.randrange(80, 200)) / 100)
                Stage.objects.filter(pk="proposal").update(probability=choose.randrange(100))
                time.sleep(0.01)
            pin_business_date(on=dt.date(2024, 6, 25 + choose.randrange(6)), by=None)
            time.sleep(0.05)

    return configure


def _drainer(seconds: float) -> Callable[[], None]:
    def drain() -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            services.drain(wait=False)

    return drain


def test_writers_and_drains_at_once_lose_nothing() -> None:
    accounts = _world()
    writers = [_writer(accounts, seed, 3.0) for seed in range(3)]
    _at_once(*writers, _configurer(3.0), _drainer(3.0), _drainer(3.0))
    assert not Run.objects.filter(state=Run.Outcome.FAILED).exists()
    assert services.verify().drift == 0
    assert not DirtyKey.objects.exists()


def test_a_check_while_others_write_finds_no_drift() -> None:
    accounts = _world()
    found: list[int] = []
    checks = lambda: found.extend(services.verify().drift for _ in range(6))  # noqa: E731  one line says it
    _at_once(_writer(accounts, 1, 2.0), _drainer(2.0), checks)
    assert found == [0] * 6


def test_a_batch_that_was_rolled_back_stays_in_the_queue() -> None:
    make.RevenueEntryFactory()
    with transaction.atomic():
        services.drain()
        transaction.set_rollback(True)
    assert DirtyKey.objects.count() == 1
    services.drain()
    assert CountryCell.objects.filter(facts=1).count() == 1


def test_a_bucket_that_another_process_works_on_is_left_to_it() -> None:
    services.drain()
    key = make.RevenueEntryFactory().account_id
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.lock_bucket(key % 32, wait=True)
            locked.set()
            done.wait(10)

    def drain() -> None:
        locked.wait(10)
        try:
            assert services.drain(wait=False).keys == 0
        finally:
            done.set()

    _at_once(hold, drain)
    assert services.drain(wait=False).keys == 1


_DRAIN_FOREVER = """
import django; django.setup()
from rollups import services
print("ready", flush=True)
while True: services.drain(wait=False)
"""


def test_killed_drains_lose_nothing() -> None:
    accounts = _world()
    choose = random.Random(3)
    command = [sys.executable, "-c", _DRAIN_FOREVER]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gam.settings"}
    for round_ in range(4):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            _at_once(_writer(accounts, round_, 0.2 + choose.random() / 3))
            process.kill()
    assert services.verify().drift == 0


def test_a_run_whose_process_died_is_noticed_and_a_living_one_left_alone() -> None:
    lost = runs.start(Run.Kind.VERIFY)
    working = runs.start(Run.Kind.REBUILD)
    locks.hold_run(working.pk)
    noticed: list[int] = []
    _at_once(lambda: noticed.append(services.tidy()))
    locks.release_run(working.pk)
    assert noticed == [1]
    assert Run.objects.get(pk=lost.pk).state == Run.Outcome.LOST
    assert Run.objects.get(pk=working.pk).state == Run.Outcome.RUNNING


def test_the_worker_hears_of_a_change_at_its_commit() -> None:
    services.drain()
    heard: list[float] = []
    listener = Listener(lambda: heard.append(time.monotonic()))
    listener.start()
    assert wait_until(lambda: len(heard) == 1)  # once for what it may have missed
    with transaction.atomic():
        make.RevenueEntryFactory()
        time.sleep(0.2)
        assert len(heard) == 1
    committed = time.monotonic()
    assert wait_until(lambda: len(heard) > 1)
    assert heard[1] - committed < 1
    listener.stop()


def test_a_failing_batch_is_recorded_and_waits_before_it_is_tried_again() -> None:
    services.drain()
    make.RevenueEntryFactory()
    blocker, release = threading.Event(), threading.Event()

    def block() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE rollups_cell IN ACCESS EXCLUSIVE MODE")
            blocker.set()
            release.wait(10)

    def drain() -> None:
        blocker.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")
        try:
            assert services.drain(wait=False).failed == 1
            assert services.drain(wait=False).failed == 0
        finally:
            release.set()

    _at_once(block, drain)
    failed = Run.objects.get(state=Run.Outcome.FAILED)
    assert "lock timeout" in failed.error
    Run.objects.all().delete()
    assert services.drain(wait=False).keys == 1
