"""Lists and records: pages, fields, search, filters, entity tags, problem documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from gam.api import COLLECTIONS
from tests import factories as make
from tests.cast import MOVED_ON, Cast
from users.models import User

Api = Callable[[User], APIClient]


def _codes(answer: object) -> list[str]:
    return [record["code"] for record in answer.json()["results"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.slug)
def test_every_collection_lists_its_columns_and_an_id(collection: type, root: APIClient) -> None:
    answer = root.get(f"/api/v1/{collection.slug}/")  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"results", "next", "previous"}
    for record in answer.json()["results"]:
        assert list(record) == ["id", *(column.name for column in collection.columns)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.slug)
def test_every_filter_of_every_collection_works(collection: Any, cast: Cast, api: Api) -> None:
    """Alone and together, for one who sees everything and for one who does not."""
    texts = {"account": "ACME", "org_unit": "ACME/ACME-DE", "country": "DE", "region": "EUROPE", "on": "2024-03-31"}
    texts |= {"tier": "global", "account_type": "global", "outcome": "overdue", "close_from": "2024-03-31"}
    texts |= {"close_to": "2024-03-31"}
    query = {found.name: texts.get(found.name, "proposal") for found in collection.filters}
    query |= {"search": "ac e"} if collection.search else {}
    for user in (cast.superuser, cast.europe_lead, cast.viewer):
        for asked in (query, *({name: text} for name, text in query.items())):
            answer = api(user).get(f"/api/v1/{collection.slug}/", asked)
            assert answer.status_code == 200, (asked, answer.content)


def test_pages_follow_each_other_and_lead_back(root: APIClient) -> None:
    made = [make.RegionFactory().code for _ in range(7)]
    first = root.get("/api/v1/regions/?page_size=4&search=R").json()
    everything, page, seen = root.get("/api/v1/regions/?page_size=1000").json()["results"], first, []
    first = page = root.get("/api/v1/regions/?page_size=4").json()
    assert page["previous"] is None
    while True:
        seen += page["results"]
        if not page["next"]:
            break
        page = root.get(page["next"]).json()
    assert seen == everything
    assert {record["code"] for record in seen} >= set(made)
    while page["previous"]:
        page = root.get(page["previous"]).json()
    assert page["results"] == first["results"]
    assert page["previous"] is None


def test_a_page_size_beyond_the_limit_is_refused(root: APIClient) -> None:
    for size in ("0", "1001", "-1", "many", ""):
        answer = root.get(f"/api/v1/regions/?page_size={size}")
        assert answer.status_code == 400
        assert "page_size" in answer.json()["errors"]


def test_a_cursor_that_no_page_gave_is_refused(root: APIClient) -> None:
    for cursor in ("", "x", "!!!", "bnVsbA", "WyJ4IiwwXQ"):
        answer = root.get("/api/v1/regions/", {"cursor": cursor})
        assert answer.status_code == 400, cursor
        assert list(answer.json()["errors"]) == ["cursor"]


def test_only_the_fields_asked_for_are_answered(root: APIClient, cast: Cast) -> None:
    assert root.get("/api/v1/accounts/?fields=code,name").json()["results"][0] == {"code": "ACME", "name": "Acme"}
    assert root.get(f"/api/v1/accounts/{cast.acme.pk}/?fields=id").json() == {"id": cast.acme.pk}
    assert root.get("/api/v1/accounts/?fields=code,secret").status_code == 400


def test_unknown_parameters_are_named(root: APIClient) -> None:
    answer = root.get("/api/v1/accounts/?colour=red&search=a")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == ["colour"]
    assert answer.json()["status"] == 400


def test_search_finds_every_word_in_any_case(root: APIClient) -> None:
    make.AccountFactory(code="S", name="Société Générale")
    assert _codes(root.get("/api/v1/accounts/", {"search": "SOCIÉTÉ gén"})) == ["S"]
    assert root.get("/api/v1/accounts/", {"search": "a\x00b"}).status_code == 400


def test_a_region_finds_what_lies_in_it_and_below_now(root: APIClient) -> None:
    assert _codes(root.get("/api/v1/accounts/?region=EUROPE")) == ["ACME"]
    assert _codes(root.get("/api/v1/accounts/?region=WORLD")) == ["ACME", "OTHER"]
    assert _codes(root.get("/api/v1/org-units/?region=ASIA")) == ["OTHER-JP"]
    assert root.get("/api/v1/accounts/?region=ATLANTIS").status_code == 400


def test_filters_by_code_narrow_the_list(root: APIClient, cast: Cast) -> None:
    unit = cast.acme.org_units.get()
    make.RevenueEntryFactory(account=cast.acme, org_unit=unit, external_id="mine")
    make.RevenueEntryFactory(account=cast.other, country="JP", external_id="theirs")
    for query, found in {
        "account=ACME": ["mine"],
        "account=NOBODY": [],
        "org_unit=ACME/ACME-DE": ["mine"],
        "country=JP": ["theirs"],
        "region=EUROPE": ["mine"],
        "kind=booked": [],
        "on=2024-01-15": ["mine", "theirs"],
    }.items():
        listed = root.get(f"/api/v1/revenue/?{query}").json()["results"]
        assert [record["external_id"] for record in listed] == found, query
    for wrong in ("on=yesterday", "on=2024-02-30", "country=Germany", "org_unit=ACME"):
        assert root.get(f"/api/v1/revenue/?{wrong}").status_code == 400, wrong


def test_a_region_shows_the_parent_of_the_day(root: APIClient, cast: Cast) -> None:
    france = make.RegionFactory(code="FRANCE")
    make.RegionLinkFactory(child=france, parent=cast.asia, valid_to=MOVED_ON)
    make.RegionLinkFactory(child=france, parent=cast.europe, valid_from=MOVED_ON)
    now = root.get(f"/api/v1/regions/{france.pk}/").json()
    assert (now["parent_code"], now["valid_from"]) == ("EUROPE", MOVED_ON.isoformat())
    then = root.get("/api/v1/regions/?on=2024-03-31&search=FRANCE").json()["results"][0]
    assert (then["parent_code"], then["valid_from"]) == ("ASIA", "0001-01-01")
    held = root.get("/api/v1/region-countries/?on=2024-03-31&country=FR").json()["results"]
    assert [record["region_code"] for record in held] == ["ASIA"]


@pytest.mark.parametrize(
    ("currency", "stored", "shown"),
    [("EUR", "100", "100.00"), ("EUR", "0.1234", "0.1234"), ("JPY", "5000", "5000"), ("KWD", "1.5", "1.500")],
)
def test_money_has_no_fewer_decimals_than_its_currency(root: APIClient, currency: str, stored: str, shown: str) -> None:
    entry = make.RevenueEntryFactory(amount=Decimal(stored), currency_id=currency)
    assert root.get(f"/api/v1/revenue/{entry.pk}/").json()["amount"] == shown


def test_languages_stand_as_in_the_files(root: APIClient) -> None:
    member = make.MemberFactory(languages=["en:C2", "de:B1"], weekly_hours=Decimal("37.50"))
    record = root.get(f"/api/v1/members/{member.pk}/").json()
    assert record["languages"] == "en:C2;de:B1"
    assert record["skills"] is None
    assert record["weekly_hours"] == "37.5"


def test_a_known_record_is_not_sent_again(root: APIClient, cast: Cast) -> None:
    address = f"/api/v1/accounts/{cast.acme.pk}/"
    tag = root.get(address)["ETag"]
    assert root.get(address, headers={"If-None-Match": tag}).status_code == 304
    cast.acme.name = "Acme Group"
    cast.acme.save()
    assert root.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_what_one_may_not_see_is_not_there(api: Api, cast: Cast) -> None:
    entry = make.RevenueEntryFactory(account=cast.acme)
    outsider = api(cast.outsider)
    for address in (f"accounts/{cast.acme.pk}", f"revenue/{entry.pk}", "accounts/none", "nothing", f"revenue/{10**30}"):
        answer = outsider.get(f"/api/v1/{address}/")
        assert answer.status_code == 404, address
        assert answer["Content-Type"] == "application/problem+json"
    assert outsider.get("/api/v1/revenue/?account=ACME").json()["results"] == []


def test_a_deal_seen_in_part_shows_the_part(api: Api, cast: Cast) -> None:
    """The lead of Asia sees the line in Japan of a deal whose other line is in Germany."""
    deal = make.OpportunityFactory(account=cast.acme, amount=Decimal(300))
    make.OpportunityLineFactory(opportunity=deal, country="JP", amount=Decimal(100))
    make.OpportunityLineFactory(opportunity=deal, country="DE", amount=Decimal(200))
    address = f"/api/v1/opportunities/{deal.pk}/"
    assert api(cast.asia_lead).get(address).json()["amount"] == "100.00"
    assert api(cast.owner).get(address).json()["amount"] == "300.00"
    lines = api(cast.asia_lead).get("/api/v1/opportunity-lines/").json()["results"]
    assert [line["country"] for line in lines] == ["JP"]


def test_a_token_opens_the_api_and_nobody_else_does(cast: Cast, client: Client) -> None:
    token = Token.objects.create(user=cast.owner)
    opened = client.get("/api/v1/accounts/", headers={"Authorization": f"Token {token.key}"})
    assert _codes(opened) == ["ACME"]
    refused = client.get("/api/v1/accounts/")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
    assert refused["WWW-Authenticate"] == "Token"


def test_a_session_may_read_and_needs_its_token_to_write(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.superuser)
    assert client.get("/api/v1/accounts/").status_code == 200
    refused = client.post("/api/v1/accounts/", {"code": "X", "name": "X"}, content_type="application/json")
    assert refused.status_code == 403


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda c: c.slug)
def test_a_list_takes_the_same_few_queries_for_any_number_of_rows(
    collection: type, cast: Cast, api: Api, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for user in (cast.superuser, cast.owner, cast.europe_lead):
        client = api(user)
        with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
            assert client.get(f"/api/v1/{collection.slug}/").status_code == 200  # type: ignore[attr-defined]


def test_more_rows_take_no_more_queries(
    root: APIClient, cast: Cast, django_assert_num_queries: Callable[..., object]
) -> None:
    make.OpportunityFactory.create_batch(30, account=cast.acme)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert len(root.get("/api/v1/opportunities/").json()["results"]) == 30
    day = dt.date(2024, 1, 1)
    make.RevenueEntryFactory.create_batch(30, account=cast.acme, date=day)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(root.get("/api/v1/revenue/?account=ACME").json()["results"]) == 30
