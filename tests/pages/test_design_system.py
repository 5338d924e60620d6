"""The components in a real browser: accessible in both themes, both directions of reading and both widths, and obedient
to the strict policy."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.pages.accessibility import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
Opened = Callable[..., Page]


@pytest.fixture
def opened(page: Page, context: BrowserContext, live_server: LiveServer, complaints: list[str]) -> Opened:
    """Opens a page as an administrator in a theme, a language and a width."""
    user = make.UserFactory(email="anna@example.org", given_name="Anna", family_name="Berg", is_staff=True)
    user.set_password(PASSWORD)
    user.save()

    def open_page(
        path: str, *, theme: str = "light", language: str = "en", width: int = 1440, signed_in: bool = True
    ) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        for name, value in (("theme", theme), ("django_language", language)):
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        if signed_in:
            page.goto(f"{live_server.url}/sign-in/login/?next=/gallery/")
            page.fill("[name=login]", "anna@example.org")
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url("**/gallery/")
        if not signed_in or path != "/gallery/":
            page.goto(f"{live_server.url}{path}")
        return page

    return open_page


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1440), ("dark", "en", 390), ("dark", "ar", 1440), ("light", "ar", 390)],
)
def test_the_gallery_is_accessible_and_fits(opened: Opened, theme: str, language: str, width: int) -> None:
    page = opened("/gallery/", theme=theme, language=language, width=width)
    expect(page.locator("#trend svg").first).to_be_visible()
    expect(page.locator("#structure [role=treeitem]").first).to_be_visible()
    expect(page.locator("#map a[data-key=AU]")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("theme", "language", "width"), [("light", "en", 1440), ("dark", "ar", 390)])
def test_signing_in_is_accessible(opened: Opened, theme: str, language: str, width: int) -> None:
    page = opened("/sign-in/login/", theme=theme, language=language, width=width, signed_in=False)
    assert faults(page) == []
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


def test_a_theme_is_chosen_at_once_and_kept_by_the_server(opened: Opened) -> None:
    page = opened("/gallery/", theme="light")
    page.get_by_label("You and your settings").click()
    page.locator("button[value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    answer = page.request.get(page.url).text()
    assert 'data-bs-theme="dark"' in answer


def test_the_navigation_stays_folded(opened: Opened) -> None:
    page = opened("/gallery/")
    page.locator("[data-fold-nav]").click()
    expect(page.locator("html")).to_have_attribute("data-nav", "folded")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-nav", "folded")
    expect(page.locator(".nav-link").first).to_be_visible()


def test_a_search_replaces_the_list_and_stands_in_the_address(opened: Opened) -> None:
    page = opened("/gallery/")
    page.fill("#list-sample-search", "accountt")
    expect(page.locator("#list-sample tbody tr").first).to_contain_text("accountt")
    expect(page).to_have_url(re.compile(r"search=accountt"))
    expect(page.locator("#list-sample-search")).to_be_focused()
    expect(page.locator(".chip")).to_contain_text("accountt")


def test_a_figure_can_be_read_as_a_table(opened: Opened) -> None:
    page = opened("/gallery/")
    page.locator("#bars [data-as-table]").click()
    expect(page.locator("#bars .as-table")).to_contain_text("4,120,000.00")
    expect(page.locator("#bars [data-chart]")).to_be_hidden()


def test_a_country_and_its_row_light_each_other(opened: Opened) -> None:
    page = opened("/gallery/")
    page.locator("tr[data-country=FR]").evaluate("row => row.dataset.country = 'BR'")
    page.locator("#map a[data-key=BR] path").hover()
    expect(page.locator("tr[data-country=BR]")).to_have_class("lit")
    page.locator("tr[data-country=BR] td").first.hover()
    expect(page.locator("#map a[data-key=BR]")).to_have_class("lit")


def test_the_structure_is_walked_by_keyboard(opened: Opened) -> None:
    page = opened("/gallery/")
    page.locator("[data-tree-search]").fill("japan 13")
    expect(page.locator("[data-tree-count]")).to_have_text("3 found")
    page.locator("[data-tree-search]").press("Enter")
    focused = page.locator("[role=treeitem]:focus")
    expect(focused).to_have_attribute("aria-label", re.compile("Acme Japan 13"))
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")


def test_a_change_is_asked_about_before_it_is_sent(opened: Opened) -> None:
    page = opened("/gallery/")
    page.get_by_role("button", name="Move Germany").click()
    dialog = page.locator("#ask")
    expect(dialog).to_contain_text("Figures of 2024 change in two regions")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_the_search_box_has_a_key(opened: Opened) -> None:
    page = opened("/gallery/")
    page.locator("body").press("Control+k")
    expect(page.locator("#find")).to_be_focused()


def test_arabic_reads_from_right_to_left_in_its_own_words(opened: Opened) -> None:
    page = opened("/gallery/", language="ar")
    navigation, content = page.locator(".nav").bounding_box(), page.locator("main").bounding_box()
    assert navigation is not None
    assert content is not None
    assert navigation["x"] > content["x"]
    expect(page.locator(".nav-title").first).to_have_text(re.compile(r"[\u0600-\u06ff]"))
    expect(page.locator("#list-sample .toolbar")).to_contain_text("تصدير")
    expect(page.locator("#trend [data-chart]")).to_have_css("direction", "ltr")


def test_only_those_who_build_pages_see_the_gallery(page: Page, live_server: LiveServer) -> None:
    answer = page.request.get(f"{live_server.url}/gallery/")
    assert answer.status == 404
