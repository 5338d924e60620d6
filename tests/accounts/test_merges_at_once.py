"""Merges that cross each other, meet writers, or move a great deal: nothing is lost, and nobody else's write fails for it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.merges import merge_accounts, undo_merge
from accounts.merging import Choices
from accounts.models import Account, OrgUnit
from core.errors import DomainError
from money.services import pin_business_date
from pipeline.models import OpportunityLine
from revenue.models import RevenueEntry
from rollups import services
from rollups.lens import parse_lens
from rollups.queries import account_figures
from tests import factories as make
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def root() -> User:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)
    return User.objects.create_superuser("root@example.org", make.PASSWORD)


def at_once(*jobs: Callable[[], object]) -> list[Exception]:
    """Run every job on a connection of its own; what the domain or the database refused."""
    refused: list[Exception] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except (DomainError, DatabaseError) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return refused


def merging(gone: str, into: str, by: User) -> Callable[[], object]:
    return lambda: merge_accounts(gone=gone, into=into, choices=Choices(), by=by)


def test_of_two_merges_that_cross_one_is_done(root: User) -> None:
    for code in "AB":
        unit = make.OrgUnitFactory(account=make.AccountFactory(code=code), code=f"U{code}")
        for _ in range(20):
            make.RevenueEntryFactory(account=unit.account, org_unit=unit, amount=Decimal("1.01"))
    (refused,) = at_once(merging("A", "B", root), merging("B", "A", root))
    assert "There is no account" in str(refused)
    (left,) = Account.objects.all()
    assert RevenueEntry.objects.filter(account=left).count() == 40
    services.drain()
    figure = account_figures(viewer=root, code=left.code, lens=parse_lens({"from": "2024-01", "to": "2024-12"}))
    assert figure.measures.revenue == Decimal("40.40")
    assert services.verify().drift == 0


def test_a_merge_waits_for_who_writes_and_lets_her_finish(root: User) -> None:
    """She has changed an entry and is about to add one, whose account the merge holds: each would wait for the other."""
    old = make.AccountFactory(code="OLD")
    make.AccountFactory(code="NEW")
    entry = make.RevenueEntryFactory(account=old)
    has_written, may_commit = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            RevenueEntry.objects.filter(pk=entry.pk).update(amount=5)
            make.RevenueEntryFactory(account=old, amount=Decimal(7), external_id="late")
            has_written.set()
            may_commit.wait(1.2)

    def merge() -> None:
        has_written.wait(10)
        merging("OLD", "NEW", root)()

    assert at_once(write, merge) == []
    found = RevenueEntry.objects.order_by("amount").values_list("account__code", "amount")
    assert [(code, int(amount)) for code, amount in found] == [("NEW", 5), ("NEW", 7)]
    services.drain()
    assert services.verify().drift == 0


def test_who_writes_for_an_account_that_is_gone_is_refused(root: User) -> None:
    old = make.AccountFactory(code="OLD")
    make.AccountFactory(code="NEW")
    merged = threading.Event()

    def write() -> None:
        with transaction.atomic():
            make.RevenueEntryFactory(account=old)
            merged.wait(10)

    def merge() -> None:
        merging("OLD", "NEW", root)()
        merged.set()

    (refused,) = at_once(write, merge)
    assert "is not present in table" in str(refused)
    assert not RevenueEntry.objects.exists()


def test_a_hundred_thousand_facts_move_as_sets(root: User) -> None:
    """Few statements, however many rows; the cells follow and the way back is as short."""
    old, new = make.AccountFactory(code="OLD"), make.AccountFactory(code="NEW")
    units = [make.OrgUnitFactory(account=old, code=f"U{n}") for n in range(20)]
    RevenueEntry.objects.bulk_create(
        [
            RevenueEntry(
                external_id=f"r{n}",
                account=old,
                org_unit=units[n % 20],
                country="DE",
                date=dt.date(2024, n % 12 + 1, 1),
                amount=Decimal("0.01"),
                currency_id="EUR",
            )
            for n in range(100_000)
        ],
        batch_size=10_000,
    )
    for n in range(20):
        deal = make.OpportunityFactory(account=old, org_unit=units[n], amount=None)
        make.OpportunityLineFactory(opportunity=deal, account=old, org_unit=units[n])
    services.drain()
    done = merge_accounts(gone="OLD", into="NEW", choices=Choices(), by=root)
    assert RevenueEntry.objects.filter(account=new).count() == 100_000
    assert set(OpportunityLine.objects.values_list("account", flat=True)) == {new.pk}
    services.drain()
    lens = parse_lens({"from": "2024-01", "to": "2024-12"})
    assert account_figures(viewer=root, code="NEW", lens=lens).measures.revenue == Decimal("1000.00")
    assert services.verify().drift == 0
    undo_merge(pk=done.pk, by=root)
    services.drain()
    assert account_figures(viewer=root, code="OLD", lens=lens).measures.revenue == Decimal("1000.00")
    assert OrgUnit.objects.filter(account__code="OLD").count() == 20
    assert services.verify().drift == 0
