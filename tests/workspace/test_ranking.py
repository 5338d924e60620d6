"""Customers are ranked by rows of whole years where there are any, and by cells elsewhere: the same customers, in the same order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from money.models import FiscalCalendar
from revenue.models import RevenueEntry
from rollups import services
from rollups.models import AccountYear
from tests import factories as make
from tests.cast import Cast
from users.models import User
from workspace import customers, queries
from workspace.lenses import chosen

pytestmark = pytest.mark.django_db

YEARS = {"period": "fiscal_year"}, {"period": "last_fiscal_year"}, {"from": "2023-01", "to": "2025-12"}
CHOICES: tuple[dict[str, str], ...] = (
    {},
    {"currency": "USD"},
    {"currency": "native", "tree": "now"},
    {"rates": "constant"},
    {"revenue_kind": "booked"},
    {"book": "overlay"},
)


@pytest.fixture
def many(money: Cast) -> Cast:
    """A dozen customers whose amounts tie, cancel out, have no price, or are deals alone."""
    for n in range(12):
        account = make.AccountFactory(code=f"N{n}")
        day = dt.date(2025, 1 + n, 5)
        make.RevenueEntryFactory(
            account=account, country="DE", date=day, amount=Decimal(100 * (n % 3)), currency_id="USD"
        )
        make.RevenueEntryFactory(account=account, country="JP", date=dt.date(2024, 2, 5), amount=Decimal(-n))
        make.RevenueEntryFactory(account=account, date=day, kind="booked", amount=Decimal(n), currency_id="AED")
        if n % 2:
            make.OpportunityFactory(account=account, country="FR", close_date=day, amount=Decimal(n % 5))
    make.OpportunityFactory(account=make.AccountFactory(code="DEAL"), close_date=dt.date(2025, 3, 1))
    services.drain()
    return money


def ranked(viewer: User, lens: dict[str, str]) -> tuple[Any, bool]:
    """The customers of the world's page, and whether they were ranked by years."""
    reader = User.objects.get(pk=viewer.pk)
    with CaptureQueriesContext(connection) as asked:
        page = queries.world_dashboard(viewer=reader, lens=chosen(lens, None, queries.frame()))
    found = [(row.code, row.amounts, row.share, row.unpriced) for row in page.accounts]
    return (found, page.accounts_count), any("rollups_accountyear" in one["sql"] for one in asked)


@pytest.mark.parametrize("period", YEARS, ids=str)
def test_years_and_cells_rank_alike(many: Cast, period: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    by_years = [ranked(many.executive, {**period, **choice}) for choice in CHOICES]
    assert [is_read for _found, is_read in by_years] == [choice.get("book") != "overlay" for choice in CHOICES]
    monkeypatch.setattr(customers, "account_years", lambda **_months: None)
    by_cells = [ranked(many.executive, {**period, **choice}) for choice in CHOICES]
    assert by_cells == [(found, False) for found, _is_read in by_years]


def test_a_part_of_a_year_and_a_part_of_the_world_are_ranked_by_cells(many: Cast) -> None:
    assert not ranked(many.executive, {"from": "2025-02", "to": "2026-01"})[1]
    assert not ranked(many.europe_lead, {})[1]


def test_a_fiscal_year_that_begins_elsewhere_is_kept_after_the_next_rebuild(many: Cast) -> None:
    FiscalCalendar.objects.update(start_month=4)
    before, by_years = ranked(many.executive, {"from": "2024-04", "to": "2025-03"})
    assert not by_years
    services.drain()
    assert ranked(many.executive, {"from": "2024-04", "to": "2025-03"}) == (before, True)
    assert services.verify().drift == 0


def test_a_year_without_facts_is_gone_and_a_wrong_one_is_found_and_mended(many: Cast) -> None:
    entry = make.RevenueEntryFactory(date=dt.date(2019, 5, 5))
    services.drain()
    assert AccountYear.objects.filter(year=2019).count() == 1
    entry.delete()
    services.drain()
    assert not AccountYear.objects.filter(year=2019).exists()
    AccountYear.objects.filter(measure=3).update(facts=7)
    wrong = AccountYear.objects.filter(measure=3).count()
    assert services.verify().drift == wrong
    services.rebuild()
    assert services.verify().drift == 0
    RevenueEntry.objects.all().delete()
    services.drain()
    assert not AccountYear.objects.filter(measure__lte=3).exists()
