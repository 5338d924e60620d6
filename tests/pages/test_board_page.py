"""The alignment board in a real browser: by keyboard alone, by drag, on a phone, and to axe."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from coverage.models import Coverage
from tests.boards import LOCAL, REGIONAL, Acme, acme
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
BOARD = "/accounts/ACME/alignment/"
__all__ = ["acme"]


def cell(page: Page, unit: str, role: str) -> str:
    return f'td[data-slot="{unit}|{role}"]'


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def test_a_gap_is_filled_and_taken_back_by_keyboard_alone(acme: Acme, opened: Opened) -> None:
    page = opened(acme.cast.owner, BOARD)
    head = page.locator("[data-stop='0']").first
    head.focus()
    # Down to Acme France, along to its local role.
    keys(page, "ArrowDown")
    while page.evaluate("document.activeElement.closest('tr').textContent").find("Acme France") < 0:
        keys(page, "ArrowDown")
    keys(page, "ArrowRight")
    while LOCAL not in (page.evaluate("document.activeElement.closest('td')?.dataset.slot") or ""):
        keys(page, "ArrowRight")
    keys(page, "Enter")
    # Focus goes to the best fit of the team, whose form opens with what would change.
    expect(page.locator("#board-slot h2")).to_have_text("Acme France")
    expect(page.locator("[data-choice]").first).to_be_focused()
    expect(page.locator("#board-slot .board-people").last.locator("li").first).to_contain_text("Bea Roth")
    keys(page, "Enter")
    sheet = page.locator("#sheet")
    expect(sheet.locator(".would")).to_contain_text("44.4%")
    expect(sheet.locator(".would")).to_contain_text("66.7%")
    assert Coverage.objects.count() == 1
    sheet.get_by_role("button", name="Cover the slot").focus()
    keys(page, "Enter")
    expect(sheet).not_to_be_visible()
    expect(page.locator(cell(page, "ACME-FR", LOCAL))).to_contain_text("Bea Roth")
    expect(page.locator("#board-score .score-index")).to_contain_text("66.7%")
    assert Coverage.objects.count() == 2
    page.get_by_role("button", name="Undo").focus()
    keys(page, "Enter")
    expect(page.locator(cell(page, "ACME-FR", LOCAL))).to_contain_text("Empty")
    assert Coverage.objects.count() == 1


def test_arrows_fold_the_tree_and_escape_leads_back_to_the_slot(acme: Acme, opened: Opened) -> None:
    page = opened(acme.cast.owner, BOARD)
    page.locator("[data-stop='0']").first.focus()
    top, rows = page.locator("tr[aria-expanded]").first, page.locator("tbody > tr[data-unit]")
    keys(page, "ArrowLeft")
    expect(top).to_have_attribute("aria-expanded", "false")
    expect(rows.last).to_be_hidden()
    keys(page, "ArrowRight")
    expect(rows.last).to_be_visible()
    page.locator(cell(page, "ACME-DE", REGIONAL)).locator("a").click()
    expect(page.locator("[data-choice]").first).to_be_focused()
    keys(page, "Escape")
    expect(page.locator(cell(page, "ACME-DE", REGIONAL)).locator("a")).to_be_focused()


def test_a_member_is_carried_onto_a_slot(acme: Acme, opened: Opened) -> None:
    page = opened(acme.cast.owner, BOARD)
    member, slot = page.locator("[data-drag='bea@example.org']").first, page.locator(cell(page, "ACME-FR", LOCAL))
    member.hover()
    page.mouse.down()
    slot.scroll_into_view_if_needed()
    place = slot.bounding_box()
    assert place is not None
    for step in (8, 12, 16):
        page.mouse.move(place["x"] + step, place["y"] + 10)
    # What it would change is there before it is dropped.
    expect(page.locator("#board-preview")).to_contain_text("66.7%")
    expect(slot).to_have_class(re.compile("is-target"))
    assert Coverage.objects.count() == 1
    page.mouse.up()
    sheet = page.locator("#sheet")
    expect(sheet.locator(".would")).to_contain_text("66.7%")
    sheet.get_by_role("button", name="Cover the slot").click()
    expect(slot).to_contain_text("Bea Roth")


def test_filters_stand_as_words_and_in_the_address(acme: Acme, opened: Opened) -> None:
    page = opened(acme.cast.owner, BOARD)
    page.get_by_role("link", name=re.compile("Empty")).first.click()
    expect(page).to_have_url(re.compile("state=empty"))
    expect(page.locator(".chip")).to_contain_text("Empty")
    page.get_by_role("link", name="Gap list").click()
    expect(page.locator(".proof")).to_contain_text("500.00")


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1440), ("dark", "de", 1440), ("dark", "ar", 390), ("light", "en", 390)],
)
def test_the_pages_of_alignment_are_accessible_and_fit(
    acme: Acme, opened: Opened, theme: str, language: str, width: int
) -> None:
    acme.held.org_unit, acme.held.covers_descendants = acme.group, True
    acme.held.save()
    slot = f"{BOARD}slot/?unit=ACME-FR&role={LOCAL}"
    cover = f"{BOARD}cover/?unit=ACME-DE&role={LOCAL}&member=bea@example.org"
    addresses = (BOARD, f"{BOARD}?look=list", f"{BOARD}?state=empty&look=gap", slot, cover, "/alignment/")
    for address in addresses:
        page = opened(acme.cast.owner, address, theme=theme, language=language, width=width)
        assert faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page = opened(acme.cast.owner, BOARD, theme=theme, language=language, width=width)
    page.locator(cell(page, "ACME-FR", LOCAL)).locator("a").click()
    expect(page.locator("#board-slot h2")).to_have_text("Acme France")
    assert faults(page) == []
