"""Drawing the regions in a real browser: by keyboard and by drag, to the preview and the commit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from regions import draft_services
from regions.models import RegionCountry, RegionLink
from regions.plan import Change, Kind
from rollups import services
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
TODAY = dt.date(2025, 10, 20)
REGIONS = "/set-up/regions/"
PREVIEW = "/set-up/regions/preview/"


@pytest.fixture
def world(cast: Cast, settings: Any) -> Cast:
    settings.GAM_AS_OF = TODAY
    for country, amount in (("DE", "1500.15"), ("FR", "300.33"), ("JP", "623.05"), ("BR", "77.77")):
        make.RevenueEntryFactory(
            account=cast.acme, country=country, date=dt.date(2025, 3, 5), amount=Decimal(amount), currency_id="EUR"
        )
    services.rebuild()
    return cast


def drafted(by: Any, *changes: Change, on: dt.date = TODAY) -> None:
    draft_services.choose_day(on=on, by=by)
    for change in changes:
        draft_services.add_change(change=change, by=by)


def region_of(country: str) -> str | None:
    row = RegionCountry.objects.filter(country=country).as_of(TODAY).first()
    return row.region.code if row else None


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_the_pages_are_accessible_and_fit(world: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    def look(path: str) -> None:
        page = opened(world.superuser, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path

    look(REGIONS)
    look(PREVIEW)
    drafted(
        world.superuser,
        Change(Kind.COUNTRY, country="DE", region="ASIA"),
        Change(Kind.ADD, region="NORDICS", name="Nordics", parent="EUROPE"),
        Change(Kind.MOVE, region="ASIA", parent=""),
    )
    look(REGIONS)
    look(f"{REGIONS}?do=move_country&country=DE")
    look(PREVIEW)
    look(f"{PREVIEW}?structure=then&currency=native")
    draft_services.commit(by=world.superuser, on=TODAY)
    look(REGIONS)


def test_a_country_moves_by_keyboard_from_its_chip_to_the_commit(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, REGIONS)
    page.get_by_role("link", name="Germany").focus()
    page.keyboard.press("Enter")
    form = page.locator("#move_country form")
    expect(form).to_be_visible()
    form.locator("select[name=region]").select_option("ASIA", force=True)
    form.get_by_role("button", name="Add the move").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".draft-changes")).to_contain_text("Germany moves from Region EUROPE to Region ASIA")
    expect(page.locator(".page-sub")).to_contain_text("Nothing is changed until it is committed")
    page.get_by_role("link", name="Preview the changes").click()
    asia = page.locator(".preview-table").first.get_by_role("row", name="Region ASIA")
    expect(asia).to_contain_text("+1,500")
    expect(page.locator(".proof")).to_contain_text("hold the same before and after")
    page.get_by_role("button", name="Commit now").click()
    expect(page.locator("body")).to_contain_text("The changes hold from 20 October 2025.")
    assert region_of("DE") == "ASIA"
    page.get_by_role("button", name="Take it back").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Take it back").click()
    expect(page.locator("body")).to_contain_text("Everything stands as it did")
    assert region_of("DE") == "EUROPE"


def test_dragging_fills_in_the_same_form(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, REGIONS)
    page.locator("[data-drag-country=DE]").drag_to(page.locator("[data-drop=ASIA]"))
    expect(page.locator(".draft-changes li")).to_have_count(1)
    page.locator("[data-drag-region=ASIA]").drag_to(page.locator("[data-drop=EUROPE]"))
    expect(page.locator(".draft-changes")).to_contain_text("Region ASIA moves from Region WORLD to Region EUROPE")
    page.locator("[data-drag-country=FR]").drag_to(page.locator("[data-drop-nowhere] h2"))
    expect(page.locator(".draft-changes")).to_contain_text("France leaves Region EUROPE, unallocated")
    expect(page.locator(".draft-changes li")).to_have_count(3)
    assert region_of("DE") == "EUROPE"
    page.get_by_role("button", name="Undo: Germany moves").click()
    expect(page.locator(".draft-changes li")).to_have_count(2)


def test_a_region_does_not_drop_below_itself(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, REGIONS)
    page.locator("[data-drag-region=WORLD]").drag_to(page.locator("[data-drop=ASIA]"))
    expect(page).to_have_url(re.compile(f"{REGIONS}$"))
    expect(page.locator(".draft-changes")).to_have_count(0)


def test_what_stands_in_the_way_is_said_at_the_form(world: Cast, opened: Opened) -> None:
    drafted(world.superuser, on=dt.date(2024, 1, 1))
    page = opened(world.superuser, f"{REGIONS}?do=move_country&country=FR")
    form = page.locator("#move_country form")
    form.locator("select[name=region]").select_option("WORLD", force=True)
    form.get_by_role("button", name="Add the move").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "France has belonged to Region EUROPE since 1 April 2024. Choose a later date, or end that period first."
    )


def test_a_plan_is_listed_and_cancelled(world: Cast, opened: Opened) -> None:
    drafted(world.superuser, Change(Kind.MOVE, region="ASIA", parent=""), on=dt.date(2026, 1, 1))
    page = opened(world.superuser, REGIONS)
    page.get_by_role("button", name="Plan for 1 Jan 2026").click()
    expect(page.locator("body")).to_contain_text("Planned: the changes take effect on 1 January 2026.")
    assert RegionLink.objects.get(child__code="ASIA").valid_to == dt.date(2026, 1, 1)
    page.get_by_role("button", name="Cancel the plan").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Cancel the plan").click()
    expect(page.locator("body")).to_contain_text("Everything stands as it did")
    assert RegionLink.objects.get(child__code="ASIA").valid_to is None
