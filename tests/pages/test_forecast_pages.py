"""Forecasts in a real browser: accessible in both themes and directions, and judged without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rollups import forecast_freezing
from tests.pages.accessibility import faults
from tests.rollups.forecast_worlds import D, World, world

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.fixture
def here(transactional_db: None) -> World:
    found = world()
    forecast_freezing.freeze(D)
    found.deals["early"].delete()
    found.deals["next"].close_date = D
    found.deals["next"].save()
    return found


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390), ("light", "de", 390)]
)
def test_pages_are_accessible_and_fit(here: World, opened: Opened, theme: str, language: str, width: int) -> None:
    for path in (
        "/forecast/EMEA/?category=commit",
        "/forecast/EMEA/flow/?movement=lost",
        "/forecast/accuracy/?of=2024-Q2",
    ):
        page = opened(here.executive, path, theme=theme, language=language, width=width)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_lead_adjusts_by_keyboard(here: World, opened: Opened) -> None:
    page = opened(here.lead, "/forecast/SOUTH/")
    page.get_by_role("link", name="Adjust the forecast").press("Enter")
    page.get_by_label("It will be, EUR").fill("80.50")
    page.get_by_label("Why").fill("They will sign.")
    page.get_by_role("button", name="Adjust the forecast").press("Enter")
    expect(page.get_by_text("The forecast is adjusted.")).to_be_visible()
    expect(page.get_by_text("They will sign.")).to_be_visible()
    assert faults(page) == []
