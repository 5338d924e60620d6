"""Scenarios of well-known roll-up engines about recalculation: it equals what was kept up, runs again, and stops halfway."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from money.services import pin_business_date
from pipeline.models import Opportunity, Stage
from revenue.models import RevenueEntry
from rollups import services
from rollups.models import AccountCell, Cell, CountryCell
from tests import factories as make
from tests.rollups.scenarios import D, account, cents, deal, drained, entry
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> User:
    pin_business_date(on=D, by=None)
    return make.UserFactory(access=Access.EXECUTIVE)


def kept() -> list[Any]:
    """Every cell as it stands, without the run that wrote it."""
    found = []
    for model in (Cell, AccountCell, CountryCell):
        names = [field.name for field in model._meta.concrete_fields if field.name != "run"]
        found.append(sorted(map(repr, model.objects.values_list(*names))))
    return found


def world() -> None:
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 15), rate=Decimal("1.25"))
    make.ExchangeRateFactory(currency_id="USD", date=D, rate=Decimal("2"))
    for code in "AB":
        entry(code, "10.005", currency_id="USD")
        entry(code, "3", country="FR", currency_id="ARS")
        one = deal(code, None, currency_id="USD")
        for number, country in enumerate(("DE", "FR"), start=1):
            make.OpportunityLineFactory(opportunity=one, line=number, country=country, amount=Decimal("0.015"))


def test_a_full_recalculation_equals_what_was_kept_up_edit_by_edit(viewer: User) -> None:
    """Recalculate everything after a series of inserts, updates, deletes and re-parentings: not a cell differs."""
    world()
    services.drain()
    RevenueEntry.objects.filter(currency="USD").first().delete()  # type: ignore[union-attr]  # there are two
    services.drain()
    Opportunity.objects.update(close_date=dt.date(2024, 9, 1), stage_id="negotiation")
    services.drain()
    RevenueEntry.objects.update(country="DE")
    services.drain()
    before = kept()
    services.rebuild()
    assert kept() == before
    drained()


def test_a_full_recalculation_twice_changes_nothing(viewer: User) -> None:
    """A recalculation is repeatable: run again, it writes nothing."""
    world()
    services.rebuild()
    before, runs = kept(), set(Cell.objects.values_list("run", flat=True))
    services.rebuild()
    assert kept() == before
    assert set(Cell.objects.values_list("run", flat=True)) == runs


def test_a_full_recalculation_corrects_what_was_written_over_by_hand(viewer: User) -> None:
    """The target field was edited by somebody: a recalculation puts the right value back."""
    world()
    services.drain()
    before = kept()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rollups_accountcell SET facts = facts + 1")
        cursor.execute("DELETE FROM rollups_cell WHERE country = 'FR'")
    assert services.verify().drift > 0
    services.rebuild()
    assert kept() == before
    drained()


def test_parents_without_children_are_reset_by_a_recalculation(viewer: User) -> None:
    """Stale values at parents that no child names any more are taken away, not only those with children corrected."""
    entry("A", "10")
    services.drain()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rollups_cell SET account_id = account_id + 1000")
        cursor.execute("UPDATE rollups_accountcell SET account_id = account_id + 1000")
    services.rebuild()
    assert account(viewer, "A").measures.revenue == cents("10.00")
    drained()


def test_recalculating_nothing_leaves_nothing(viewer: User) -> None:
    """A recalculation without a single child."""
    services.rebuild()
    assert kept() == [[], [], []]
    drained()


def test_the_same_row_written_many_times_in_one_transaction_is_summed_once(viewer: User) -> None:
    """Recursion: the same child is updated again and again by automations of one transaction."""
    one = entry("A", "1")
    with transaction.atomic():
        for amount in (2, 3, 4, 5, 4):
            RevenueEntry.objects.filter(pk=one.pk).update(amount=amount)
    assert account(viewer, "A").measures.revenue == cents("4.00")


def test_a_deal_saved_after_its_lines_saved_it_is_not_counted_twice(viewer: User) -> None:
    """A child's update changes its parent, which is then saved itself."""
    one = deal("A", None)
    with transaction.atomic():
        line = make.OpportunityLineFactory(opportunity=one, amount=Decimal(10))
        one.refresh_from_db()
        one.stage = Stage.objects.get(pk="negotiation")
        one.save()
        line.amount = Decimal(12)
        line.save()
    found = account(viewer, "A").measures
    assert (found.pipeline_open, found.pipeline_weighted, found.opportunities_open) == (
        cents("12.00"),
        cents("9.00"),
        1,
    )


def test_what_was_rolled_back_was_never_there(viewer: User) -> None:
    """A failing transaction takes its recalculations with it."""
    entry("A", "1")

    def fail() -> None:
        entry("A", "100")
        RevenueEntry.objects.update(amount=50)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fail()
    assert account(viewer, "A").measures.revenue == cents("1.00")


def test_a_savepoint_that_failed_takes_only_its_own_changes_away(viewer: User) -> None:
    """Partial success: some rows of a batch fail, the rest are recalculated."""
    with transaction.atomic():
        entry("A", "1")
        for amount in ("10", "20"):
            mark = transaction.savepoint()
            entry("A", amount)
            if amount == "20":
                transaction.savepoint_rollback(mark)
    assert account(viewer, "A").measures.revenue == cents("11.00")


def test_inserted_changed_and_deleted_in_one_transaction(viewer: User) -> None:
    """All kinds of changes to one parent before the first recalculation."""
    with transaction.atomic():
        one, two, three = (entry("A", amount) for amount in ("1", "10", "100"))
        RevenueEntry.objects.filter(pk=two.pk).update(amount=20)
        three.delete()
        one.delete()
    assert account(viewer, "A").measures.revenue == cents("20.00")


def test_many_small_drains_equal_one_large(viewer: User) -> None:
    """Batches: a recalculation in chunks equals one in a single go."""
    owner = make.AccountFactory(code="A")
    for month in range(1, 13):
        make.RevenueEntryFactory(account=owner, date=dt.date(2024, month, 3), amount=Decimal("0.005"))
        services.drain()
    piecemeal = kept()
    # Twelve times 0.005, each rounded to even by itself: nothing, not six cents.
    assert account(viewer, "A").measures.revenue == cents("0.00")
    with connection.cursor() as cursor:
        for table in ("rollups_cell", "rollups_accountcell", "rollups_countrycell"):
            cursor.execute(f"DELETE FROM {table}")
    services.rebuild()
    assert kept() == piecemeal


def test_a_definition_that_changes_restates_every_parent(viewer: User, settings: Any) -> None:
    """The definition of a roll-up is edited: everything that was computed by the old one is computed again."""
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 15), rate=Decimal("1.25"))
    entry("A", "10", currency_id="USD")
    assert account(viewer, "A").measures.revenue == cents("8.00")
    settings.GAM_REPORTING_CURRENCIES = ["USD", "EUR"]
    assert account(viewer, "A").measures.revenue == cents("10.00")
    drained()
