"""Every list, by every column that sorts it, both ways: its pages hold each row once, and its file the same rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from imports.models import ImportBatch
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(cast: Cast) -> Cast:
    make.RateSetFactory()
    make.ExchangeRateFactory()
    for number in range(9):
        make.AccountFactory(name=f"Same {number % 2}", tier_id="key" if number % 3 else None)
        make.OpportunityFactory(
            account=cast.acme,
            currency_id=("EUR", "USD", "ARS")[number % 3],
            amount=Decimal(number // 2) if number else None,
            owner=make.MemberFactory() if number % 2 else None,
        )
        make.ContactFactory(account=cast.acme, family_name=f"Same {number % 2}")
        ImportBatch.objects.create(by=cast.superuser)
    return cast


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/",
        "/opportunities/",
        "/accounts/ACME/opportunities/",
        "/accounts/ACME/people/",
        "/teams/",
        "/set-up/people/",
        "/imports/",
    ],
)
def test_every_order_pages_through_every_row_once(rows: Cast, path: str) -> None:
    client = Client()
    client.force_login(rows.superuser)
    bound: Any = client.get(path).context["list"]
    names = [column.name for column in bound.spec.columns if column.sort is not None]
    assert len(names) > 2
    for name in names:
        for sort in (name, f"-{name}"):
            seen, url = [], f"{path}?size=4&sort={sort}"
            while url:
                page = client.get(url).context["list"]
                seen += [row.source.pk for row in page.rows]
                url = page.next_url
            assert len(seen) == len(set(seen)) == bound.count, sort
            file = b"".join(client.get(f"{path}?format=csv&sort={sort}").streaming_content).decode()  # type: ignore[attr-defined]
            lines = [line for line in file.splitlines() if not line.lstrip("\ufeff").startswith(("#", '"#'))]
            assert len(lines) == len(seen) + 1, sort


def test_the_amounts_of_many_currencies_are_put_in_order_by_what_they_are_worth(cast: Cast) -> None:
    make.RateSetFactory()
    make.ExchangeRateFactory(currency_id="JPY", rate=Decimal(160))
    for name, currency, amount in (("yen", "JPY", 16_000), ("euro", "EUR", 150), ("peso", "ARS", 10**9)):
        make.OpportunityFactory(account=cast.acme, name=name, currency_id=currency, amount=Decimal(amount))
    client = Client()
    client.force_login(cast.superuser)
    found = client.get("/opportunities/?sort=-amount").context["list"].rows
    assert [row.source.name for row in found] == ["euro", "yen", "peso"]  # what has no rate stands last
