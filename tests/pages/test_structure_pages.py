"""Changing a structure in a real browser: by drag, by key, by form; large trees in parts; through time; on paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import OrgLink, OrgUnit
from accounts.restructured import Restructuring
from rollups import services
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
TODAY = dt.date(2024, 6, 30)
ACCOUNT = "/accounts/OTHER/"


@pytest.fixture
def tree(cast: Cast, settings: Any) -> Cast:
    """TOP holds North (N1, N2) and South. N2 came from South in 2023; South opens the geographic tree."""
    settings.GAM_AS_OF = TODAY
    OrgUnit.objects.filter(account=cast.other).delete()
    account = cast.other
    units = {
        code: make.OrgUnitFactory(account=account, code=code, name=name, country="JP")
        for code, name in (("TOP", "Top"), ("NORTH", "North"), ("SOUTH", "South"), ("N1", "N-one"), ("N2", "N-two"))
    }
    for child, parent in (("NORTH", "TOP"), ("SOUTH", "TOP"), ("N1", "NORTH")):
        make.OrgLinkFactory(child=units[child], parent=units[parent])
    moved = dt.date(2023, 3, 1)
    make.OrgLinkFactory(child=units["N2"], parent=units["SOUTH"], valid_to=moved)
    make.OrgLinkFactory(child=units["N2"], parent=units["NORTH"], valid_from=moved)
    make.OrgLinkFactory(child=units["SOUTH"], parent=units["TOP"], structure="geographic")
    make.RevenueEntryFactory(account=account, org_unit=units["N1"], date=dt.date(2024, 2, 1), amount=Decimal(500))
    services.rebuild()
    return cast


def parent(code: str) -> str:
    link = OrgLink.objects.filter(child__code=code, structure="legal").as_of(TODAY).select_related("parent").first()
    return link.parent.code if link else ""


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=re.compile(f"^{name}"))


def dragged(page: Page, name: str, onto: str) -> None:
    page.locator("#structure").scroll_into_view_if_needed()
    start, end = (
        card(page, name).locator(".tree-card").bounding_box(),
        card(page, onto).locator(".tree-card").bounding_box(),
    )
    assert start
    assert end
    page.mouse.move(start["x"] + 60, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + 30, steps=3)
    page.mouse.move(end["x"] + 60, end["y"] + 20, steps=5)
    page.mouse.up()


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390), ("dark", "de", 1440)]
)
def test_the_pages_are_accessible_and_fit(tree: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    def look(path: str) -> None:
        page = opened(tree.outsider, path, theme=theme, language=language, width=width)
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path

    look(ACCOUNT)
    for deed in ("move", "add", "split", "merge", "close", "divest", "rename"):
        look(f"{ACCOUNT}structure/{deed}/?unit=NORTH&parent=SOUTH")
    look(f"{ACCOUNT}structure/outline/")


def test_a_card_dropped_on_another_asks_and_moves_from_a_day_on(tree: Cast, opened: Opened) -> None:
    page = opened(tree.outsider, ACCOUNT)
    dragged(page, "N-one", "South")
    sheet = page.locator("dialog#sheet")
    expect(sheet.get_by_role("heading", name="Move N-one")).to_be_visible()
    expect(sheet.locator(".restructure-preview")).to_contain_text("N-one, Legal: North → South")
    assert parent("N1") == "NORTH"
    assert faults(page) == []
    sheet.get_by_label("Reason").fill("new board")
    sheet.get_by_role("button", name="Move it").click()
    expect(page.locator("body")).to_contain_text("From 30 June 2024: N-one moves from North to South.")
    assert parent("N1") == "SOUTH"
    expect(page.locator(".step-lines")).to_contain_text("new board")
    page.get_by_role("button", name="Take back").first.click()
    page.locator("dialog[open]").get_by_role("button", name="Take it back").click()
    expect(page.locator("body")).to_contain_text("The structure stands as it did before that step.")
    assert parent("N1") == "NORTH"


def test_a_card_does_not_drop_below_itself_nor_where_it_is(tree: Cast, opened: Opened) -> None:
    page = opened(tree.outsider, ACCOUNT)
    dragged(page, "North", "N-one")
    dragged(page, "N-one", "North")
    page.wait_for_timeout(300)
    expect(page.locator("dialog#sheet")).not_to_be_visible()
    expect(page.locator(".tree-ghost")).to_have_count(0)


def test_who_may_not_restructure_pans_and_drags_nothing(tree: Cast, opened: Opened) -> None:
    page = opened(tree.asia_lead, ACCOUNT)
    dragged(page, "N-one", "South")
    page.wait_for_timeout(300)
    expect(page.locator("dialog#sheet")).not_to_be_visible()
    expect(page.locator(".unit-deeds")).to_have_count(0)


def test_the_whole_way_by_keyboard(tree: Cast, opened: Opened) -> None:
    """From the search to the card, its key to the form, the form to the move; then the panel's form, then back."""
    page = opened(tree.outsider, ACCOUNT)
    page.get_by_label("Find a unit in the structure").focus()
    page.keyboard.type("n-one")
    expect(page.locator("[data-tree-count]")).to_contain_text("1 found")
    page.keyboard.press("Enter")
    expect(card(page, "N-one")).to_be_focused()
    page.keyboard.press("m")
    sheet = page.locator("dialog#sheet")
    field = sheet.get_by_label("Comes under")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.type("sou")
    expect(sheet.locator("datalist option")).to_have_count(1)
    page.keyboard.type("th")
    page.keyboard.press("Tab")
    expect(sheet.locator(".restructure-preview")).to_contain_text("North → South")
    page.keyboard.press("Enter")
    field.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("N-one moves from North to South")
    assert parent("N1") == "SOUTH"
    rename = page.get_by_role("link", name="Rename")
    rename.focus()
    page.keyboard.press("Enter")
    name = sheet.get_by_label("New name")
    name.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("North One")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("N-one is called North One")
    back = page.get_by_role("button", name="Take back: N-one is called North One")
    back.focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").get_by_role("button", name="Take it back").focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("The structure stands as it did before that step.")
    assert Restructuring.objects.filter(undone_at=None).count() == 1


