"""The bridges' endpoints, as docs/reference describes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from money.services import pin_business_date
from rollups import services
from rollups.bridge import PARTS
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db

YEAR = "from=2024-01&to=2024-12"
BEFORE, AFTER = dt.date(2023, 3, 15), dt.date(2024, 3, 15)


@pytest.fixture
def world() -> dict[str, Any]:
    """ACME sells in Germany (DACH, below EMEA) and in Denmark, which came from NORDICS to EMEA with 2024, and nowhere."""
    pin_business_date(on=dt.date(2024, 12, 30), by=None)
    emea, dach, nordics = (make.RegionFactory(code=code) for code in ("EMEA", "DACH", "NORDICS"))
    make.RegionLinkFactory(child=dach, parent=emea)
    make.RegionCountryFactory(region=dach, country="DE")
    make.RegionCountryFactory(region=nordics, country="DK", valid_to=dt.date(2024, 1, 1))
    make.RegionCountryFactory(region=emea, country="DK", valid_from=dt.date(2024, 1, 1))
    account = make.AccountFactory(code="ACME")
    parent, unit = make.OrgUnitFactory(account=account, code="P"), make.OrgUnitFactory(account=account, code="U/1")
    make.OrgLinkFactory(child=unit, parent=parent)
    for day, rate, euros in ((BEFORE, "1.25", "100"), (AFTER, "2", "120")):
        make.ExchangeRateFactory(currency_id="USD", date=day, rate=Decimal(rate))
        sold = {"account": account, "date": day}
        make.RevenueEntryFactory(**sold, country="DE", org_unit=unit, amount=Decimal(euros))
        make.RevenueEntryFactory(**sold, country="DK", org_unit=parent, amount=Decimal(100), currency_id="USD")
        make.RevenueEntryFactory(**sold, country="", amount=Decimal(7))
    make.RevenueEntryFactory(account=account, country="DE", amount=Decimal(5000), currency_id="ARS", date=AFTER)
    services.drain()
    return {"account": account, "dach": dach}


@pytest.fixture
def executive(client: Client) -> Client:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    return client


def _get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"/api/v1/rollups/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()  # type: ignore[no-any-return]


def _six(node: dict[str, Any]) -> list[str]:
    return [node[name] for name in PARTS]


def test_a_region_with_its_parts(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/bridge/?{YEAR}")
    assert _six(found) == ["100.00", "80.00", "20.00", "0.00", "-30.00", "170.00"]
    assert [(child["type"], child["code"], _six(child)) for child in found["children"]] == [
        ("region", "DACH", ["100.00", "0.00", "20.00", "0.00", "0.00", "120.00"]),
        ("country", "DK", ["0.00", "80.00", "0.00", "0.00", "-30.00", "50.00"]),
    ]
    assert (found["k"], found["tree_day"], found["own"], found["restricted"]) == (12, "2024-12-31", None, False)
    before, after = found["periods"]["before"], found["periods"]["after"]
    assert (before["from"], before["to"], before["unpriced"]["facts"]) == ("2023-01", "2023-12", 0)
    assert after["unpriced"] == {"facts": 1, "amounts": {"ARS": "5000.00"}}


def test_a_country_of_a_region_with_its_accounts(world: dict[str, Any], executive: Client) -> None:
    other = make.AccountFactory(code="OTHER")
    make.RevenueEntryFactory(account=other, country="DK", amount=Decimal(3), date=AFTER)
    services.drain()
    region = _get(executive, f"regions/EMEA/bridge/?{YEAR}")
    found = _get(executive, f"regions/EMEA/bridge/?child=DK&{YEAR}")
    assert found["scope"] == {"type": "country", "code": "DK", "name": "Denmark"}
    assert _six(found) == _six(region["children"][1]) == ["0.00", "80.00", "3.00", "0.00", "-30.00", "53.00"]
    assert [(child["type"], child["code"], _six(child)) for child in found["children"]] == [
        ("account", "ACME", ["0.00", "80.00", "0.00", "0.00", "-30.00", "50.00"]),
        ("account", "OTHER", ["0.00", "0.00", "3.00", "0.00", "0.00", "3.00"]),
    ]
    # It left the Nordics, and never stood in Germany's region.
    assert _six(_get(executive, f"regions/NORDICS/bridge/?child=DK&{YEAR}"))[:2] == ["80.00", "-80.00"]
    assert set(_six(_get(executive, f"regions/DACH/bridge/?child=DK&{YEAR}"))) == {"0.00"}
    assert _six(_get(executive, f"regions/unallocated/bridge/?child=ZZ&{YEAR}"))[0] == "7.00"
    _get(executive, f"regions/EMEA/bridge/?child=DACH&{YEAR}", 404)
    _get(executive, f"bridge/?child=DK&{YEAR}", 400)


def test_the_world_is_the_roots_and_what_is_unallocated(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"bridge/?{YEAR}")
    assert _six(found) == ["187.00", "0.00", "20.00", "0.00", "-30.00", "177.00"]
    assert [(child["code"], child["structure"]) for child in found["children"]] == [
        ("EMEA", "80.00"),
        ("NORDICS", "-80.00"),
        ("unallocated", "0.00"),
    ]
    assert _six(_get(executive, f"regions/unallocated/bridge/?{YEAR}"))[0] == "7.00"


def test_an_account_and_its_units(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"accounts/ACME/bridge/?{YEAR}")
    assert _six(found) == ["187.00", "0.00", "20.00", "0.00", "-30.00", "177.00"]
    assert [child["code"] for child in found["children"]] == ["P", "unallocated"]
    unit = _get(executive, f"accounts/ACME/org-units/P/bridge/?{YEAR}")
    assert [unit["own"][name] for name in PARTS] == ["80.00", "0.00", "0.00", "0.00", "-30.00", "50.00"]
    assert [child["code"] for child in unit["children"]] == ["U/1"]
    leaf = _get(executive, f"accounts/ACME/org-units/{quote('U/1', safe='')}/bridge/?{YEAR}")
    assert leaf["own"] == {name: leaf[name] for name in PARTS}


@pytest.mark.parametrize("k", [1, 3, 12, 13, 120])
@pytest.mark.parametrize("more", ["", "&currency=USD", "&revenue_kind=booked"])
@pytest.mark.parametrize("node", ["regions/EMEA/", "accounts/ACME/", "accounts/ACME/org-units/P/"])
def test_it_begins_and_ends_on_figures(world: dict[str, Any], executive: Client, node: str, more: str, k: int) -> None:
    found = _get(executive, f"{node}bridge/?from=2024-02&to=2024-04&k={k}{more}")
    for name, end in (("before", found["periods"]["before"]), ("after", found["periods"]["after"])):
        figure = _get(executive, f"{node}?from={end['from']}&to={end['to']}{more}")
        assert (found[name], end["unpriced"]) == (figure["measures"]["revenue"], figure["unpriced"]["revenue"])
    assert sum(Decimal(found[name]) for name in PARTS[:-1]) == Decimal(found["after"])


def test_the_numbers_do_not_depend_on_the_as_of_date(world: dict[str, Any], executive: Client) -> None:
    one, other = (_get(executive, f"regions/EMEA/bridge/?{YEAR}&as_of={day}") for day in ("2024-12-30", "2023-01-01"))
    assert _six(one) == _six(other)


def test_what_the_definition_fixes_may_be_said(world: dict[str, Any], executive: Client) -> None:
    assert _six(_get(executive, f"bridge/?{YEAR}&rates=spot&tree=then&book=prime&k=12")) == _six(
        _get(executive, f"bridge/?{YEAR}")
    )


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("currency=native", "needs one currency. There are: EUR, USD"),
        ("currency=GBP", "EUR, USD"),
        ("rates=constant", "only spot"),
        ("tree=now", "only then"),
        ("tree=2024-01-01", "only then"),
        ("k=0", "1 to 120"),
        ("k=121", "1 to 120"),
        ("k=-12", "1 to 120"),
        ("k=twelve", "1 to 120"),
        ("from=2024-05&to=2024-04", "last"),
        ("from=0001-01&to=0001-02", "before the calendar"),
        ("kk=12", "k"),
    ],
)
@pytest.mark.parametrize("node", ["", "regions/EMEA/", "accounts/ACME/", "accounts/ACME/org-units/P/"])
def test_what_has_no_bridge_is_refused_in_words(
    world: dict[str, Any], executive: Client, node: str, parameter: str, said: str
) -> None:
    answer = executive.get(f"/api/v1/rollups/{node}bridge/?{parameter}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    "node", ["regions/NONE/", "accounts/NONE/", "accounts/ACME/org-units/NONE/", "accounts/NONE/org-units/P/"]
)
def test_what_does_not_exist_is_not_found(world: dict[str, Any], executive: Client, node: str) -> None:
    _get(executive, f"{node}bridge/", 404)


def test_a_lead_sees_her_part_and_is_told_so(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.RegionLeadFactory(region=world["dach"]).user)
    own, above = _get(client, f"regions/DACH/bridge/?{YEAR}"), _get(client, f"regions/EMEA/bridge/?{YEAR}")
    assert _six(own) == _six(above) == ["100.00", "0.00", "20.00", "0.00", "0.00", "120.00"]
    assert (own["restricted"], above["restricted"]) == (False, True)
    assert _get(client, f"accounts/ACME/bridge/?{YEAR}")["restricted"] is True


def test_a_stranger_sees_no_account_and_empty_regions(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.UserFactory())
    _get(client, "accounts/ACME/bridge/", 404)
    assert set(_six(_get(client, f"regions/EMEA/bridge/?{YEAR}"))) == {"0.00"}


def test_nobody_reads_bridges_without_signing_in(client: Client) -> None:
    assert client.get("/api/v1/rollups/bridge/").status_code in (401, 403)


@pytest.mark.parametrize("node", ["regions/EMEA/", "accounts/ACME/", ""])
def test_a_bridge_costs_as_many_statements_whatever_the_node(
    world: dict[str, Any], executive: Client, django_assert_max_num_queries: DjangoAssertNumQueries, node: str
) -> None:
    for number in range(10):
        region = make.RegionFactory()
        make.RegionLinkFactory(child=region, parent=world["dach"])
        make.RegionCountryFactory(region=region, country=f"X{number}")
        unit = make.OrgUnitFactory(account=world["account"])
        make.RevenueEntryFactory(account=world["account"], org_unit=unit, country=f"X{number}", date=AFTER)
    services.drain()
    with django_assert_max_num_queries(30):
        _get(executive, f"{node}bridge/?{YEAR}")
