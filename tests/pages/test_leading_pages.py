"""The leading pages in a real browser: accessible in both themes and directions, and current without a reload."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from rollups import services
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults
from tests.workspace.conftest import money

__all__ = ["money"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
@pytest.mark.parametrize("path", ["/regions/EUROPE/", "/"])
def test_pages_are_accessible_and_fit(
    money: Cast, opened: Opened, path: str, theme: str, language: str, width: int
) -> None:
    page = opened(
        money.executive if path != "/" else money.europe_lead, path, theme=theme, language=language, width=width
    )
    page.wait_for_load_state("load")
    if path != "/":
        page.locator("[data-map] > svg").wait_for()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_change_reaches_an_open_page_without_a_reload(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, "/regions/EUROPE/")
    page.evaluate("window.stillHere = true")
    first_tile = page.locator("#figures .tile").first
    before = first_tile.locator("[title]").first.get_attribute("title")
    top = page.locator("#parts-title").bounding_box()
    make.RevenueEntryFactory(account=money.acme, country="DE", date=dt.date(2025, 10, 19), amount=Decimal("1111.11"))
    services.drain()
    expect(first_tile.locator("[title]").first).not_to_have_attribute("title", before or "", timeout=5000)
    assert page.evaluate("window.stillHere") is True
    assert page.locator("#parts-title").bounding_box() == top


def test_a_country_and_its_row_light_each_other(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, "/regions/EUROPE/")
    page.locator("[data-map] > svg").wait_for()
    page.locator("tr[data-country=DE]").hover()
    expect(page.locator("[data-map] a[data-key=DE]")).to_have_class("lit")
    page.mouse.move(0, 0)
    page.locator("[data-map] a[data-key=FR]").dispatch_event("pointerover", {"bubbles": True})
    expect(page.locator("tr[data-country=FR]")).to_have_class("lit")


def test_the_way_from_the_world_to_a_customer_needs_no_mouse(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, "/regions/")
    for link, heading in (("EUROPE", "Region EUROPE"), ("DE", "Germany")):
        page.locator(f"tr[data-country={link}] a").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(heading)
    expect(page.get_by_role("table", name="Accounts in Germany").get_by_role("link", name="Acme")).to_be_visible()


def test_the_search_box_answers_while_one_types(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, "/regions/")
    page.keyboard.press("Control+k")
    page.keyboard.type("Robots w")
    hit = page.locator("#find-results .menu-item").first
    expect(hit).to_contain_text("Robots won")
    assert faults(page) == []
    page.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#find-results")).to_be_empty()


def test_the_job_page_asks_the_workers_and_keeps_current(money: Cast, opened: Opened) -> None:
    page = opened(money.administrator, "/jobs/")
    expect(page.locator("#workers")).to_contain_text("none answers", timeout=10_000)
    assert faults(page) == []
