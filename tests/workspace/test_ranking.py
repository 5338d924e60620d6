"""Customers are ranked by rows of whole years where there are any, and by cells elsewhere: the same customers, in the same order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from money.models import FiscalCalendar
from revenue.models import RevenueEntry
from rollups import services
from rollups.models import AccountCountryYear, AccountYear
from tests import factories as make
from tests.cast import Cast
from users.models import User
from workspace import queries, ranking, sums
from workspace.ground import Ground
from workspace.lenses import chosen
from workspace.periods import Period
from workspace.sums import Book

pytestmark = pytest.mark.django_db

PERIODS: tuple[dict[str, str], ...] = (
    {"period": "fiscal_year"},
    {"period": "last_fiscal_year"},
    {"from": "2023-01", "to": "2025-12"},
    {"from": "2023-11", "to": "2026-02"},
)
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


def ranked(viewer: User, lens: dict[str, str], region: str = "") -> tuple[Any, bool]:
    """The customers of the page of the world or of a region, and whether they were ranked by years."""
    reader, asked_for = User.objects.get(pk=viewer.pk), chosen(lens, None, queries.frame())
    with CaptureQueriesContext(connection) as asked:
        customers = queries.top_customers(viewer=reader, code=region, lens=asked_for)
    found = [(row.code, row.amounts, row.share, row.unpriced) for row in customers.rows]
    table = "rollups_accountcountryyear" if region else "rollups_accountyear"
    return (found, customers.count), any(table in one["sql"] for one in asked)


@pytest.mark.parametrize("region", ["", "WORLD", "EUROPE", "ASIA"])
@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_years_and_cells_rank_alike(
    many: Cast, period: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_years = [ranked(many.executive, {**period, **choice}, region) for choice in CHOICES]
    assert [is_read for _found, is_read in by_years] == [choice.get("book") != "overlay" for choice in CHOICES]
    monkeypatch.setattr(ranking, "_held", cells_of)
    by_cells = [ranked(many.executive, {**period, **choice}, region) for choice in CHOICES]
    assert by_cells == [(found, False) for found, _is_read in by_years]


def cells_of(book: Book, ground: Ground, period: Period) -> list[QuerySet[Any]]:
    """What is ranked where there are no years."""
    return [book.account_cells().filter(sums.inside(ground, period))]


def test_a_part_of_a_year_is_ranked_by_cells(many: Cast) -> None:
    for region in ("", "EUROPE"):
        assert not ranked(many.executive, {"from": "2025-02", "to": "2026-01"}, region)[1]


def test_a_lead_s_regions_are_ranked_by_years_where_she_sees_all_of_them(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (many.europe_lead, "EUROPE"), (many.europe_lead, "WORLD"), (many.europe_lead, ""), (many.asia_lead, "ASIA")
    found = [ranked(lead, {"from": "2023-01", "to": "2025-12"}, region) for lead, region in asked]
    # Of ASIA's France she sees the months in which it stood there, which are not a year's.
    assert [is_read for _found, is_read in found] == [True, False, False, False]
    assert ranked(many.asia_lead, {}, "ASIA")[1]
    monkeypatch.setattr(ranking, "_held", cells_of)
    assert found[0][0] == ranked(many.europe_lead, {"from": "2023-01", "to": "2025-12"}, "EUROPE")[0]


def test_a_region_is_open_to_whoever_sees_no_customer(many: Cast) -> None:
    """The administrator and the viewer of the cast have no rows at all, of whole years or of the months beside them."""
    for reader in (many.administrator, many.viewer):
        for choice in PERIODS:
            found = queries.top_customers(viewer=reader, code="EUROPE", lens=chosen(choice, None, queries.frame()))
            assert (found.rows, found.count) == ([], 0)


def test_a_fiscal_year_that_begins_elsewhere_is_kept_after_the_next_rebuild(many: Cast) -> None:
    FiscalCalendar.objects.update(start_month=4)
    before, by_years = ranked(many.executive, {"from": "2024-04", "to": "2025-03"})
    assert not by_years
    services.drain()
    assert ranked(many.executive, {"from": "2024-04", "to": "2025-03"}) == (before, True)
    assert services.verify().drift == 0


@pytest.mark.parametrize("model", [AccountYear, AccountCountryYear])
def test_a_year_without_facts_is_gone_and_a_wrong_one_is_found_and_mended(many: Cast, model: Any) -> None:
    entry = make.RevenueEntryFactory(date=dt.date(2019, 5, 5))
    services.drain()
    assert model.objects.filter(year=2019).count() == 1
    entry.delete()
    services.drain()
    assert not model.objects.filter(year=2019).exists()
    model.objects.filter(measure=3).update(facts=7)
    wrong = model.objects.filter(measure=3).count()
    assert services.verify().drift == wrong
    services.rebuild()
    assert services.verify().drift == 0
    RevenueEntry.objects.all().delete()
    services.drain()
    assert not model.objects.filter(measure__lte=3).exists()
