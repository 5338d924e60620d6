"""What each reader opens first, and that her search finds what she may see."""

from __future__ import annotations

import datetime as dt
from html import unescape

import pytest
from django.test import Client

from accounts.models import AccountGrant
from coverage.models import CoveragePolicy
from pipeline.models import Stage
from tests import factories as make
from tests.cast import Cast
from users.models import User
from workspace import gaps

pytestmark = pytest.mark.django_db


def opened(user: User, path: str = "/", **headers: str) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode())


def found(user: User, text: str) -> str:
    return opened(user, f"/search/?q={text}", **{"HX-Request": "true"})


def test_who_is_not_signed_in_is_asked_to(client: Client, db: None) -> None:
    for path in ("/", "/regions/", "/search/?q=ac", "/jobs/"):
        assert client.get(path).headers["Location"].startswith("/sign-in/login/")


def test_an_account_manager_opens_her_accounts_and_deals(money: Cast) -> None:
    html = opened(money.owner)
    assert "My accounts" in html
    assert "Acme" in html
    assert "Other" not in html.split('id="content"')[1]
    assert "1,773.18" in html
    assert "49 days overdue" in html
    assert "Robots proposal" in html


def test_a_lead_opens_her_regions(money: Cast) -> None:
    html = opened(money.europe_lead)
    assert "Region EUROPE" in html
    assert "Region ASIA" not in html
    assert "1,773.18" in html


def test_a_lead_is_told_on_her_home_when_she_sees_a_part(money: Cast) -> None:
    part = "totals hold only the accounts you work on"
    assert part not in opened(money.asia_lead)
    # France was under Asia then; this year's facts there are no longer hers.
    assert part in opened(money.asia_lead, "/?tree=2024-01-01")


def test_an_executive_opens_the_world(money: Cast) -> None:
    html = opened(money.executive)
    assert "<h1>" in html
    assert "Where is the revenue?" in html
    assert "Unallocated" in html


def test_an_administrator_opens_the_state_of_the_house_without_customers_money(money: Cast) -> None:
    html = opened(money.administrator)
    assert "Give every account a global account manager" in html
    assert "2 left" in html
    assert "1,773.18" not in html


def test_a_viewer_opens_what_she_was_granted(money: Cast) -> None:
    assert "No account is yours yet" in opened(money.viewer)
    AccountGrant.objects.create(account=money.acme, user=money.viewer)
    html = opened(money.viewer)
    assert "Acme" in html
    assert "No account is yours yet" not in html


def test_moves_of_deals_are_news_for_a_fortnight(money: Cast) -> None:
    from pipeline.models import Opportunity, StageHistory

    deal = Opportunity.objects.get(name="Filters")
    for day, stage in ((10, "negotiation"), (1, "qualification")):
        StageHistory.objects.create(
            opportunity=deal,
            stage=Stage.objects.get(pk=stage),
            changed_at=dt.datetime(2025, 10, day, 12, tzinfo=dt.UTC),
        )
    news = opened(money.europe_lead).split("What changed")[1]
    assert "Negotiation" in news
    assert "Qualification" not in news


def test_gaps_are_the_slots_that_a_policy_asks_for_and_nobody_fills(money: Cast) -> None:
    unit = money.acme.org_units.get()
    asked = {"account_ids": [money.acme.pk], "on": dt.date(2025, 10, 20), "viewer": money.owner}
    assert gaps.counted(**asked)[money.acme.pk].empty is None  # type: ignore[arg-type]
    from accounts.models import Tier

    money.acme.tier = Tier.objects.get(pk="strategic")
    money.acme.save()
    CoveragePolicy.objects.create(tier=money.acme.tier, unit_kind=unit.kind, role_id="local_account_manager")
    assert gaps.counted(**asked)[money.acme.pk].empty == 1  # type: ignore[arg-type]
    make.CoverageFactory(org_unit=unit)
    assert gaps.counted(**asked)[money.acme.pk].empty == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("acm", "Accounts", "Acme"),
        ("ACME-DE", "Org units", "Unit ACME-DE"),
        ("region eur", "Regions", "Region EUROPE"),
        ("obots w", "Opportunities", "Robots won"),
        ("owner@ex", "Members", "owner@example.org"),
    ],
)
def test_search_finds_by_name_and_whole_code(money: Cast, text: str, kind: str, name: str) -> None:
    html = found(money.owner, text)
    assert kind in html
    assert name in html
    assert "<html" not in html


def test_search_shows_nothing_of_a_strangers_customer(money: Cast) -> None:
    for text in ("acme", "ACME-DE", "robots"):
        assert "Nothing found" in found(money.outsider, text)


def test_one_letter_is_too_little_to_search(money: Cast) -> None:
    assert "menu-item" not in found(money.owner, "a")


def test_the_page_of_results_shows_more_than_the_box(money: Cast) -> None:
    for _number in range(7):
        make.OpportunityFactory(account=money.acme, country="DE")
    assert found(money.owner, "Deal").count('class="menu-item"') == 6
    assert opened(money.owner, "/search/?q=Deal").count("/opportunities/") >= 7
