"""The bridge in a real browser: accessible in both themes and directions, drawn as numbers say, without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.pages.accessibility import faults
from tests.workspace.conftest import money

__all__ = ["money"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]
YEAR = "from=2025-01&to=2025-09"


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390), ("light", "de", 390)]
)
@pytest.mark.parametrize("path", [f"/figures/bridge/?region=EUROPE&{YEAR}", f"/accounts/ACME/figures/bridge/?{YEAR}"])
def test_pages_are_accessible_and_fit(
    money: Cast, opened: Opened, path: str, theme: str, language: str, width: int
) -> None:
    page = opened(money.executive, path, theme=theme, language=language, width=width)
    page.locator("#bridge [data-chart] svg").wait_for()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("#bridge [data-chart]").get_attribute("dir") == "ltr"


def test_the_tiles_bar_leads_to_the_waterfall_and_its_table(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, f"/regions/EUROPE/?{YEAR}")
    tile = page.locator("#figures .tile").first
    top = page.locator("#parts-title").bounding_box()
    link = tile.locator("a.bridge-link")
    expect(link).to_contain_text("Organic")
    expect(page.locator("#figures .tiles-alignment .tile")).to_have_count(6)
    assert page.locator("#parts-title").bounding_box() == top
    figure = tile.locator(".tile-figure [title]").get_attribute("title")
    assert faults(page) == []
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#bridge-title")).to_have_text("Where does the difference come from?")
    page.get_by_role("button", name="As table").press("Enter")
    last = page.locator("#bridge .as-table tbody tr").last.locator("td")
    assert figure
    expect(last).to_contain_text(figure.split(" ")[0])
