"""Leads and the funnel as they are used: in both themes and directions, on a phone, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from money.services import pin_business_date
from pipeline.lead_models import LeadChange
from pipeline.models import Lead
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults


@pytest.fixture
def leads(cast: Cast) -> Cast:
    pin_business_date(on=dt.date(2024, 12, 31), by=None)
    campaign = make.CampaignFactory(code="fairs", name="Fairs", cost=Decimal(900), currency_id="EUR")
    known = {
        "account": cast.acme,
        "country": "DE",
        "owner": cast.owner.member,
        "amount": Decimal(900),
        "currency_id": "EUR",
    }
    for number, status in enumerate(("new", "marketing_qualified", "sales_qualified", "rejected")):
        lead = make.LeadFactory(
            name=f"Lead {number}",
            status=status,
            created_on=dt.date(2024, 3, 1),
            campaign=campaign,
            source="fair",
            **known,
        )
        at = dt.datetime(2024, 3, 5, tzinfo=dt.UTC)
        LeadChange.objects.create(lead=lead, changed_at=at, status=status, note="seen at the fair")
    make.OpportunityFactory(account=cast.acme)
    return cast


def _paths() -> list[str]:
    lead = Lead.objects.get(name="Lead 1")
    return [
        "/leads/", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/edit/", "/leads/add/", "/funnel/?from=2024-01&to=2024-12",
        "/funnel/growth/", "/set-up/leads/", "/set-up/leads/score/", "/set-up/leads/campaigns/", "/set-up/leads/campaigns/fairs/",
        "/set-up/leads/reasons/",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_the_pages_of_leads_and_the_funnel_are_accessible(
    opened: Callable[..., Page], leads: Cast, theme: str, language: str, width: int
) -> None:
    for path in _paths():
        page = opened(leads.superuser, path, theme=theme, language=language, width=width)
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path


@pytest.mark.django_db(transaction=True)
def test_a_lead_is_accepted_by_keyboard_alone(opened: Callable[..., Page], leads: Cast) -> None:
    lead = Lead.objects.get(name="Lead 1")
    page = opened(leads.owner, f"/leads/{lead.pk}/")
    page.get_by_role("button", name="Accept it (SQL)").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The lead is accepted.")).to_be_visible()
    expect(page.get_by_role("link", name="Make an opportunity")).to_be_visible()
