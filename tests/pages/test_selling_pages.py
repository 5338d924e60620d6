"""Quotas, scores and plays in a real browser: set, refused and taken back without a mouse, accessible in both themes and directions;
and the rest of the menu on a phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from pipeline.enablement_models import Play
from pipeline.models import Stage
from pipeline.score_models import ScoreWeights
from revenue.models import Quota
from rollups import services
from tests import factories as make
from tests.cast import Cast
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.fixture
def world(cast: Cast, settings: pytest.FixtureRequest) -> Cast:
    settings.GAM_AS_OF = dt.date(2024, 5, 15)  # type: ignore[attr-defined]  # pytest-django's settings
    won = Stage.objects.get(pk="won")
    make.OpportunityFactory(account=cast.acme, stage=won, close_date=dt.date(2024, 4, 3), owner=cast.owner.member)
    make.OpportunityFactory(account=cast.acme, name="Robots", close_date=dt.date(2024, 6, 3), owner=cast.owner.member)
    make.PlayFactory(code="PLAY-1", title="Show the saving")
    year = {"period_start": dt.date(2024, 1, 1), "period_end": dt.date(2025, 1, 1), "currency_id": "EUR"}
    Quota.objects.create(scope="region", scope_code="WORLD", measure="won", amount=Decimal(4000), **year)
    services.rebuild()
    return cast


def pressed(page: Page, role: str, name: str) -> None:
    page.get_by_role(role, name=name, exact=True).first.focus()  # type: ignore[arg-type]  # a role's name
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_pages_are_accessible_and_fit(world: Cast, opened: Opened, theme: str, language: str, width: int) -> None:
    quota = Quota.objects.get()
    for path in (
        "/quotas/?scope=region",
        f"/quotas/{quota.pk}/",
        "/quotas/grid/?scope=region&measure=won&year=2024",
        "/set-up/scores/",
        "/scores/account/ACME/",
        "/plays/",
        "/plays/PLAY-1/",
        "/set-up/plays/PLAY-1/",
    ):
        page = opened(world.superuser, path, theme=theme, language=language, width=width)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_quotas_are_weighed_set_and_taken_back_by_keyboard(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, "/quotas/grid/?scope=region&measure=won&year=2024")
    field = page.get_by_label("Quota of Region WORLD, 2024")
    field.fill("-1")
    pressed(page, "button", "Show the effect")
    expect(page.locator(".field-error").first).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Quota of Region WORLD, 2024").fill("5000")
    pressed(page, "button", "Show the effect")
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert Quota.objects.get().amount == 4000  # neither refused nor weighed is set
    assert faults(page) == []
    pressed(page, "button", "Save the quotas")
    expect(page.locator("#toasts")).to_contain_text("1 quota was set")
    assert Quota.objects.get().amount == 5000
    pressed(page, "button", "Take the last change back")
    page.locator("#ask").get_by_role("button", name="Take it back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Quota of Region WORLD, 2024")).to_have_value("4000")
    assert Quota.objects.get().amount == 4000


def test_the_weights_of_a_score_are_weighed_and_saved_by_keyboard(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, "/set-up/scores/")
    field = page.get_by_label("Time in stage")
    field.fill("-5")
    pressed(page, "button", "Show the effect")
    expect(page.locator(".field-error").first).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Time in stage").fill("17")
    pressed(page, "button", "Show the effect")
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert faults(page) == []
    assert not ScoreWeights.objects.exists()  # neither refused nor weighed is kept
    pressed(page, "button", "Save the weights")
    expect(page.locator("#toasts .toast-note")).to_be_visible()
    expect(page.get_by_label("Time in stage")).to_have_value("17")
    assert ScoreWeights.objects.get().weights["time_in_stage"] in ("17", 17)


def test_a_play_is_refused_then_written_by_keyboard(world: Cast, opened: Opened) -> None:
    page = opened(world.superuser, "/set-up/plays/add/")
    page.get_by_label("Code", exact=True).fill("PLAY-2")
    page.get_by_label("Title", exact=True).fill("Bring the engineer")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.locator("[role=alert], .field-error").first).to_be_visible()  # a link or a text is missing
    assert not Play.objects.filter(code="PLAY-2").exists()
    assert faults(page) == []
    page.get_by_label("Text (optional)").fill("She answers what they ask.")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.locator("#toasts .toast-note")).to_be_visible()
    assert Play.objects.get(code="PLAY-2").title == "Bring the engineer"
    expect(page.locator("main")).to_contain_text("Bring the engineer")


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ar")])
def test_the_rest_of_the_menu_opens_on_a_phone_without_a_mouse(
    world: Cast, opened: Opened, theme: str, language: str
) -> None:
    page = opened(world.executive, "/forecast/", theme=theme, language=language, width=390)
    more = page.locator("details.menu > summary").last
    more.focus()
    page.keyboard.press("Enter")
    links = page.locator("details.menu[open] a")
    expect(links.first).to_be_visible()
    assert links.count() > 5
    assert faults(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
