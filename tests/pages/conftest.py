"""What every browser test has: a page opened as somebody, and a list of what the browser complained about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from users.models import User


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser refuses or fails at; a test ends with none."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    yield said
    assert said == []


@pytest.fixture
def opened(page: Page, context: BrowserContext, live_server: LiveServer, complaints: list[str]) -> Callable[..., Page]:
    """Opens a page as a user who has signed in, in a theme, a language and a width."""

    def open_page(user: User, path: str, *, theme: str = "light", language: str = "en", width: int = 1440) -> Page:
        client = Client()
        client.force_login(user)
        kept = {name: morsel.value for name, morsel in client.cookies.items()}
        page.set_viewport_size({"width": width, "height": 900})
        for name, value in {**kept, "theme": theme, "django_language": language}.items():
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page.goto(f"{live_server.url}{path}")
        # Keys and pointers are heard from then on: a person is slower than a chunk that is still on its way.
        expect(page.locator("[data-drawn]:not([data-ready])")).to_have_count(0)
        return page

    return open_page
