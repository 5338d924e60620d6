"""The roll-up endpoints, as docs/reference describes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from money.services import pin_business_date
from rollups import services
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db

YEAR = "from=2024-01&to=2024-12"
DAY = dt.date(2024, 1, 15)


@pytest.fixture
def world() -> dict[str, Any]:
    """EMEA with DACH (DE) and DK; an entry in each, one without a country, one without a rate."""
    pin_business_date(on=dt.date(2024, 12, 30), by=None)
    emea, dach = make.RegionFactory(code="EMEA"), make.RegionFactory(code="DACH")
    make.RegionLinkFactory(child=dach, parent=emea)
    make.RegionCountryFactory(region=dach, country="DE")
    make.RegionCountryFactory(region=emea, country="DK")
    make.ExchangeRateFactory(currency_id="USD", date=DAY, rate=Decimal("1.25"))
    account = make.AccountFactory(code="ACME")
    parent, unit = make.OrgUnitFactory(account=account, code="P"), make.OrgUnitFactory(account=account, code="U/1")
    make.OrgLinkFactory(child=unit, parent=parent)
    make.RevenueEntryFactory(account=account, country="DE", org_unit=unit, amount=Decimal("10.005"), date=DAY)
    make.RevenueEntryFactory(
        account=account, country="DK", org_unit=parent, amount=Decimal(100), currency_id="USD", date=DAY
    )
    make.RevenueEntryFactory(account=account, country="", amount=Decimal(7), date=dt.date(2024, 3, 1))
    make.RevenueEntryFactory(account=account, country="DE", amount=Decimal("150000.0000"), currency_id="ARS", date=DAY)
    make.OpportunityFactory(
        account=account, country="DE", org_unit=unit, amount=Decimal(50), close_date=dt.date(2024, 12, 31)
    )
    services.drain()
    return {"account": account, "dach": dach, "emea": emea}


@pytest.fixture
def executive(client: Client) -> Client:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    return client


def _get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"/api/v1/rollups/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()  # type: ignore[no-any-return]


def _codes(node: dict[str, Any]) -> list[tuple[str, str]]:
    return [(child["type"], child["code"]) for child in node["children"]]


def test_a_region_with_its_parts(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"regions/EMEA/?{YEAR}")
    assert node["scope"] == {"type": "region", "code": "EMEA", "name": "Region EMEA"}
    assert node["measures"] == {
        "revenue": "90.00",
        "pipeline_open": "50.00",
        "pipeline_weighted": "25.00",
        "won": "0.00",
        "lost": "0.00",
        "opportunities_open": 1,
        "opportunities_won": 0,
        "opportunities_lost": 0,
    }
    assert node["unpriced"]["revenue"] == {"facts": 1, "amounts": {"ARS": "150000.00"}}
    assert set(node["unpriced"]) == {"revenue", "pipeline_open", "pipeline_weighted", "won", "lost"}
    assert _codes(node) == [("region", "DACH"), ("country", "DK")]
    assert [child["measures"]["revenue"] for child in node["children"]] == ["10.00", "80.00"]
    assert len(node["months"]) == 12
    assert node["months"][0]["revenue"] == "90.00"
    assert (node["own"], node["restricted"], node["fresh"], node["oldest_rate"]) == (None, False, True, "2024-01-15")
    assert node["as_of"] == "2024-12-30"
    assert node["run"] > 0
    assert node["computed_at"].endswith("Z")


def test_roots_and_unallocated_are_all_facts(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/?{YEAR}")
    assert [(node["scope"]["code"], node["measures"]["revenue"]) for node in found["results"]] == [
        ("EMEA", "90.00"),
        ("unallocated", "7.00"),
    ]
    assert _codes(_get(executive, f"regions/unallocated/?{YEAR}")) == [("country", "ZZ")]


def test_an_account_and_its_units(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"accounts/ACME/?{YEAR}")
    assert node["measures"]["revenue"] == "97.00"
    assert _codes(node) == [("org_unit", "P"), ("org_unit", "unallocated")]
    unit = _get(executive, f"accounts/ACME/org-units/P/?{YEAR}")
    assert (unit["measures"]["revenue"], unit["own"]["revenue"]) == ("90.00", "80.00")
    assert [(c["code"], c["measures"]["revenue"], c["measures"]["opportunities_open"]) for c in unit["children"]] == [
        ("U/1", "10.00", 1)
    ]
    leaf = _get(executive, f"accounts/ACME/org-units/{quote('U/1', safe='')}/?{YEAR}")
    assert leaf["own"] == leaf["measures"]
    loose = _get(executive, f"accounts/ACME/org-units/unallocated/?{YEAR}")
    assert loose["own"]["revenue"] == "7.00"
    assert loose["unpriced"]["revenue"]["facts"] == 1
    assert [n["scope"]["code"] for n in _get(executive, f"accounts/?{YEAR}")["results"]] == ["ACME"]


def test_native_money_is_given_by_currency(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"regions/EMEA/?{YEAR}&currency=native")
    assert node["measures"]["revenue"] == {"ARS": "150000.00", "EUR": "10.00", "USD": "100.00"}
    assert node["unpriced"] == {}


def test_another_reporting_currency(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"regions/EMEA/?{YEAR}&currency=USD")
    assert node["measures"]["revenue"] == "112.51"  # 10.005 × 1.25 = 12.50625 → 12.51, and 100.00


@pytest.mark.parametrize(
    ("parameter", "listed"),
    [
        ("currency=GBP", "EUR, USD, native"),
        ("rates=plan", "spot"),
        ("tree=soon", "then, now"),
        ("from=2024-13", "2024-01"),
        ("from=2024-05&to=2024-04", "last"),
        ("from=9999-12&to=9999-12", "9999-11"),
        ("as_of=9999-12-31", "9999-11"),
        ("as_of=2024-02-30", "2024-01-31"),
        ("book=third", "prime, overlay"),
        ("revenue_kind=all", "booked, billed, recognised"),
        ("currencey=EUR", "currency"),
    ],
)
def test_what_names_nothing_is_refused_with_what_there_is(executive: Client, parameter: str, listed: str) -> None:
    answer = executive.get(f"/api/v1/rollups/regions/?{parameter}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert listed in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["regions/NONE/", "accounts/NONE/", "accounts/ACME/org-units/NONE/", "accounts/NONE/org-units/P/", "accounts/%00/"],
)
def test_what_does_not_exist_is_not_found(world: dict[str, Any], executive: Client, path: str) -> None:
    _get(executive, path, 404)


def test_a_stranger_sees_no_account_and_empty_regions(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.UserFactory())
    _get(client, "accounts/ACME/", 404)
    node = _get(client, f"regions/EMEA/?{YEAR}")
    assert (node["measures"]["revenue"], node["measures"]["opportunities_open"]) == ("0.00", 0)
    assert node["restricted"] is True


def test_a_lead_sees_her_region_and_says_when_it_is_a_part(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.RegionLeadFactory(region=world["dach"]).user)
    own, above = _get(client, f"regions/DACH/?{YEAR}"), _get(client, f"regions/EMEA/?{YEAR}")
    assert (own["measures"]["revenue"], own["restricted"]) == ("10.00", False)
    assert (above["measures"]["revenue"], above["restricted"]) == ("10.00", True)
    assert own["measures"]["opportunities_open"] == above["measures"]["opportunities_open"] == 1
    account = _get(client, f"accounts/ACME/?{YEAR}")
    assert (account["measures"]["revenue"], account["restricted"]) == ("10.00", True)


def test_a_team_member_sees_her_account_everywhere(world: dict[str, Any], client: Client) -> None:
    user = make.UserFactory()
    make.TeamMemberFactory(team=world["account"].team, member=make.MemberFactory(user=user))
    make.RevenueEntryFactory(country="DE", amount=Decimal(1000), date=DAY)
    make.OpportunityFactory(country="DE", close_date=dt.date(2024, 12, 31))
    services.drain()
    client.force_login(user)
    node = _get(client, f"regions/EMEA/?{YEAR}")
    assert (node["measures"]["revenue"], node["measures"]["opportunities_open"], node["restricted"]) == (
        "90.00",
        1,
        True,
    )
    account = _get(client, f"accounts/ACME/?{YEAR}")
    assert (account["measures"]["revenue"], account["restricted"]) == ("97.00", False)


def test_another_as_of_date_prices_open_deals_at_once(world: dict[str, Any], executive: Client) -> None:
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 12, 30), rate=Decimal(2))
    make.OpportunityFactory(country="DE", currency_id="USD", amount=Decimal(10), close_date=dt.date(2024, 12, 31))
    services.drain()
    assert _get(executive, f"regions/DACH/?{YEAR}")["measures"]["pipeline_open"] == "55.00"
    past = _get(executive, f"regions/DACH/?{YEAR}&as_of=2024-01-16")
    assert past["measures"]["pipeline_open"] == "58.00"
    assert past["as_of"] == "2024-01-16"


def test_nobody_reads_figures_without_signing_in(client: Client) -> None:
    assert client.get("/api/v1/rollups/regions/").status_code in (401, 403)


def test_a_region_is_read_in_a_fixed_number_of_statements(
    world: dict[str, Any], executive: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        make.RegionCountryFactory(region=make.RegionFactory(), country=f"X{number}")
        make.RevenueEntryFactory(country=f"X{number}", date=DAY)
    services.drain()
    with django_assert_max_num_queries(18):
        _get(executive, f"regions/?{YEAR}")
    with django_assert_max_num_queries(18):
        _get(executive, f"accounts/?{YEAR}")
