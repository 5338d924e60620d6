"""Units are added, closed, split, merged and divested from a later day on, and that is taken back, with keys alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import OrgLink, OrgUnit
from accounts.restructured import Restructuring
from tests import factories as make
from tests.cast import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
TODAY, LATER = dt.date(2024, 6, 30), dt.date(2024, 8, 1)
STOPS = 200
AS_IT_WAS = {"North": "Top", "South": "Top", "N-one": "North", "N-two": "North"}


@pytest.fixture
def planted(cast: Cast, settings: Any) -> Cast:
    settings.GAM_AS_OF = TODAY
    OrgUnit.objects.filter(account=cast.other).delete()
    units = {
        name: make.OrgUnitFactory(account=cast.other, code=name.upper(), name=name, country="JP")
        for name in ("Top", *AS_IT_WAS)
    }
    for child, parent in AS_IT_WAS.items():
        make.OrgLinkFactory(child=units[child], parent=units[parent])
    return cast


def places(on: dt.date) -> dict[str, str]:
    links = OrgLink.objects.filter(structure="legal").as_of(on).exclude(parent=None)
    return dict(links.filter(child__account__code="OTHER").values_list("child__name", "parent__name"))


def tab_to(page: Page, goal: Locator) -> None:
    expect(goal).to_be_visible()
    for _stop in range(STOPS):
        if goal.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{goal} is not reached by Tab")


@pytest.mark.parametrize(
    ("link", "ticked", "typed", "verb", "after"),
    [
        ("Add below", [], [("Name", "N-three")], "Add the unit", {**AS_IT_WAS, "N-three": "North"}),
        ("Close", [], [], "Close it", {"South": "Top", "N-one": "Top", "N-two": "Top"}),
        (
            "Split",
            [],
            [
                ("Part 1: its name", "East"),
                ("Part 2: its name", "West"),
                ("N-one goes to", "Part 1"),
                ("N-two goes to", "Part 2"),
            ],
            "Split it",
            {"South": "Top", "East": "Top", "West": "Top", "N-one": "East", "N-two": "West"},
        ),
        ("Merge", ["South"], [], "Merge them", {"North": "Top", "N-one": "North", "N-two": "North"}),
        # What leaves keeps its inner order.
        ("Divest", [], [], "Let it leave", {"South": "Top", "N-one": "North", "N-two": "North"}),
    ],
)
def test_a_deed_is_carried_out_from_a_day_on_and_taken_back(
    planted: Cast,
    opened: Opened,
    link: str,
    ticked: list[str],
    typed: list[tuple[str, str]],
    verb: str,
    after: dict[str, str],
) -> None:
    page = opened(planted.outsider, "/accounts/OTHER/?unit=NORTH")
    tab_to(page, page.locator(".unit-deeds").get_by_role("link", name=link, exact=True))
    page.keyboard.press("Enter")
    sheet = page.locator("dialog#sheet")
    for name in ticked:
        tab_to(page, sheet.get_by_role("checkbox", name=name))
        page.keyboard.press("Space")
    for label, keys in [*typed, ("From the day", "08012024"), ("Reason", "new board")]:
        tab_to(page, sheet.get_by_label(re.compile(f"^{label}")))
        page.keyboard.type(keys)
    tab_to(page, sheet.get_by_role("button", name=verb))
    expect(sheet.locator(".restructure-preview")).to_contain_text("1 August 2024")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("on=2024-08-01"))
    assert [places(TODAY), places(LATER)] == [AS_IT_WAS, after]
    expect(page.locator(".step-lines")).to_contain_text("new board")
    tab_to(page, page.get_by_role("button", name="Take back").first)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("dialog[open]").get_by_role("button", name="Take it back"))
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("The structure stands as it did before that step.")
    assert places(LATER) == AS_IT_WAS
    assert not Restructuring.objects.filter(undone_at=None).exists()
