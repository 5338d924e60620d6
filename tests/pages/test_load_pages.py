"""Load, suggestions and proposals as they are used: in both themes and directions, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from coverage import proposal_services
from coverage.models import Coverage, CoveragePolicy
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

LOCAL = "local_account_manager"
PAGES = (
    "/load/",
    "/load/settings/",
    "/load/what-if/?from=owner@example.org&to=anna@example.org&account=ACME",
    "/proposals/",
    "/proposals/new/",
    f"/accounts/ACME/suggestions/?unit=ACME-DE&role={LOCAL}",
)


@pytest.fixture
def staffed(cast: Cast) -> Cast:
    CoveragePolicy.objects.create(tier_id="strategic", unit_kind="legal_entity", role_id=LOCAL)
    cast.acme.tier_id = "strategic"
    cast.acme.save()
    french = make.OrgUnitFactory(account=cast.acme, code="ACME-FR", name="Acme France", country="FR")
    make.CoverageFactory(org_unit=french, member=cast.owner.member)
    speaks = {"languages": ["de:C1"], "weekly_hours": 20, "country": "DE", "time_zone": "Europe/Berlin"}
    make.MemberFactory(email="anna@example.org", given_name="Anna", family_name="Arndt", **speaks)
    return cast


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_the_pages_of_load_and_proposals_are_accessible(
    opened: Callable[..., Page], staffed: Cast, theme: str, language: str, width: int
) -> None:
    found = proposal_services.queue_proposal(by=staffed.superuser, account="ACME", on=dt.date(2024, 6, 1))
    proposal_services.run_proposal(pk=found.pk)
    for path in (*PAGES, f"/proposals/{found.pk}/"):
        page = opened(staffed.superuser, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path


@pytest.mark.django_db(transaction=True)
def test_a_line_is_accepted_by_keyboard_alone(opened: Callable[..., Page], staffed: Cast) -> None:
    found = proposal_services.queue_proposal(by=staffed.superuser, account="ACME", on=dt.date(2024, 6, 1))
    proposal_services.run_proposal(pk=found.pk)
    page = opened(staffed.superuser, f"/proposals/{found.pk}/")
    box = page.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    page.keyboard.press("Space")
    for _each in range(6):
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("accepted by")).to_be_visible()
    assert Coverage.objects.filter(member__email="anna@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_a_column_of_the_picture_leaves_its_managers(opened: Callable[..., Page], staffed: Cast) -> None:
    page = opened(staffed.superuser, "/load/")
    page.get_by_role("link", name="Managers with 1 accounts").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("owner@example.org")).to_be_visible()
    expect(page.get_by_text("Anna Arndt")).to_have_count(0)


@pytest.mark.django_db(transaction=True)
def test_a_choice_shows_what_would_change_before_it_is_saved(opened: Callable[..., Page], staffed: Cast) -> None:
    page = opened(staffed.superuser, "/load/what-if/?from=owner@example.org&account=ACME")
    page.get_by_label("Who takes").select_option("anna@example.org")
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    assert not Coverage.objects.filter(member__email="anna@example.org").exists()
    page.get_by_role("button", name="Save the re-assignment").click()
    expect(page.get_by_text("change hands")).to_be_visible()
    assert Coverage.objects.filter(member__email="anna@example.org").exists()
