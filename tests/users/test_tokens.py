"""A user's own API token: made, shown once, replaced, revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import factories as make


@pytest.fixture
def browser(db: None) -> Client:
    client = Client()
    client.force_login(make.UserFactory())
    return client


def _made(browser: Client) -> str:
    page = browser.post("/you/tokens/").content.decode()
    found = re.search(r"Token ([0-9a-f]{40})", page)
    assert found is not None
    return found.group(1)


def _status(token: str) -> int:
    return Client().get("/api/v1/accounts/", headers={"Authorization": f"Token {token}"}).status_code


def test_a_token_is_shown_once_and_opens_the_api(browser: Client) -> None:
    token = _made(browser)
    assert _status(token) == 200
    assert token not in browser.get("/you/tokens/").content.decode()


def test_a_new_token_replaces_the_old(browser: Client) -> None:
    old, new = _made(browser), _made(browser)
    assert (_status(old), _status(new)) == (401, 200)


def test_a_revoked_token_opens_nothing(browser: Client) -> None:
    token = _made(browser)
    assert browser.post("/you/tokens/revoke/").status_code == 302
    assert _status(token) == 401
