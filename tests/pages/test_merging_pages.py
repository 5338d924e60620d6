"""Merging accounts, and what was deleted lately, in a real browser: accessible, and doing what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.merges import merge_accounts
from accounts.merging import Choices
from accounts.models import Account
from pipeline.services import delete_opportunity
from revenue.models import RevenueEntry
from teams.models import TeamRole
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]


@pytest.fixture
def world(cast: Cast) -> Cast:
    """ACME and OTHER share a unit's code; a third account was merged already; a deal and an entry were deleted."""
    for account, user in ((cast.acme, cast.owner), (cast.other, cast.outsider)):
        make.OrgUnitFactory(account=account, code="HQ", name=f"Headquarters of {account.name}")
        role = TeamRole.objects.get(pk="global_account_manager")
        make.TeamMemberFactory(team=account.team, member=user.member, role=role)
        make.RevenueEntryFactory(account=account, amount=Decimal("12.34"))
        make.RevenueEntryFactory(account=account, amount=Decimal("1200000"), currency_id="JPY")
    make.AccountFactory(code="GONE", name="Gone")
    merge_accounts(gone="GONE", into="ACME", choices=Choices(), reason="Entered twice", by=cast.superuser)
    deal = make.OpportunityFactory(account=cast.acme, name="Big deal", amount=Decimal("1234.50"))
    delete_opportunity(pk=deal.pk, by=cast.owner)
    RevenueEntry.objects.filter(account=cast.acme, currency="JPY").delete()
    return cast


PAGES = ("/accounts/OTHER/merge/", "/accounts/OTHER/merge/?into=ACME", "/merged-accounts/", "/deleted/")


@pytest.mark.parametrize(
    ("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 1440), ("light", "de", 390)]
)
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_accessible(opened: Opened, world: Cast, path: str, theme: str, language: str, width: int) -> None:
    page = opened(world.superuser, path, theme=theme, language=language, width=width)
    expect(page.locator("h1")).to_be_visible()
    assert faults(page) == []


def test_an_account_is_merged_after_a_question_and_taken_back(opened: Opened, world: Cast) -> None:
    page = opened(world.superuser, "/accounts/OTHER/merge/?into=ACME")
    page.get_by_label("Why").fill("One customer")
    page.get_by_role("button", name="Merge the accounts").click()
    page.get_by_role("dialog").get_by_role("button", name="Merge the accounts").click()
    page.wait_for_url(re.compile("/accounts/ACME/$"))
    assert not Account.objects.filter(code="OTHER").exists()
    page.goto(page.url.replace("/accounts/ACME/", "/merged-accounts/"))
    page.get_by_role("button", name="Take back Other").click()
    page.get_by_role("dialog").get_by_role("button", name="Take the merge back").click()
    page.wait_for_url(re.compile("/accounts/OTHER/$"))
