"""Working calendars, working together and the meeting finder in a real browser: accessible, in width, by keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from regions import calendar_services
from regions.models import CountryDay
from teams.models import Member
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
CALENDARS = "/set-up/regions/calendars/"


@pytest.fixture
def world(cast: Cast, settings: Any) -> Cast:
    settings.GAM_AS_OF = dt.date(2026, 3, 6)
    Member.objects.filter(email="owner@example.org").update(
        given_name="Olive", family_name="Owens", country="GB", time_zone="Europe/London", languages=["en:C2"]
    )
    unit = make.OrgUnitFactory(account=cast.acme, code="ACME-NY", country="US", time_zone="America/New_York")
    make.OrgUnitFactory(account=cast.acme, code="ACME-US", country="US")
    make.ContactFactory(account=cast.acme, org_unit=unit, given_name="Nia", family_name="Nash")
    calendar_services.decide_week(country="BD", weekend=["fri", "sat"], by=cast.administrator)
    return cast


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_the_pages_are_accessible_and_fit(world: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    people = [f"member:{Member.objects.get(email='owner@example.org').pk}", f"contact:{world.acme.contacts.get().pk}"]
    asked = "&".join(f"people={key}" for key in people)
    for path in (
        f"{CALENDARS}?show=all",
        f"{CALENDARS}BD/",
        "/accounts/ACME/together/",
        f"/accounts/ACME/meetings/?{asked}&minutes=60&since=2026-03-09&until=2026-03-13&times=4&every=7",
    ):
        page = opened(world.superuser, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_team_page_loads_what_is_shared_and_narrows_it(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/team/")
    grid = page.locator(".together-grid")
    expect(grid.get_by_role("row")).to_have_count(4)
    assert faults(page) == []
    page.get_by_label("Search places and units").fill("new_york")
    expect(grid.get_by_role("row")).to_have_count(2)
    expect(grid).to_contain_text("3 h")


def test_a_meeting_is_found_by_keyboard_alone(world: Cast, opened: Opened) -> None:
    page = opened(world.owner, "/accounts/ACME/meetings/")
    expect(page.locator(".ts-control").first).to_be_visible()  # drawn by a script that comes later
    page.get_by_role("combobox", name="Who meets").focus()
    for name in ("Olive", "Nia"):
        page.keyboard.type(name)
        expect(page.locator(".ts-dropdown .option.active")).to_contain_text(name)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find windows").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Best windows")).to_be_visible()
    expect(page.locator(".windows").get_by_role("row").nth(1)).to_contain_text("Mon, 9 Mar 2026")
    with page.expect_download() as leaving:
        page.get_by_role("link", name="Export Mon, 9 Mar 2026").first.click()
    assert leaving.value.suggested_filename == "meeting.ics"


def test_an_administrator_works_on_a_holiday_with_two_keys(world: Cast, opened: Opened) -> None:
    page = opened(world.administrator, f"{CALENDARS}DE/?year=2026")
    page.get_by_role("row", name="Labor Day").get_by_role("button").press("Enter")
    expect(page.get_by_text("The day holds as decided.")).to_be_visible()
    assert CountryDay.objects.get().works
    page.get_by_role("row", name="Labor Day").get_by_role("button").press("Enter")
    expect(page.get_by_text("The decision is taken back.")).to_be_visible()
    assert not CountryDay.objects.exists()
