"""Stages, a deal and the board of deals in a real browser: by keys, by drag, on a phone, and to axe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.models import Opportunity, StageHistory
from tests import factories as make
from tests.cast import Cast, cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
BOARD = "/opportunities/board/"
__all__ = ["cast"]


@pytest.fixture
def deal(cast: Cast, settings: Any) -> Opportunity:
    """At “proposal”, with history and everything around it but a decision maker."""
    settings.GAM_AS_OF = dt.date(2024, 6, 15)
    found: Opportunity = make.OpportunityFactory(
        account=cast.acme, name="Pumps for Bremen", amount=Decimal("125000.00"), owner=cast.owner.member
    )
    for stage, day in (("prospecting", 3), ("qualification", 9), ("proposal", 30)):
        at = dt.datetime(2024, 4, day, 9, tzinfo=dt.UTC)
        StageHistory.objects.create(opportunity=found, stage_id=stage, changed_at=at, changed_by=cast.owner)
    contact = make.ContactFactory(account=cast.acme, given_name="Ada", family_name="Long", buying_role="champion")
    DealContact.objects.create(account=cast.acme, opportunity=found, contact=contact, buying_role="champion")
    rival = Competitor.objects.create(code="initech", name="Initech")
    DealCompetitor.objects.create(opportunity=found, competitor=rival, is_incumbent=True, note="Since 2019")
    NextStep.objects.create(opportunity=found, text="Send the offer", due_on=dt.date(2024, 6, 1))
    make.OpportunityFactory(account=cast.acme, name="Service", stage_id="won", close_date=dt.date(2024, 6, 3))
    return found


def stage_of(deal: Opportunity) -> str:
    deal.refresh_from_db()
    return deal.stage_id


def test_a_card_is_carried_by_keys_asked_for_a_reason_and_taken_back(
    cast: Cast, deal: Opportunity, opened: Opened
) -> None:
    boss = make.ContactFactory(account=cast.acme, family_name="Kern", buying_role="decision_maker")
    DealContact.objects.create(account=cast.acme, opportunity=deal, contact=boss, buying_role="decision_maker")
    page = opened(cast.owner, BOARD)
    card = page.locator(f"[data-deal='{deal.pk}'] [data-stop]")
    card.focus()
    page.keyboard.press("Control+ArrowRight")
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("Not met yet: Requirements are agreed in writing")
    assert stage_of(deal) == "proposal"
    sheet.get_by_label("Why it goes on without them").fill("Their fair is in May")
    sheet.get_by_role("button", name="Move the opportunity").click()
    expect(page.locator("[data-stage='negotiation']")).to_contain_text("Pumps for Bremen")
    expect(card).to_be_focused()
    assert stage_of(deal) == "negotiation"
    page.get_by_role("button", name="Take the move back").click()
    expect(page.locator("[data-stage='proposal']")).to_contain_text("Pumps for Bremen")
    assert stage_of(deal) == "proposal"


def test_a_card_is_dragged_back_and_won_with_its_day(cast: Cast, deal: Opportunity, opened: Opened) -> None:
    page = opened(cast.owner, BOARD, width=1920)  # all columns in sight: nothing scrolls under the hand
    card = page.locator(f"[data-deal='{deal.pk}']")
    card.drag_to(page.locator("[data-stage='qualification'] .deal-head"))
    expect(page.locator("[data-stage='qualification']")).to_contain_text("Pumps for Bremen")
    assert stage_of(deal) == "qualification"
    card.drag_to(page.locator("[data-stage='lost'] .deal-head"))
    sheet = page.locator("#sheet")
    expect(sheet.get_by_label("Won or lost on")).to_have_value("2024-06-15")
    sheet.get_by_role("button", name="Move the opportunity").click()
    expect(page.locator("[data-stage='lost']")).to_contain_text("Pumps for Bremen")
    assert (stage_of(deal), deal.close_date) == ("lost", dt.date(2024, 6, 15))


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "de", 390), ("light", "ar", 1440)]
)
def test_the_pages_are_accessible_and_fit(
    cast: Cast, deal: Opportunity, opened: Opened, theme: str, language: str, width: int
) -> None:
    move = f"/opportunities/{deal.pk}/move/"
    set_up = ("/set-up/stages/", "/set-up/stages/of/proposal/", "/set-up/stages/tables/competitors/")
    for address in (BOARD, f"/opportunities/{deal.pk}/", move, *set_up):
        page = opened(cast.superuser, address, theme=theme, language=language, width=width)
        assert faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
