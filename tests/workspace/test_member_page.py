"""A member's page: her shares in two books, side by side and never added up."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from rollups import services
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db

ADDRESS = "/members/ann@x.org/figures/?from=2024-01&to=2024-12"


@pytest.fixture(autouse=True)
def _deal() -> None:
    """Ann has 12,345.60 of what she won with Acme, and 500.00 of Bob's deal in the overlay book."""
    ann, bob = make.MemberFactory(email="ann@x.org", given_name="Ann"), make.MemberFactory()
    account = make.AccountFactory(code="ACME", name="Acme")
    won: dict[str, Any] = {"account": account, "stage_id": "won", "close_date": dt.date(2024, 2, 1), "country": "DE"}
    make.OpportunityFactory(**won, owner=ann, amount=Decimal("12345.60"))
    make.OpportunitySplitFactory(
        opportunity=make.OpportunityFactory(**won, owner=bob, amount=Decimal(1000)),
        member=ann,
        type="overlay",
        percent=Decimal(50),
    )
    services.drain()


def test_her_shares_stand_in_two_books(client: Client) -> None:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    page = client.get(ADDRESS).content.decode()
    prime, overlay = (re.sub(r"<[^>]*>", "", part) for part in page.split('id="overlay-title"'))
    assert "12,345.60" in prime
    assert "500.00" not in prime
    assert "500.00" in overlay
    assert "12,845.60" not in prime + overlay
    assert 'href="/accounts/ACME/?' in page


def test_a_reader_sees_what_lies_in_her_sight_and_is_told(client: Client) -> None:
    client.force_login(make.UserFactory())
    page = client.get(ADDRESS).content.decode()
    assert "12,345" not in page
    assert "Acme" not in page
    assert "You see a part of this" in page


def test_who_may_not_be_looked_up_is_not_there(client: Client) -> None:
    client.force_login(make.UserFactory(access=Access.VIEWER))
    assert client.get(ADDRESS).status_code == 404
    assert client.get(ADDRESS.replace("ann@x.org", "unassigned")).status_code == 200


def test_the_page_is_read_in_a_fixed_number_of_statements(client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    client.get(ADDRESS)
    with django_assert_max_num_queries(30):
        client.get(ADDRESS)
