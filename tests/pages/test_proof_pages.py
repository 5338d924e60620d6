"""Proofs in a real browser: opened from a figure by keyboard, closed again, accessible beside the page and as a page."""

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
YEAR = "from=2025-01&to=2025-12&currency=EUR"


def test_a_figure_opens_its_proof_without_a_mouse(money: Cast, opened: Opened) -> None:
    page = opened(money.executive, f"/regions/EUROPE/?{YEAR}")
    figure = page.locator(".tiles a.proves").first
    figure.focus()
    page.keyboard.press("Enter")
    sheet = page.locator("dialog#sheet")
    expect(sheet.get_by_role("heading", name="Revenue recognised of Region EUROPE")).to_be_visible()
    expect(sheet.locator("tbody tr").first).to_contain_text("500.05")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(figure).to_be_focused()


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_a_proof_is_a_page_too(money: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    address = f"/figures/proof/?region=EUROPE&measure=revenue&{YEAR}"
    page = opened(money.executive, address, theme=theme, language=language, width=width)
    expect(page.locator(".proof-pages strong")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
