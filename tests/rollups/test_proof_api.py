"""Proofs over HTTP: what a row says, what was left out and why, and pages that cost the same whatever lies under a node."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import OpportunitySplit
from rollups import services
from tests import factories as make
from users.permissions import Access

pytestmark = pytest.mark.django_db

YEAR = "from=2024-01&to=2024-12"
DAY = dt.date(2024, 1, 14)
"""A Sunday: its rate is Friday's."""


@pytest.fixture
def world() -> dict[str, Any]:
    """EMEA with DACH (DE) and DK; ACME with a unit P and below it U/1; entries and deals of every kind."""
    pin_business_date(on=dt.date(2024, 6, 30), by=None)
    emea, dach = make.RegionFactory(code="EMEA"), make.RegionFactory(code="DACH")
    make.RegionLinkFactory(child=dach, parent=emea)
    make.RegionCountryFactory(region=dach, country="DE")
    make.RegionCountryFactory(region=emea, country="DK")
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 12), rate=Decimal("1.25"))
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 6, 28), rate=Decimal(2))
    for day, rate in ((3, "1.1"), (4, "1.2"), (5, "1.3")):
        make.ExchangeRateFactory(currency_id="USD", date=dt.date(2023, 1, day), rate=Decimal(rate))
    account = make.AccountFactory(code="ACME", name="Acme")
    parent, unit = make.OrgUnitFactory(account=account, code="P"), make.OrgUnitFactory(account=account, code="U/1")
    make.OrgLinkFactory(child=unit, parent=parent)
    product = make.ProductFactory(code="PUMP")
    entry = {"account": account, "date": DAY}
    make.RevenueEntryFactory(**entry, external_id="de", country="DE", org_unit=unit, amount=Decimal("10.005"))
    make.RevenueEntryFactory(
        **entry, external_id="dk", country="DK", org_unit=parent, amount=100, currency_id="USD", product=product
    )
    make.RevenueEntryFactory(**entry, external_id="nowhere", country="", amount=7)
    make.RevenueEntryFactory(**entry, external_id="peso", country="DE", amount=150000, currency_id="ARS")
    make.RevenueEntryFactory(**entry, external_id="bill", country="DE", amount=3, kind="billed")
    deal = {"account": account, "country": "DE", "close_date": dt.date(2024, 9, 30), "stage_id": "proposal"}
    make.OpportunityFactory(
        **deal, external_id="half", amount=Decimal("100.01"), currency_id="USD", probability=Decimal("33.33")
    )
    big = make.OpportunityFactory(**deal, external_id="big", amount=None)
    make.OpportunityLineFactory(opportunity=big, line=1, country="DE", org_unit=unit, amount=Decimal("10.005"))
    make.OpportunityLineFactory(opportunity=big, line=2, country="DK", amount=Decimal("10.015"))
    make.OpportunityFactory(**deal, external_id="aside", amount=999, forecast_category="omitted")
    make.OpportunityFactory(**deal, external_id="unknown", amount=None)
    services.drain()
    return {"account": account, "emea": emea, "dach": dach, "unit": unit}


@pytest.fixture
def executive(client: Client) -> Client:
    client.force_login(make.UserFactory(access=Access.EXECUTIVE))
    return client


