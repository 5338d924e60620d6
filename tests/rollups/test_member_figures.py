"""Members' figures over the API, and the overlay book of regions, accounts and units."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from money.services import pin_business_date
from pipeline.models import OpportunitySplit
from rollups import queries, services
from rollups.lens import parse_lens
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db

YEAR = "from=2024-01&to=2024-12"
MONEY = ("pipeline_open", "pipeline_weighted", "won", "lost")


@pytest.fixture
def world() -> dict[str, Any]:
    """EMEA with Germany and France. One deal of two lines is Ann's and Bob's, and in the overlay book Cy's and Bob's; one
    is its owner's, Ann; one is nobody's."""
    pin_business_date(on=dt.date(2024, 12, 30), by=None)
    emea, france = make.RegionFactory(code="EMEA"), make.RegionFactory(code="FRANCE")
    make.RegionLinkFactory(child=france, parent=emea)
    make.RegionCountryFactory(region=emea, country="DE")
    make.RegionCountryFactory(region=france, country="FR")
    account = make.AccountFactory(code="ACME", name="Acme")
    unit = make.OrgUnitFactory(account=account, code="U")
    ann, bob, cy = (make.MemberFactory(email=f"{name}@x.org", given_name=name.title()) for name in ("ann", "bob", "cy"))
    for member in (ann, bob):
        make.TeamMemberFactory(team=account.team, member=member)
    make.RevenueEntryFactory(account=account, amount=Decimal(1000))
    shared = make.OpportunityFactory(
        account=account, org_unit=unit, amount=None, stage_id="won", close_date=dt.date(2024, 2, 1)
    )
    for line, country, amount in ((1, "DE", "100.01"), (2, "FR", "50")):
        make.OpportunityLineFactory(
            opportunity=shared, line=line, org_unit=unit, country=country, amount=Decimal(amount)
        )
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=shared, member=member, type=kind, percent=Decimal(percent))
        for member, kind, percent in (
            (ann, "prime", "60"), (bob, "prime", "40"), (bob, "overlay", "50"), (cy, "overlay", "33.33"),
        )
    )  # fmt: skip
    make.OpportunityFactory(account=account, owner=ann, amount=Decimal(10), close_date=dt.date(2024, 12, 31))
    make.OpportunityFactory(account=make.AccountFactory(code="B"), amount=Decimal(7), close_date=dt.date(2024, 12, 31))
    services.drain()
    return {"account": account, "france": france, "ann": ann}


@pytest.fixture
def executive(client: Client) -> Client:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    return client


def _get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"/api/v1/rollups/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()  # type: ignore[no-any-return]


def _won(node: dict[str, Any]) -> tuple[str, int]:
    return node["measures"]["won"], node["measures"]["opportunities_won"]


def test_members_and_unassigned_are_all_deals(world: dict[str, Any], executive: Client) -> None:
    nodes = _get(executive, f"members/?{YEAR}")["results"]
    assert {node["scope"]["code"]: _won(node) for node in nodes} == {
        "ann@x.org": ("90.01", 1),
        "bob@x.org": ("60.00", 1),
        "cy@x.org": ("0.00", 0),
        "unassigned": ("0.00", 0),
    }
    regions = _get(executive, f"regions/?{YEAR}")["results"]
    for measure in MONEY:
        assert sum(Decimal(node["measures"][measure]) for node in nodes) == sum(
            Decimal(node["measures"][measure]) for node in regions
        )


def test_a_member_has_no_revenue_and_her_children_are_accounts(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"members/{quote('ann@x.org', safe='')}/?{YEAR}")
    assert node["scope"] == {"type": "member", "code": "ann@x.org", "name": "Ann"}
    assert node["measures"] == {
        "revenue": None,
        "pipeline_open": "10.00",
        "pipeline_weighted": "5.00",
        "won": "90.01",
        "lost": "0.00",
        "opportunities_open": 1,
        "opportunities_won": 1,
        "opportunities_lost": 0,
    }
    assert [month["won"] for month in node["months"]][:3] == ["0.00", "90.01", "0.00"]
    assert {month["revenue"] for month in node["months"]} == {None}
    assert [(child["type"], child["code"], child["name"]) for child in node["children"]] == [
        ("account", "ACME", "Acme")
    ]
    assert (node["own"], node["restricted"], node["lens"]["book"]) == (None, False, "prime")
    assert _get(executive, f"members/ANN@x.org/?{YEAR}")["scope"] == node["scope"]


def test_nobodys_deals_are_unassigned(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"members/unassigned/?{YEAR}")
    assert (node["measures"]["pipeline_open"], node["measures"]["opportunities_open"]) == ("7.00", 1)
    assert [child["code"] for child in node["children"]] == ["B"]


def test_the_overlay_book_is_another_one(world: dict[str, Any], executive: Client) -> None:
    overlay = f"{YEAR}&book=overlay"
    nodes = _get(executive, f"members/?{overlay}")["results"]
    assert {node["scope"]["code"]: _won(node) for node in nodes if node["measures"]["won"] != "0.00"} == {
        "bob@x.org": ("75.00", 1),  # 150.01 × 50 % is 75.005, to the even cent
        "cy@x.org": ("50.00", 1),  # × 33.33 % is 49.998
    }
    emea = _get(executive, f"regions/EMEA/?{overlay}")
    assert _won(emea) == ("125.00", 1)
    assert emea["measures"]["revenue"] is None
    assert [month["revenue"] for month in emea["months"]] == [None] * 12
    # Of the lines 100.01 and 50: 50.00 and 25.00 are Bob's, 33.33 and the rest Cy's.
    assert {child["code"]: _won(child) for child in emea["children"]} == {"DE": ("83.33", 1), "FRANCE": ("41.67", 1)}
    account = _get(executive, f"accounts/ACME/?{overlay}")
    unit = _get(executive, f"accounts/ACME/org-units/U/?{overlay}")
    assert _won(account) == _won(unit) == ("125.00", 1)
    assert (account["measures"]["revenue"], unit["own"]["revenue"]) == (None, None)
    assert _won(_get(executive, f"regions/EMEA/?{YEAR}")) == ("150.01", 1)


def test_native_money_and_another_as_of_date(world: dict[str, Any], executive: Client) -> None:
    node = _get(executive, f"members/ann@x.org/?{YEAR}&currency=native")
    assert (node["measures"]["revenue"], node["measures"]["won"], node["unpriced"]) == (None, {"EUR": "90.01"}, {})
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 6, 1), rate=Decimal(2))
    past = _get(executive, f"members/ann@x.org/?{YEAR}&currency=USD&as_of=2024-06-02")
    assert past["measures"]["pipeline_open"] == "20.00"
    assert past["unpriced"]["won"] == {"facts": 2, "amounts": {"EUR": "90.006"}}
    overlay = _get(executive, f"regions/EMEA/?{YEAR}&currency=USD&as_of=2024-06-02&book=overlay")
    assert overlay["unpriced"]["won"] == {"facts": 2, "amounts": {"EUR": "125.003333"}}
    assert overlay["unpriced"]["revenue"] == {"facts": 0, "amounts": {}}


def test_a_lead_sees_of_a_member_what_lies_in_her_region(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.RegionLeadFactory(region=world["france"]).user)
    node = _get(client, f"members/ann@x.org/?{YEAR}")
    assert (_won(node), node["measures"]["opportunities_open"], node["restricted"]) == (("30.00", 1), 0, True)
    nodes = _get(client, f"members/?{YEAR}")["results"]
    assert sum(Decimal(n["measures"]["won"]) for n in nodes) == Decimal("50.00")
    overlay = _get(client, f"regions/EMEA/?{YEAR}&book=overlay")
    assert (_won(overlay), overlay["restricted"]) == (("41.67", 1), True)


def test_a_team_member_sees_of_others_what_lies_in_her_account(world: dict[str, Any], client: Client) -> None:
    user = make.UserFactory()
    make.TeamMemberFactory(team=world["account"].team, member=make.MemberFactory(user=user))
    client.force_login(user)
    assert _won(_get(client, f"members/ann@x.org/?{YEAR}")) == ("90.01", 1)
    assert _get(client, f"members/unassigned/?{YEAR}")["measures"]["opportunities_open"] == 0


def test_a_viewer_finds_who_shares_her_deals_and_nobody_else(world: dict[str, Any], client: Client) -> None:
    """Deals name their owners and partners to whoever may see them; of other colleagues a viewer knows nothing."""
    user = make.UserFactory(access=Access.VIEWER)
    world["ann"].user = user  # on the team of Acme
    world["ann"].save()
    dan = make.MemberFactory(email="dan@x.org")
    make.OpportunityFactory(account=make.AccountFactory(code="C"), owner=dan, close_date=dt.date(2024, 12, 31))
    services.drain()
    client.force_login(user)
    nodes = _get(client, f"members/?{YEAR}")["results"]
    assert [n["scope"]["code"] for n in nodes] == ["ann@x.org", "bob@x.org", "cy@x.org", "unassigned"]
    regions = _get(client, f"regions/?{YEAR}")["results"]
    for measure in MONEY:
        assert sum(Decimal(node["measures"][measure]) for node in nodes) == sum(
            Decimal(node["measures"][measure]) for node in regions
        )
    assert _won(_get(client, f"members/bob@x.org/?{YEAR}")) == ("60.00", 1)
    _get(client, f"members/dan@x.org/?{YEAR}", 404)


@pytest.mark.parametrize("email", ["none@x.org", "%00", "ann"])
def test_who_does_not_exist_is_not_found(world: dict[str, Any], executive: Client, email: str) -> None:
    _get(executive, f"members/{email}/", 404)


def test_the_check_line_and_the_list_of_unpriced_facts_know_the_book(world: dict[str, Any]) -> None:
    viewer = make.UserFactory(access=Access.EXECUTIVE)
    deal = make.OpportunityFactory(external_id="peso", currency_id="ARS", amount=Decimal("10.01"))
    make.OpportunitySplitFactory(opportunity=deal, type="overlay", percent=Decimal("12.5"))
    make.RevenueEntryFactory(currency_id="ARS")
    services.drain()
    lens = parse_lens({"from": "2024-01", "to": "2024-12", "book": "overlay"})
    line = queries.check_line(viewer=viewer, lens=lens)
    assert line.agrees
    assert {(row.measure, row.currency, row.straight.facts) for row in line.rows} == {
        ("pipeline_open", "ARS", 1),
        ("pipeline_weighted", "ARS", 1),
        ("won", "EUR", 2),
    }
    found = queries.unpriced_facts(viewer=viewer, lens=lens)
    assert [(fact.external_id, fact.amount) for fact in found] == [("peso", Decimal("1.25125"))]


def test_members_are_read_in_a_fixed_number_of_statements(
    world: dict[str, Any], executive: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make.OpportunityFactory(owner=make.MemberFactory(), close_date=dt.date(2024, 5, 1))
    services.drain()
    with django_assert_max_num_queries(15):
        _get(executive, f"members/?{YEAR}")
    with django_assert_max_num_queries(15):
        _get(executive, f"members/ann@x.org/?{YEAR}")
    with django_assert_max_num_queries(18):
        _get(executive, f"regions/?{YEAR}&book=overlay")
