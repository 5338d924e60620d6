"""The working pages in a real browser: accessible, obedient to the strict policy, and doing what they say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import OrgLink
from coverage.models import CoveragePolicy
from pipeline.models import Opportunity
from rollups import services
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]


@pytest.fixture
def world(cast: Cast) -> Cast:
    """ACME as a tree of three, with a policy that leaves a gap, and a deal."""
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    top = cast.acme.org_units.get()
    for code, name, since in (
        ("ACME-FR", "Acme France", dt.date(2020, 1, 1)),
        ("ACME-NEW", "Acme New", dt.date(2025, 1, 1)),
    ):
        unit = make.OrgUnitFactory(account=cast.acme, code=code, name=name, country="FR", opened_on=since)
        OrgLink.objects.create(account=cast.acme, structure="legal", child=unit, parent=top, valid_from=since)
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id="local_account_manager")
    make.CoverageFactory(org_unit=top, member=cast.owner.member)
    make.OpportunityFactory(
        account=cast.acme, name="Big deal", amount=Decimal("1234.50"), org_unit=top, owner=cast.owner.member
    )
    services.drain()
    return cast


ACCOUNT_MANAGERS = (
    "/accounts/",
    "/accounts/ACME/",
    "/accounts/ACME/alignment/",
    "/accounts/ACME/team/",
    "/accounts/ACME/people/",
    "/accounts/ACME/opportunities/",
    "/accounts/ACME/figures/",
    "/opportunities/",
    "/opportunities/add/?account=ACME",
    "/teams/",
    "/members/owner@example.org/figures/?from=2024-01&to=2024-12",
)
ADMINISTRATORS = (
    "/set-up/regions/",
    "/set-up/regions/of/EUROPE/",
    "/set-up/rates/",
    "/set-up/people/",
    "/set-up/people/invite/",
    "/imports/",
)
LOOKS = [("light", "en", 1440), ("dark", "ar", 390)]


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_working_pages_are_accessible_and_fit(
    world: Cast, opened: Opened, theme: str, language: str, width: int
) -> None:
    for user, paths in ((world.owner, ACCOUNT_MANAGERS), (world.administrator, ADMINISTRATORS)):
        for path in paths:
            page = opened(user, path, theme=theme, language=language, width=width)
            if path == "/accounts/ACME/":
                expect(page.locator("#structure [role=treeitem]").first).to_be_visible()
                expect(page.locator("#unit-panel h2")).to_be_visible()
            assert faults(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_structure_shows_gaps_in_words_and_a_chosen_unit_beside_it(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/")
    expect(page.locator("#unit-panel h2")).to_have_text("Unit ACME-DE")
    cards = page.locator("#structure [role=treeitem]")
    expect(cards).to_have_count(3)
    gap = cards.filter(has_text="Acme France")
    expect(gap).to_contain_text("Gap")
    gap.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#unit-panel h2")).to_have_text("Acme France")
    expect(page.locator("#unit-panel")).to_contain_text("Nobody")


def test_the_slider_redraws_the_structure_of_another_time(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/")
    expect(page.locator("#structure [role=treeitem]")).to_have_count(3)
    slider = page.locator("#structure-month")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#structure [role=treeitem]")).to_have_count(1)
    page.fill("input[name=on]", "2022-05-05")
    expect(page.locator("#structure [role=treeitem]")).to_have_count(2)


def test_searching_swaps_the_list_and_keeps_the_address(world: Cast, opened: Opened) -> None:
    make.OpportunityFactory(account=world.acme, name="Another")
    page = opened(world.owner, "/opportunities/")
    page.fill("input[name=search]", "big")
    expect(page.locator("#list-opportunities tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("search=big"))


def test_a_deal_is_added_deleted_and_brought_back(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/opportunities/add/?account=ACME")
    page.fill("input[name=name]", "From the form")
    page.fill("input[name=amount]", "99.90")
    page.fill("input[name=close_date]", "2026-12-31")
    page.get_by_role("button", name="Add the opportunity").click()
    expect(page.locator("h1")).to_have_text("From the form")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the opportunity").click()
    page.get_by_role("button", name="Undo the deletion").click()
    expect(page.locator("h1")).to_have_text("From the form")
    assert Opportunity.objects.get(name="From the form").amount == Decimal("99.90")
