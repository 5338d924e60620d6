"""One filter form a list: the page's export and the API find the same rows."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests import factories as make
from tests.cast import Cast
from users.models import User

Api = Callable[[User], APIClient]
PLACES = ("", "region=EUROPE", "region=WORLD", "country=JP", "search=acme", "search=o")
DEALS = (*PLACES, "outcome=open", "outcome=overdue", "stage=won", "close_from=2024-07-01", "close_to=2024-06-30")


def _exported(user: User, address: str, column: str) -> list[str]:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/{address}&format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a streamed answer
    lines = list(csv.reader(text.splitlines()))
    head = next(number for number, line in enumerate(lines) if column in line)
    at = lines[head].index(column)
    return sorted(line[at] for line in lines[head + 1 :])


@pytest.mark.parametrize("query", PLACES)
def test_accounts_are_the_same(query: str, cast: Cast, api: Api) -> None:
    make.RevenueEntryFactory(account=cast.other, country="FR")
    for user in (cast.superuser, cast.europe_lead, cast.owner, cast.administrator):
        listed = api(user).get(f"/api/v1/accounts/?{query}").json()["results"]
        assert sorted(record["name"] for record in listed) == _exported(user, f"accounts/?{query}", "Account")


@pytest.mark.parametrize("query", DEALS)
def test_opportunities_are_the_same(query: str, cast: Cast, api: Api) -> None:
    make.OpportunityFactory(account=cast.acme, name="Acme opens", country="FR")
    make.OpportunityFactory(account=cast.acme, name="Acme won", stage_id="won", close_date="2024-08-01")
    split = make.OpportunityFactory(account=cast.other, name="Other", country="JP")
    make.OpportunityLineFactory(opportunity=split, country="DE")
    for user in (cast.superuser, cast.europe_lead, cast.asia_lead, cast.owner):
        listed = api(user).get(f"/api/v1/opportunities/?{query}").json()["results"]
        assert sorted(record["name"] for record in listed) == _exported(user, f"opportunities/?{query}", "Opportunity")
