"""A newer list beside the tree, in a real browser: accessible, and decided without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import OrgLink, OrgUnit
from coverage.models import Coverage
from imports.compared import Comparison
from tests import factories as make
from tests.cast import Cast
from tests.imports.comparisons import NEWER, SAME, Desk, at_once, csv_of, line, parents, planted
from tests.pages.accessibility import faults

__all__ = ["at_once"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]
Opened = Callable[..., Page]
LISTS = "/accounts/ACME/lists/"


@pytest.fixture
def desk(cast: Cast, django_capture_on_commit_callbacks: Any) -> Desk:
    OrgUnit.objects.filter(account=cast.acme).delete()
    units = planted(cast.acme)
    make.CoverageFactory(org_unit=units["TOP"], member=cast.owner.member, covers_descendants=True)
    make.CoverageFactory(org_unit=units["RU"], member=make.MemberFactory(given_name="Анна", family_name="Ким"))
    make.OpportunityFactory(account=cast.acme, org_unit=units["RU"], country="RU")
    make.RevenueEntryFactory(account=cast.acme, org_unit=units["US"], country="US")
    assert Coverage.objects.count() == 2
    return Desk(cast, django_capture_on_commit_callbacks)


@pytest.fixture
def comparison(desk: Desk) -> Comparison:
    return desk.compare(csv_of(*NEWER))


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 1440), ("light", "de", 390)]
)
@pytest.mark.parametrize("kind", ["", "ambiguous", "closed", "moved", "new", "unchanged"])
def test_the_lines_are_accessible(
    opened: Opened, desk: Desk, comparison: Comparison, kind: str, theme: str, language: str, width: int
) -> None:
    path = f"{LISTS}{comparison.pk}/?kind={kind}" if kind else LISTS
    page = opened(desk.by, path, theme=theme, language=language, width=width)
    expect(page.locator("h1")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_columns_and_what_is_refused_are_accessible(opened: Opened, desk: Desk) -> None:
    refused = desk.compare(csv_of("Acme,DE,Nobody,,"))
    Comparison.objects.create(
        account=desk.cast.acme,
        on="2024-05-01",
        file="l.csv",
        content=csv_of(*SAME),
        stage="mapping",
        header=["name", "country"],
    )
    for comparison in Comparison.objects.all():
        page = opened(desk.by, f"{LISTS}{comparison.pk}/")
        expect(page.locator("h2").first).to_be_visible()
        assert faults(page) == []
    assert refused.stage == "refused"


def test_lines_are_decided_by_keyboard(opened: Opened, desk: Desk, comparison: Comparison) -> None:
    page = opened(desk.by, f"{LISTS}{comparison.pk}/?kind=ambiguous")
    lines = page.locator("[data-line]")
    lines.first.focus()
    page.keyboard.press("1")
    expect(page.get_by_role("link", name="To choose")).to_have_count(0)
    assert line(comparison, "Acme LLC").decision == "accepted"
    page.get_by_role("link", name="New 2").press("Enter")
    expect(lines).to_have_count(2)
    lines.first.focus()
    page.keyboard.press("a")
    expect(lines.first).to_have_class("compared-line is-accepted")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(lines.nth(1)).to_have_class("compared-line is-rejected")
    assert line(comparison, "Acme Lyon Services SAS").decision == "rejected"


def test_the_keys_need_no_focus_and_lead_to_a_structure_and_back(
    opened: Opened, desk: Desk, comparison: Comparison
) -> None:
    """J and K walk, A accepts, R rejects, U opens again, from a page on which nothing has the focus."""
    page = opened(desk.by, f"{LISTS}{comparison.pk}/?kind=new")
    lines = page.locator("[data-line]")
    expect(lines).to_have_count(2)
    assert page.evaluate("document.activeElement === document.body")
    for key, at, says in (
        ("j", 0, "compared-line"),
        ("a", 0, "compared-line is-accepted"),
        ("j", 1, "compared-line"),
        ("r", 1, "compared-line is-rejected"),
        ("k", 0, "compared-line is-accepted"),
        ("u", 0, "compared-line"),
        ("A", 0, "compared-line is-accepted"),
    ):
        page.keyboard.press(key)
        expect(lines.nth(at)).to_have_class(says)
        expect(lines.nth(at)).to_be_focused()
    for opens, does, said in (
        ("Carry out from", "Carry out", "1 line was carried out"),
        ("Take it back", "Take it back", "was taken back"),
    ):
        page.get_by_role("button", name=opens).first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=does).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text(said)).to_be_visible()
        is_there = OrgLink.objects.as_of(comparison.on).filter(child__name="Acme Lyon SAS").exists()
        assert is_there == (does == "Carry out")
    assert parents()["WERK"] == "NORD"


def test_a_list_is_chosen_compared_and_carried_out(opened: Opened, desk: Desk) -> None:
    page = opened(desk.by, LISTS)
    page.get_by_label("List of subsidiaries").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": csv_of(*NEWER)}
    )
    page.get_by_label("Effective from").fill("2024-05-01")
    page.get_by_role("button", name="Compare the list").click()
    page.get_by_role("button", name="Compare the list").click()
    page.get_by_role("button", name="certain lines").click()
    expect(page.get_by_text("4 lines are accepted")).to_be_visible()
    page.get_by_role("button", name="Carry out from").click()
    page.get_by_role("dialog").get_by_role("button", name="Carry out").click()
    expect(page.get_by_text("4 lines were carried out")).to_be_visible()
    assert parents()["WERK"] == "SUED"
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("was taken back")).to_be_visible()
    assert parents()["WERK"] == "NORD"


def test_the_structure_leads_to_the_lists(opened: Opened, desk: Desk) -> None:
    page = opened(desk.by, "/accounts/ACME/")
    page.get_by_role("link", name="Compare with a newer list").click()
    expect(page.get_by_role("button", name="Compare the list")).to_be_visible()
