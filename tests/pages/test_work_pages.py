"""The work list and the digest as they are used: in both themes and directions, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Relationship
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults
from tests.workspace.waiting import ON, overdue, step
from workspace import digest_queries
from workspace.digest_services import keep_settings
from workspace.models import Digest, Snooze

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(cast: Cast, settings: pytest.FixtureRequest) -> Cast:
    """Two deals whose day has passed, a step that is due, and somebody who went quiet."""
    settings.GAM_AS_OF = ON  # type: ignore[attr-defined]  # pytest-django's settings
    overdue(cast, "Robots", amount=Decimal("1250000.00"))
    overdue(cast, "Pumps")
    step(overdue(cast, "Filters", close_date=dt.date(2025, 12, 1)), ON)
    person = make.ContactFactory(account=cast.acme, given_name="Jo", family_name="Park")
    Relationship.objects.create(contact=person, member=cast.owner.member, last_contact_on=dt.date(2025, 1, 1))
    return cast


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_the_pages_of_work_and_digests_are_accessible(
    opened: Callable[..., Page], waiting: Cast, theme: str, language: str, width: int
) -> None:
    at = dt.datetime(2025, 10, 20, 9, tzinfo=dt.UTC)
    Digest.objects.create(user=waiting.owner, day=ON, state="unclear", try_at=at, error="The server fell silent.")
    kept = {"language": "", "time_zone": "", "is_on": True, "hour": 7, "even_when_empty": False}
    choice = keep_settings(by=waiting.owner, **kept)  # type: ignore[arg-type]  # as given
    stop = f"/digest/{digest_queries.token_of(choice)}/"
    for user, path in (
        (waiting.owner, "/work/"),
        (waiting.owner, "/work/?show=snoozed"),
        (waiting.owner, "/work/digest/"),
        (waiting.owner, "/you/settings/"),
        (waiting.owner, stop),
        (waiting.administrator, "/set-up/digests/"),
        (waiting.administrator, "/set-up/rhythms/"),
    ):
        page = opened(user, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_list_is_worked_by_keyboard_alone(opened: Callable[..., Page], waiting: Cast) -> None:
    page = opened(waiting.owner, "/work/")
    lines = page.locator(".work-line")
    expect(lines).to_have_count(4)
    expect(page.locator("[data-work][data-keys]")).to_have_count(1)
    page.keyboard.press("j")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(lines.nth(1)).to_be_focused()
    put_off = lines.nth(1).get_attribute("data-line")
    page.keyboard.press("s")
    page.keyboard.press("Enter")  # the first of the days that are offered
    expect(lines).to_have_count(3)
    kept = Snooze.objects.get()
    assert f"{kept.source}:{kept.key}" == put_off
    expect(lines.nth(1)).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(lines).to_have_count(4)
    pumps = page.locator(".work-line", has_text="Pumps")
    pumps.focus()
    page.keyboard.press("a")
    page.locator(":focus").fill("2025-12-01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It closes on 1 Dec 2025 now.")).to_be_visible()
    expect(pumps).to_have_count(0)
