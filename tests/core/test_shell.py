"""What surrounds every page: errors say what to do, choices are kept, and the navigation shows what a reader may open."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_an_error_says_what_to_do_even_without_a_request(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert "<h1>" in page
    assert 'href="/"' in page


def test_a_missing_page_answers_in_our_own_words(client: Client) -> None:
    client.force_login(make.UserFactory())
    answer = client.get("/nowhere/at/all/")
    assert answer.status_code == 404
    assert "This page is not here" in answer.content.decode()


@pytest.mark.parametrize("path", ["/sign-in/login/", "/sign-in/password/reset/"])
def test_pages_before_signing_in_hold_no_inline_code(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert page.count("<h1") == 1
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on", page)
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)


@pytest.mark.parametrize("path", ["/sign-in/2fa/", "/sign-in/password/change/"])
def test_pages_of_ones_own_sign_in_have_the_navigation(client: Client, path: str) -> None:
    client.force_login(make.UserFactory())
    page = client.get(path, follow=True).content.decode()
    assert 'class="shell"' in page
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


def test_a_theme_is_kept_in_a_cookie_and_drawn_by_the_server(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/sign-in/login/"})
    assert answer.headers["Location"] == "/sign-in/login/"
    assert 'data-bs-theme="dark"' in client.get("/sign-in/login/").content.decode()


def test_a_theme_nobody_offers_follows_the_device(client: Client) -> None:
    client.post("/theme/", {"theme": '"><script>', "next": "/"})
    assert "data-bs-theme" not in client.get("/sign-in/login/").content.decode()


def test_choosing_a_theme_leads_to_no_other_site(client: Client) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": "https://example.com/"}).headers["Location"] == "/"


def test_arabic_pages_read_from_right_to_left(client: Client) -> None:
    client.post("/language/", {"language": "ar", "next": "/sign-in/login/"})
    page = client.get("/sign-in/login/").content.decode()
    assert 'lang="ar" dir="rtl"' in page
    assert "app.rtl.css" in page
    assert "تسجيل الدخول" in page


@pytest.mark.parametrize(("access", "seen"), [(Access.ADMINISTRATOR, True), (Access.ACCOUNT_MANAGER, False)])
def test_places_to_set_up_are_shown_to_those_who_may(client: Client, access: Access, seen: bool) -> None:
    client.force_login(make.UserFactory(access=access))
    page = client.get("/sign-in/password/change/").content.decode()
    assert ('href="/jobs/"' in page) is seen
    assert 'href="/accounts/"' in page