def test_the_slider_redraws_every_structure_by_keyboard(tree: Cast, opened: Opened) -> None:
    page = opened(tree.outsider, f"{ACCOUNT}?on=2023-02-15")
    card(page, "South").focus()
    expect(card(page, "South")).to_have_attribute("aria-expanded", "true")
    slider = page.get_by_label("Move through time")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#structure-day")).to_have_value("2023-03-31")
    expect(slider).to_be_focused()
    expect(card(page, "South")).not_to_have_attribute("aria-expanded", "true")
    page.locator("#structure-legal").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#structure-geographic")).to_be_checked()
    expect(page.locator("#structure-geographic")).to_be_focused()
    expect(page.locator("#structure-day")).to_have_value("2023-03-31")
    expect(card(page, "Top")).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("treeitem")).to_have_count(5)
    # Nothing ever changed here, and the day chosen is more than a year back: time begins with it and goes on from it.
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#structure-day")).to_have_value("2023-04-30")
    expect(page.locator("#structure-geographic")).to_be_checked()


def test_a_large_tree_opens_in_parts_and_is_searched_at_the_server(tree: Cast, opened: Opened) -> None:
    many = OrgUnit.objects.bulk_create(
        OrgUnit(account=tree.other, code=f"U{n}", name=f"Unit {n:04d}", country="JP") for n in range(600)
    )
    holder = OrgUnit.objects.get(code="N1")
    OrgLink.objects.bulk_create(
        OrgLink(account=tree.other, structure="legal", child=unit, parent=holder if n < 300 else many[0])
        for n, unit in enumerate(many)
    )
    page = opened(tree.outsider, ACCOUNT)
    expect(page.locator("[data-tree-count]")).to_contain_text("605 units")
    page.get_by_label("Find a unit in the structure").fill("unit 0599")
    expect(page.locator("[data-tree-count]")).to_contain_text("1 found")
    page.keyboard.press("Enter")
    expect(card(page, "Unit 0599")).to_be_focused()
    # From there by keys: up to its parent, folded, and open again with what the server sends.
    page.keyboard.press("ArrowLeft")
    expect(card(page, "Unit 0000")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card(page, "Unit 0000")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(card(page, "Unit 0303")).to_be_visible()
    expect(card(page, "Unit 0000")).to_have_attribute("aria-expanded", "true")
    assert faults(page) == []


def test_the_outline_prints_the_whole_tree_without_what_is_for_the_screen(tree: Cast, opened: Opened) -> None:
    page = opened(tree.outsider, f"{ACCOUNT}structure/outline/")
    expect(page.get_by_role("rowheader")).to_have_count(5)
    page.emulate_media(media="print")
    expect(page.get_by_role("rowheader", name="N-two")).to_be_visible()
    expect(page.locator(".toolbar")).not_to_be_visible()
    expect(page.locator(".tabs")).not_to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name=re.compile("only this branch.*North")).click()
    expect(page.get_by_role("rowheader")).to_have_count(3)
