"""In which countries an account lies is at every instant what its units and facts say, whoever writes and however."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Account, OrgUnit
from accounts.presence import Presence, present
from pipeline.models import Opportunity, OpportunityLine
from revenue.models import RevenueEntry
from tests import factories as make
from tests.accounts.test_merges_at_once import at_once
from tests.cast import Cast
from users.models import User

COUNTRIES = ["DE", "FR", "JP", ""]
FACTS = (RevenueEntry, Opportunity, OpportunityLine)


def said() -> set[tuple[int, str, bool]]:
    """By the units and facts themselves."""
    tables = ((OrgUnit, True), *((table, False) for table in FACTS))
    return {
        (account, str(country), is_unit)
        for table, is_unit in tables
        for account, country in table.objects.values_list("account_id", "country")
        if country
    }


def known() -> set[tuple[int, str, bool]]:
    return set(present().values_list("account_id", "country", "is_unit"))


def whatever(choose: random.Random, accounts: list[Any]) -> None:
    """One statement that may bring something into a country, or take it away."""
    account, country = choose.choice(accounts), choose.choice(COUNTRIES)
    table = choose.choice((OrgUnit, *FACTS))
    some = table.objects.filter(
        pk__in=choose.sample(ids := [*table.objects.values_list("pk", flat=True)], len(ids) // 2)
    )
    match choose.randrange(6):
        case 0:
            make.OrgUnitFactory(account=account, country=country)
        case 1:
            make.RevenueEntryFactory(account=account, country=country)
        case 2:
            make.OpportunityLineFactory(
                opportunity=make.OpportunityFactory(account=account, country=country), country=choose.choice(COUNTRIES)
            )
        case 3:
            some.update(country=country)
        case 4 if table in (RevenueEntry, Opportunity):  # lines follow their deals
            some.update(account=account)
        case _:
            some.delete()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.django_db
def test_any_history_leaves_what_units_and_facts_say(seed: int) -> None:
    choose, accounts = random.Random(seed), [make.AccountFactory() for _ in range(3)]
    for _ in range(60):
        whatever(choose, accounts)
        assert known() == said()


def sees(cast: Cast) -> bool:
    return Account.objects.visible_to(User.objects.get(pk=cast.asia_lead.pk)).filter(pk=cast.acme.pk).exists()


def test_a_lead_loses_sight_with_the_last_fact_in_her_countries(cast: Cast) -> None:
    entries = [make.RevenueEntryFactory(account=cast.acme, country="JP") for _ in range(2)]
    deal = make.OpportunityFactory(account=cast.acme, country="JP")
    entries[0].delete()
    assert sees(cast)
    RevenueEntry.objects.filter(pk=entries[1].pk).update(country="DE")
    assert sees(cast)
    deal.delete()
    assert not sees(cast)
    OrgUnit.objects.filter(account=cast.acme).update(country="JP")
    assert sees(cast)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_orgunit SET country = 'DE' WHERE account_id = %s", [cast.acme.pk])
    assert not sees(cast)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_last_two_facts_at_once_the_second_leaves_nothing() -> None:
    account = make.AccountFactory()
    first, second = (make.RevenueEntryFactory(account=account, country="JP") for _ in range(2))
    is_gone, others_tried = threading.Event(), threading.Event()

    def take_first() -> None:
        with transaction.atomic():
            RevenueEntry.objects.filter(pk=first.pk).delete()
            is_gone.set()
            others_tried.wait(0.5)

    def take_second() -> None:
        is_gone.wait(10)
        RevenueEntry.objects.filter(pk=second.pk).delete()
        others_tried.set()

    assert at_once(take_first, take_second) == []
    assert known() == said() == set()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_fact_that_comes_while_the_last_one_goes_is_known() -> None:
    """Its transaction found the country known, and so added no row; nobody waits for anybody."""
    account = make.AccountFactory()
    last = make.RevenueEntryFactory(account=account, country="JP")
    has_come, has_gone = threading.Event(), threading.Event()

    def bring() -> None:
        with transaction.atomic():
            make.RevenueEntryFactory(account=account, country="JP")
            has_come.set()
            assert has_gone.wait(10)

    def take() -> None:
        has_come.wait(10)
        RevenueEntry.objects.filter(pk=last.pk).delete()
        has_gone.set()

    assert at_once(bring, take) == []
    assert known() == said() == {(account.pk, "JP", False)}
    RevenueEntry.objects.all().delete()
    assert known() == set()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_what_units_and_facts_say() -> None:
    account = make.AccountFactory()

    def write(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(40):
            with transaction.atomic():
                country = choose.choice(COUNTRIES)
                entry = make.RevenueEntryFactory(
                    external_id=f"{seed}-{choose.random()}", account=account, country=country
                )
                if choose.random() < 0.6:
                    entry.delete()
            if choose.random() < 0.5:
                RevenueEntry.objects.filter(
                    external_id__startswith=f"{seed}-", country=choose.choice(COUNTRIES)
                ).delete()

    assert at_once(*(lambda seed=seed: write(seed) for seed in range(3))) == []
    assert known() == said()
    RevenueEntry.objects.all().delete()
    assert known() == set()
    assert Presence.objects.count() <= 3 * len(COUNTRIES)
