"""An open dashboard follows the facts in the browser, again and again, without being loaded anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core import clock
from rollups import services
from rollups.models import Run
from tests import factories as make
from tests.cast import Cast
from workspace import views

Opened = Callable[..., Page]
YEAR = "from=2024-01&to=2024-12"


@pytest.mark.django_db(transaction=True)
def test_figures_change_on_an_open_page_each_time(cast: Cast, opened: Opened) -> None:
    services.rebuild()
    page = opened(cast.executive, f"/regions/?{YEAR}")
    page.evaluate("window.stays = true")
    for amount in ("111111.00", "222222.00", "333333.00"):
        make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal(amount))
        services.drain()
        total = {"111111.00": "111,111.00", "222222.00": "333,333.00", "333333.00": "666,666.00"}[amount]
        expect(page.locator("#figures .tile-figure").first).to_contain_text(total, timeout=20_000)
    assert page.evaluate("window.stays")


@pytest.mark.django_db(transaction=True)
def test_the_largest_customers_follow_the_figures(cast: Cast, opened: Opened) -> None:
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("111111.00"))
    services.rebuild()
    page = opened(cast.executive, f"/regions/?{YEAR}")
    row = page.locator(".customers tbody tr")
    expect(row).to_contain_text("111,111")
    page.evaluate("document.querySelector('#figures').dataset.before = ''")
    page.evaluate("document.querySelector('.customers table').dataset.before = ''")
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("222222.00"))
    services.drain()
    expect(page.locator("#figures[data-before]")).to_have_count(0, timeout=20_000)
    # What was ranked before stands until it is ranked anew: the page does not jump.
    expect(page.locator(".customers table[data-before]")).to_have_count(1)
    expect(row).to_contain_text("333,333", timeout=20_000)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_gets_its_first_figures_ranks_customers_too(cast: Cast, opened: Opened) -> None:
    services.rebuild()
    page = opened(cast.executive, f"/regions/?{YEAR}")
    expect(page.locator("#figures")).to_contain_text("No figures in this period")
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("111111.00"))
    services.drain()
    expect(page.locator(".customers tbody tr")).to_contain_text("111,111", timeout=20_000)


@pytest.mark.django_db(transaction=True)
def test_a_failure_appears_on_an_open_page_and_goes_when_it_is_mended(cast: Cast, opened: Opened) -> None:
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("111111.00"))
    services.rebuild()
    page = opened(cast.executive, f"/regions/?{YEAR}")
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("1.00"))
    now = clock.now()
    Run.objects.create(kind=Run.Kind.DRAIN, state=Run.Outcome.FAILED, started_at=now, finished_at=now, error="x")
    expect(page.locator("#trouble")).to_contain_text("failed", timeout=20_000)
    expect(page.locator("#figures .tile-figure").first).to_contain_text("111,111.00")
    services.drain()
    expect(page.locator("#trouble")).to_be_empty(timeout=20_000)
    expect(page.locator("#figures .tile-figure").first).to_contain_text("111,112.00", timeout=20_000)


@pytest.mark.django_db(transaction=True)
def test_where_figures_take_long_the_tiles_come_first_and_nothing_else_moves(
    cast: Cast, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    for year, amount in ((2023, "100.00"), (2024, "111.00")):
        make.RevenueEntryFactory(account=cast.acme, date=dt.date(year, 3, 1), amount=Decimal(amount))
    services.rebuild()
    monkeypatch.setattr(views, "_LONG", -1.0)
    page = opened(cast.executive, f"/regions/?{YEAR}")
    expect(page.locator(".customers tbody tr")).to_contain_text("111")
    expect(page.locator("#growth")).to_contain_text("11.0%")
    heights = "[...document.querySelectorAll('#figures .section')].map(one => one.getBoundingClientRect().top)"
    before = page.evaluate(heights)
    page.evaluate("document.querySelector('#figures').dataset.before = ''")
    make.RevenueEntryFactory(account=cast.acme, date=dt.date(2024, 3, 1), amount=Decimal("11.00"))
    services.drain()
    expect(page.locator("#figure-tiles .tile-figure").first).to_contain_text("122.00", timeout=20_000)
    if page.locator("#figures[data-before]").count():  # the rest is not there yet
        expect(page.locator("#growth")).to_contain_text("11.0%")
        assert page.evaluate(heights) == before
    expect(page.locator("#growth")).to_contain_text("22.0%", timeout=20_000)
    expect(page.locator("#figures[data-before]")).to_have_count(0)
    expect(page.locator("#parts-title + * , .addition").first).to_be_visible()
    assert page.evaluate(heights) == before