def _get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(path if path.startswith("http") else f"/api/v1/rollups/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()  # type: ignore[no-any-return]


def _ids(found: dict[str, Any]) -> list[str]:
    return [row["external_id"] for row in found["results"]]


def test_a_row_says_how_it_was_priced(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/proof/?measure=revenue&{YEAR}&currency=USD")
    assert (found["total"], found["facts"], found["sum_of_page"]) == ("112.51", 2, "112.51")
    dk, de = found["results"]
    assert (dk["external_id"], dk["price"], dk["legs"], dk["converted"]) == ("dk", "1", [], "100.00")
    assert {name: de[name] for name in ("kind", "account", "org_unit", "country", "date", "rate_date")} == {
        "kind": "revenue_entry", "account": "ACME", "org_unit": "U/1", "country": "DE", "date": "2024-01-14",
        "rate_date": "2024-01-14",
    }  # fmt: skip
    assert (de["amount"], de["currency"], de["price"], de["share"], de["converted"]) == (
        "10.005", "EUR", "1.25", "100", "12.51",
    )  # fmt: skip
    base, goal = de["legs"]
    assert (base["currency"], base["rate"], base["date"], base["source"]) == ("EUR", "1", None, "base of spot")
    assert (goal["currency"], goal["rate"], goal["date"], goal["source"]) == (
        "USD", "1.25", "2024-01-12", "spot, published 2024-01-12",
    )  # fmt: skip
    assert (found["oldest_rate"], found["run"]["kind"], found["fresh"]) == ("2024-01-12", "rebuild", True)


def test_a_mean_says_of_which_days(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/proof/?measure=revenue&{YEAR}&rates=constant&country=DK")
    (row,) = found["results"]
    source, _goal = row["legs"]
    assert (source["rate"], source["sum"], source["days"], source["month"]) == ("1.2", "3.6", 3, "2023-01")
    assert source["source"] == "spot, mean of 3 days of Jan 2023"
    assert (row["converted"], found["total"], found["parts"][0]["code"]) == ("83.33", "83.33", "DK")


def test_lines_of_a_deal_are_weighted_one_by_one(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/proof/?measure=pipeline_weighted&{YEAR}")
    rows = {row["external_id"]: (row["probability"], row["amount"], row["converted"]) for row in found["results"]}
    assert rows == {
        "half": ("33.33", "100.01", "16.67"),
        "big/1": ("50.00", "10.005", "5.00"),
        "big/2": ("50.00", "10.015", "5.01"),
    }
    assert found["total"] == "26.68"
    assert {row["rate_date"] for row in found["results"]} == {"2024-06-30"}


def test_deals_are_counted_once_where_their_lines_lie(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/proof/?measure=opportunities_open&{YEAR}")
    assert (found["total"], sorted(_ids(found))) == (3, ["big", "half", "unknown"])
    (big,) = _get(executive, f"regions/EMEA/proof/?measure=opportunities_open&{YEAR}&country=DK")["results"]
    assert (big["external_id"], big["amount"], big["converted"]) == ("big", "10.015", None)


def test_what_is_left_out_is_said_with_its_reason(world: dict[str, Any], executive: Client) -> None:
    found = _get(executive, f"regions/EMEA/proof/?measure=revenue&{YEAR}")
    groups = [(g["reason"], g["kind"], g["facts"], g["amounts"]) for g in found["excluded"]]
    assert groups == [
        ("no_rate", None, 1, {"ARS": "150000.00"}),
        ("other_kind", "billed", 1, {"EUR": "3.00"}),
    ]
    found = _get(executive, f"regions/EMEA/proof/?measure=pipeline_open&{YEAR}")
    said = [(g["reason"], g["facts"], g["amounts"]) for g in found["excluded"]]
    assert said == [("omitted", 1, {"EUR": "999.00"}), ("no_amount", 1, {})]
    listed = _get(executive, f"regions/EMEA/proof/?measure=pipeline_open&{YEAR}&excluded=omitted")
    assert (_ids(listed), listed["results"][0]["converted"], listed["excluded_for"]) == (["aside"], None, "omitted")
    listed = _get(executive, f"regions/EMEA/proof/?measure=revenue&{YEAR}&excluded=no_rate")
    assert _ids(listed) == ["peso"]


def test_the_check_line_has_both_numbers(world: dict[str, Any], executive: Client) -> None:
    check = _get(executive, f"proof/?measure=revenue&{YEAR}")["check"]
    assert check["agrees"] is True
    assert [(row["currency"], row["rollups"], row["facts"]) for row in check["rows"]] == [
        (code, side, side)
        for code, side in (
            ("ARS", {"facts": 1, "amount": "150000.00", "unpriced": 1, "unpriced_amount": "150000.00"}),
            ("EUR", {"facts": 2, "amount": "17.005", "unpriced": 0, "unpriced_amount": "0.00"}),
            ("USD", {"facts": 1, "amount": "100.00", "unpriced": 0, "unpriced_amount": "0.00"}),
        )
    ]


def test_a_change_that_waits_shows_in_the_check_line(world: dict[str, Any], executive: Client) -> None:
    make.RevenueEntryFactory(account=world["account"], country="DE", amount=5, date=DAY)
    found = _get(executive, f"regions/DACH/proof/?measure=revenue&{YEAR}")
    assert (found["fresh"], found["check"]["agrees"]) == (False, False)


def test_a_corrected_rate_is_listed(world: dict[str, Any], executive: Client) -> None:
    ExchangeRate.objects.filter(date=dt.date(2024, 1, 12)).update(rate=Decimal("1.6"))
    services.drain()
    found = _get(executive, f"regions/EMEA/proof/?measure=revenue&{YEAR}")
    (restated,) = found["restatements"]
    assert (restated["currency"], restated["date"], restated["rate"], restated["facts"]) == (
        "USD", "2024-01-12", "1.6", 1,
    )  # fmt: skip
    assert restated["earlier"] == ["1.25"]  # as published, though nobody had changed it before
    dk = next(row for row in found["results"] if row["external_id"] == "dk")
    assert (dk["legs"][0]["corrected_at"], dk["converted"]) == (restated["corrected_at"], "62.50")
    assert not _get(executive, f"regions/DACH/proof/?measure=revenue&{YEAR}")["restatements"]


def test_a_late_fact_is_provisional(world: dict[str, Any], executive: Client) -> None:
    make.RevenueEntryFactory(
        account=world["account"],
        external_id="late",
        country="DE",
        amount=2,
        currency_id="USD",
        date=dt.date(2024, 6, 29),
    )
    services.drain()
    found = _get(executive, f"regions/DACH/proof/?measure=revenue&{YEAR}")
    assert [(row["external_id"], row["provisional"]) for row in found["results"]] == [("late", True), ("de", False)]
    assert found["provisional"] is True


def test_parts_of_a_node_have_their_own_proof(world: dict[str, Any], executive: Client) -> None:
    cases = {
        "proof/": ("97.00", ["nowhere", "dk", "de"]),
        "proof/?child=unallocated": ("7.00", ["nowhere"]),
        "proof/?child=EMEA": ("90.00", ["dk", "de"]),
        "regions/EMEA/proof/?child=DACH": ("10.00", ["de"]),
        "regions/EMEA/proof/?month=2024-02": ("0.00", []),
        "regions/EMEA/proof/?account=ACME": ("90.00", ["dk", "de"]),
        "regions/unallocated/proof/": ("7.00", ["nowhere"]),
        "regions/unallocated/proof/?country=ZZ": ("7.00", ["nowhere"]),
        "accounts/ACME/proof/?child=P": ("90.00", ["dk", "de"]),
        "accounts/ACME/proof/?child=unallocated": ("7.00", ["nowhere"]),
        "accounts/ACME/proof/?country=DK": ("80.00", ["dk"]),
        "accounts/ACME/org-units/P/proof/": ("90.00", ["dk", "de"]),
        "accounts/ACME/org-units/P/proof/?child=own": ("80.00", ["dk"]),
        f"accounts/ACME/org-units/{quote('U/1', safe='')}/proof/": ("10.00", ["de"]),
    }
    for path, expected in cases.items():
        found = _get(executive, f"{path}{'&' if '?' in path else '?'}measure=revenue&{YEAR}")
        assert (found["total"], _ids(found)) == expected, path


def test_pages_run_on_and_back(world: dict[str, Any], executive: Client) -> None:
    first = _get(executive, f"proof/?measure=revenue&{YEAR}&page_size=2")
    assert (_ids(first), first["previous"], first["running"]) == (
        ["nowhere", "dk"], None, {"facts": 2, "sum": "87.00"},
    )  # fmt: skip
    second = _get(executive, first["next"])
    assert (_ids(second), second["next"], second["running"]) == (["de"], None, {"facts": 3, "sum": "97.00"})
    assert (second["excluded"], second["check"]) == (None, None)
    back = _get(executive, second["previous"])
    assert (_ids(back), back["running"]) == (_ids(first), first["running"])


def test_a_lead_proves_what_she_sees_and_is_told_so(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.RegionLeadFactory(region=world["dach"]).user)
    found = _get(client, f"regions/EMEA/proof/?measure=revenue&{YEAR}")
    assert (_ids(found), found["total"], found["restricted"]) == (["de"], "10.00", True)
    hidden = found["excluded"][-1]
    assert (hidden["reason"], hidden["facts"], hidden["amounts"]) == ("restricted", None, {})
    own = _get(client, f"regions/DACH/proof/?measure=revenue&{YEAR}")
    assert (own["total"], own["restricted"]) == ("10.00", False)
    (big,) = [
        row
        for row in _get(client, f"proof/?measure=opportunities_open&{YEAR}")["results"]
        if row["external_id"] == "big"
    ]
    assert big["amount"] == "10.005"


def test_outsiders_find_nothing(world: dict[str, Any], client: Client) -> None:
    client.force_login(make.UserFactory(access=Access.VIEWER))
    for path in ("accounts/ACME/", "accounts/ACME/org-units/P/", "regions/NOWHERE/", "members/a@x.org/"):
        _get(client, f"{path}proof/?measure=won&{YEAR}", 404)
    found = _get(client, f"regions/EMEA/proof/?measure=revenue&{YEAR}")
    assert (found["total"], found["results"]) == ("0.00", [])


def test_members_shares_are_proven(world: dict[str, Any], executive: Client) -> None:
    one, other = make.MemberFactory(email="a@x.org"), make.MemberFactory(email="b@x.org")
    deal = make.OpportunityFactory(
        account=world["account"], external_id="shared", country="DE", amount=Decimal("0.05"), stage_id="won",
        close_date=DAY,
    )  # fmt: skip
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=member, type="prime", percent=50) for member in (one, other)
    )
    services.drain()
    first, second = (_get(executive, f"members/{m}@x.org/proof/?measure=won&{YEAR}") for m in "ab")
    assert [(row["share"], row["amount"], row["converted"]) for row in first["results"]] == [("50.00", "0.05", "0.03")]
    assert (first["total"], second["total"]) == ("0.03", "0.02")
    _get(executive, f"members/a@x.org/proof/?measure=revenue&{YEAR}", 400)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "revenue, pipeline_open"),
        ("measure=nothing", "revenue, pipeline_open"),
        ("measure=revenue&excluded=all", "no_rate, omitted, no_amount"),
        ("measure=revenue&cursor=x", "cursor"),
        ("measure=revenue&cursor=WzEsMl0", "cursor"),
        ("measure=revenue&month=2023-01", "outside the range"),
        ("measure=revenue&month=x", "2024-01"),
        ("measure=revenue&country=de%00", "code of a country"),
        ("measure=revenue&book=overlay", "no owner"),
        ("measure=revenue&page_size=0", "1 to 1000"),
        ("measure=revenue&colour=red", "Unknown parameter"),
    ],
)
def test_what_names_nothing_is_refused(world: dict[str, Any], executive: Client, query: str, said: str) -> None:
    assert said in str(_get(executive, f"regions/EMEA/proof/?{YEAR}&{query}", 400))


def test_a_page_costs_as_many_queries_with_more_facts(world: dict[str, Any], executive: Client) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            _get(executive, path)
        return len(queries)

    path = f"regions/EMEA/proof/?measure=revenue&{YEAR}"
    before = cost(path)
    for n in range(30):
        make.RevenueEntryFactory(
            account=make.AccountFactory(), country="DE", amount=n, date=DAY, currency_id=("EUR", "USD", "ARS")[n % 3]
        )
    services.drain()
    assert cost(path) == before <= 26
