"""Teams, hand-overs, members and policies in a real browser: accessible, within the page, and done by keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Relationship
from coverage import handover_services
from coverage.handover_models import HandOver
from coverage.models import Coverage, CoveragePolicy
from money.services import pin_business_date
from pipeline.models import Opportunity
from rollups import services
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamMember
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
LOOKS = [("light", "en", 1440), ("dark", "ar", 390), ("light", "de", 390)]


@pytest.fixture
def world(cast: Cast) -> Cast:
    """ACME with a team, coverage, a contact, a deal and a policy; a planned hand-over of OTHER."""
    pin_business_date(on=dt.date(2026, 6, 1), by=None)
    cast.acme.tier_id = "key"
    cast.acme.save()
    owner, unit = cast.owner.member, cast.acme.org_units.get()
    ana = make.MemberFactory(
        email="ana@example.org", given_name="Ana", family_name="Silva", country="DE", time_zone="Europe/Berlin",
        languages=["de:C1", "en:B2"], skills=["fleet"], weekly_hours=Decimal("37.5"),
    )  # fmt: skip
    make.TeamMemberFactory(team=cast.acme.team, member=ana, valid_to=dt.date(2025, 1, 1))
    make.CoverageFactory(org_unit=unit, member=owner, covers_descendants=True)
    Relationship.objects.create(contact=make.ContactFactory(account=cast.acme), member=owner)
    make.OpportunityFactory(account=cast.acme, owner=owner, name="Big deal")
    CoveragePolicy.objects.create(tier_id="key", unit_kind="legal_entity", role_id="local_account_manager")
    membership = TeamMember.objects.get(team=cast.other.team)
    handover_services.plan_hand_over(
        giver=cast.outsider.email,
        on=dt.date(2026, 9, 1),
        chosen={f"membership-{membership.pk}": ana.email},
        steps=["Tell the customer", "Look back"],
        by=cast.outsider,
    )
    services.drain()
    return cast


def pages(cast: Cast) -> tuple[str, ...]:
    hand_over = HandOver.objects.get().pk
    return (
        "/accounts/ACME/team/",
        "/accounts/ACME/team/add/",
        "/accounts/ACME/team/manager/",
        "/hand-overs/",
        f"/hand-overs/{hand_over}/",
        f"/hand-overs/add/?member={cast.owner.email}&account=ACME&on=2026-07-01&heirs=ana@example.org",
        "/teams/?columns=name,country,week,hours,accounts,skills,holiday",
        "/members/ana@example.org/",
        "/members/ana@example.org/edit/",
        "/set-up/teams/",
        "/set-up/teams/account-types/",
        "/set-up/policies/?tier=key",
    )


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_the_pages_are_accessible_and_fit(world: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    for path in pages(world):
        page = opened(world.superuser, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_manager_is_appointed_in_a_sheet_by_keyboard_and_that_is_taken_back(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/team/")
    page.get_by_role("link", name="Appoint the global account manager").focus()
    page.keyboard.press("Enter")
    sheet = page.locator("#sheet")
    expect(sheet.get_by_role("heading")).to_have_text("Appoint the global account manager")
    assert faults(page) == []
    sheet.locator(".ts-control input").focus()
    page.keyboard.type("Ana")
    expect(sheet.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(sheet.locator(".ts-control")).to_contain_text("Ana Silva")
    sheet.get_by_role("button", name="Appoint").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".account-manager")).to_contain_text("Ana Silva")
    assert TeamMember.objects.get(role=GLOBAL_ACCOUNT_MANAGER).member.email == "ana@example.org"
    page.get_by_role("button", name="Take it back").focus()
    page.keyboard.press("Enter")
    page.locator("#ask").get_by_role("button", name="Take it back").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".account-manager")).to_contain_text("No global account manager")


def test_what_is_wrong_in_a_sheet_is_said_in_it(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/team/")
    page.get_by_role("link", name="Add a member").click()
    sheet = page.locator("#sheet")
    sheet.get_by_role("button", name="Add the member").click()
    expect(sheet.locator(".field-error").first).to_be_visible()
    assert faults(page) == []


def test_loads_follow_the_choice_before_anything_is_handed_over(world: Cast, opened: Opened) -> None:
    address = f"/hand-overs/add/?member={world.owner.email}&account=ACME&on=2026-07-01&heirs=ana@example.org"
    page = opened(world.owner, address)
    row = page.locator("#load-changes tbody tr").filter(has_text="Ana Silva")
    expect(row.locator("b")).to_have_count(4)
    page.get_by_label("Open opportunity: Big deal").select_option("-")
    expect(row.locator("b")).to_have_count(3)
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hands over")
    page.get_by_role("button", name="Open: Tell the customer who is there").click()
    expect(page.locator("#checklist")).to_contain_text("1 of 5 done")


def asked_by_keyboard(page: Page, field: str, *typed: str) -> None:
    """Type into a list that is searched, and take what is found."""
    page.locator(f"#{field}-ts-control").focus()
    for text in typed:
        page.keyboard.type(text)
        expect(page.locator(".ts-dropdown:visible .option")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator(f"#{field}-ts-control")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".ts-dropdown:visible")).to_have_count(0)


def pressed(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).focus()
    page.keyboard.press("Enter")


def planned_by_keyboard(page: Page, giver: str, on: str) -> None:
    """From the list of hand-overs to the lines: who, where, from which day, to Ana and to Bo."""
    page.locator("main").get_by_role("link", name="Hand over").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand over")
    asked_by_keyboard(page, "id_member", giver)
    asked_by_keyboard(page, "id_account", "Acme")
    page.get_by_label("From the day").fill(on)
    asked_by_keyboard(page, "id_heirs", "ana@", "bo@")
    pressed(page, "Show what there is to hand over")
    expect(page.get_by_role("heading", name="Who gets what")).to_be_visible()
    deal = page.get_by_label("Open opportunity: Big deal")
    deal.focus()
    page.keyboard.type("Bo")
    expect(deal).to_have_value("bo@example.org")


def test_a_whole_hand_over_is_carried_out_by_keyboard(world: Cast, opened: Opened) -> None:
    bo, giver = make.MemberFactory(email="bo@example.org", given_name="Bo", family_name="Ek"), world.owner.member
    deal = Opportunity.objects.get(name="Big deal")
    # Somebody else carries it out: the giver, who passes on her only role there, no longer sees the lines.
    page = opened(world.superuser, "/hand-overs/")
    planned_by_keyboard(page, "owner@", "2026-06-01")
    assert faults(page) == []
    expect(page.locator("#load-changes tbody tr").filter(has_text="Bo Ek").locator("b")).to_have_count(1)
    pressed(page, "Hand over")
    expect(page.locator("#toasts")).to_contain_text("Everything chosen is handed over.")
    expect(page.locator("main table tbody tr").filter(has_text="Bo Ek")).to_contain_text("Big deal")
    pressed(page, "Open: Introduce the successor to the decision makers")
    expect(page.locator("#checklist")).to_contain_text("1 of 5 done")
    assert faults(page) == []
    # Role and coverage end for her on the day and begin for Ana; the contact is Ana's, the deal Bo's, and nothing was before.
    day, ana = dt.date(2026, 6, 1), "ana@example.org"
    for rows in (TeamMember.objects.filter(team=world.acme.team), Coverage.objects.all()):
        assert list(rows.filter(member=giver).values_list("valid_to", flat=True)) == [day]
        assert rows.filter(member__email=ana, valid_from=day, valid_to=None).count() == 1
    assert list(Relationship.objects.values_list("member__email", flat=True)) == [ana]
    deal.refresh_from_db()
    assert deal.owner == bo
    page.locator("main table tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main table").first).to_contain_text("Ana Silva")


def test_a_hand_over_of_a_later_day_is_cancelled_by_keyboard(world: Cast, opened: Opened) -> None:
    make.MemberFactory(email="bo@example.org", given_name="Bo", family_name="Ek")
    page = opened(world.owner, "/hand-overs/")
    planned_by_keyboard(page, "owner@", "2026-07-01")
    pressed(page, "Hand over")
    expect(page.locator("#toasts")).to_contain_text("The hand-over is planned.")
    assert Coverage.objects.filter(member=world.owner.member, valid_to=dt.date(2026, 7, 1)).exists()
    assert Opportunity.objects.get(name="Big deal").owner == world.owner.member
    pressed(page, "Cancel the hand-over")
    page.locator("#ask").get_by_role("button", name="Cancel the hand-over").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("The hand-over is cancelled.")
    assert list(Coverage.objects.values_list("member", "valid_to")) == [(world.owner.member.pk, None)]


def test_a_policy_is_weighed_then_saved_by_keyboard(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, "/set-up/policies/?tier=key")
    page.get_by_label("Weight of Legal, Legal entity").focus()
    page.keyboard.type("2")
    page.get_by_role("button", name="Show the effect").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert faults(page) == []
    assert not CoveragePolicy.objects.filter(role="legal").exists()
    page.get_by_role("button", name="Save the policies").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("are saved")
    assert CoveragePolicy.objects.get(role="legal").weight == 2
