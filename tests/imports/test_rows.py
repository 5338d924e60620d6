"""Rows written one by one or in lists, as the API and forms write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.loading import ACCOUNTS, ORG_LINKS, ORG_UNITS
from accounts.models import Account, OrgLink, OrgUnit
from core.staging import FileSpec
from core.staging_rows import RowsRejected, Written, write_rows
from money.loading import EXCHANGE_RATES
from money.models import ExchangeRate, RateSet
from pipeline.loading import OPPORTUNITIES
from pipeline.loading_parts import OPPORTUNITY_LINES, OPPORTUNITY_SPLITS
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit
from regions.loading import REGION_COUNTRIES, REGION_LINKS, REGIONS
from regions.models import Region, RegionCountry, RegionLink
from revenue.loading import REVENUE
from revenue.models import RevenueEntry
from teams.loading import MEMBERS

pytestmark = pytest.mark.django_db


def put(spec: FileSpec, *rows: dict[str, Any], **options: Any) -> Written:
    return write_rows(spec, rows, by=None, **options)


def refused(spec: FileSpec, *rows: dict[str, Any], **options: Any) -> list[tuple[int, str, str]]:
    with pytest.raises(RowsRejected) as caught:
        put(spec, *rows, **options)
    return [(p.line, p.column, p.reason) for p in caught.value.problems]


def test_a_rate_is_created_then_unchanged_then_corrected() -> None:
    row = {"base": "EUR", "currency": "USD", "date": "2024-01-02", "rate_set": "", "rate": "1.0956"}
    assert put(EXCHANGE_RATES, row).created == 1
    assert put(EXCHANGE_RATES, row).unchanged == 1
    assert put(EXCHANGE_RATES, {**row, "rate": "1.1"}).updated == 1
    assert RateSet.objects.get().base_id == "EUR"
    assert str(ExchangeRate.objects.get().rate) == "1.100000000000000000"


def test_a_rate_keeps_eighteen_decimals_and_is_never_cut() -> None:
    row = {"base": "EUR", "currency": "KWD", "date": "2024-01-02", "rate": "0.335812345678901234"}
    put(EXCHANGE_RATES, row)
    assert str(ExchangeRate.objects.get().rate) == "0.335812345678901234"
    assert refused(EXCHANGE_RATES, {**row, "rate": "0.3358123456789012345"})[0][1] == "rate"


def test_a_second_base_is_refused() -> None:
    row = {"base": "EUR", "currency": "USD", "date": "2024-01-02", "rate": "1.0956"}
    found = refused(EXCHANGE_RATES, row, {**row, "base": "GBP", "date": "2024-01-03"})
    assert [(line, column) for line, column, _ in found] == [(2, "base")]


def test_regions_stand_under_parents_that_come_later() -> None:
    written = put(
        REGIONS,
        {"code": "DACH", "name": "DACH", "parent_code": "EMEA", "valid_from": "2020-01-01"},
        {"code": "EMEA", "name": "Europe", "parent_code": "", "valid_from": ""},
    )
    assert written.created == 2
    link = RegionLink.objects.get()
    assert (link.child.code, link.parent.code, link.valid_from) == ("DACH", "EMEA", dt.date(2020, 1, 1))
    assert Region.objects.get(code="DACH").pk == written.ids[0]


def test_a_country_moves_from_a_day_on() -> None:
    put(REGIONS, {"code": "A", "name": "A"}, {"code": "B", "name": "B"})
    put(REGION_COUNTRIES, {"region_code": "A", "country": "DE", "valid_from": ""})
    put(REGION_COUNTRIES, {"region_code": "B", "country": "DE", "valid_from": "2022-01-01"})
    rows = RegionCountry.objects.order_by("valid_from").values_list("region__code", "valid_from", "valid_to")
    assert list(rows) == [("A", dt.date(1, 1, 1), dt.date(2022, 1, 1)), ("B", dt.date(2022, 1, 1), None)]


def test_a_cycle_of_regions_names_its_rows() -> None:
    put(REGIONS, {"code": "A", "name": "A"}, {"code": "B", "name": "B"})
    found = refused(
        REGION_LINKS,
        {"child_code": "A", "parent_code": "B", "valid_from": "2020-01-01"},
        {"child_code": "B", "parent_code": "A", "valid_from": "2021-01-01"},
    )
    assert [(line, column) for line, column, _ in found] == [(1, "parent_code"), (2, "parent_code")]


def test_revenue_takes_its_country_from_the_unit_and_keeps_it() -> None:
    put(ACCOUNTS, {"code": "ACME", "name": "Acme"})
    put(ORG_UNITS, {"account_code": "ACME", "code": "HQ", "name": "Acme AG", "country": "DE"})
    row = {
        "external_id": "R1",
        "account_code": "ACME",
        "org_unit_code": "HQ",
        "country": "",
        "date": dt.date(2024, 5, 1),
        "amount": 12.5,
        "currency": "EUR",
    }
    put(REVENUE, row)
    put(ORG_UNITS, {"account_code": "ACME", "code": "HQ", "name": "Acme AG", "country": "FR"})
    assert put(REVENUE, row).unchanged == 1
    entry = RevenueEntry.objects.get()
    assert (str(entry.country), str(entry.amount), entry.kind) == ("DE", "12.5000", "recognised")


def test_units_and_links_of_an_account() -> None:
    put(ACCOUNTS, {"code": "ACME", "name": "Acme"})
    unit = {"account_code": "ACME", "name": "X", "parent_code": "", "valid_from": ""}
    put(ORG_UNITS, {**unit, "code": "HQ"}, {**unit, "code": "SUB", "parent_code": "HQ"})
    assert OrgUnit.objects.count() == 2
    assert OrgLink.objects.get().structure == "legal"
    ended = {"account_code": "ACME", "structure": "legal", "child_code": "SUB", "valid_from": "2023-01-01"}
    assert put(ORG_LINKS, {**ended, "parent_code": ""}).updated == 1
    assert OrgLink.objects.get().valid_to == dt.date(2023, 1, 1)
    assert Account.objects.get().team_id


def test_customers_and_units_of_like_names_stay_apart() -> None:
    names = ["Acme Inc", "Acme GmbH", "ACME inc.", "Acme Inc"]
    put(ACCOUNTS, *({"code": f"A{n}", "name": name} for n, name in enumerate(names)))
    put(ORG_UNITS, *({"account_code": "A0", "code": f"U{n}", "name": name} for n, name in enumerate(names)))
    assert put(ACCOUNTS, {"code": "A4", "name": "Acme Inc"}).created == 1
    assert put(ORG_UNITS, {"account_code": "A1", "code": "U0", "name": "Acme Inc"}).created == 1
    assert list(Account.objects.order_by("code").values_list("name", flat=True)) == [*names, "Acme Inc"]
    units = OrgUnit.objects.filter(account__code="A0").order_by("code")
    assert list(units.values_list("name", flat=True)) == names


def test_a_row_addressed_by_its_id_may_change_its_key() -> None:
    written = put(REGIONS, {"code": "A", "name": "A"}, {"code": "B", "name": "B"})
    assert put(REGIONS, {"code": "C", "name": "A"}, ids=[written.ids[0]]).updated == 1
    assert set(Region.objects.values_list("code", flat=True)) == {"B", "C"}
    assert refused(REGIONS, {"code": "B", "name": "A"}, ids=[written.ids[0]]) == [(1, "code", "“B” exists already")]
    assert [column for _, column, _ in refused(REGIONS, {"code": "Z", "name": "Z"}, ids=[0])] == ["id"]


def test_a_period_addressed_by_its_id_says_its_whole_period() -> None:
    put(REGIONS, {"code": "A", "name": "A"}, {"code": "B", "name": "B"})
    first = put(REGION_COUNTRIES, {"region_code": "A", "country": "DE", "valid_from": "", "valid_to": "2020-01-01"})
    put(REGION_COUNTRIES, {"region_code": "B", "country": "DE", "valid_from": "2022-01-01"})
    row = {"region_code": "A", "country": "DE", "valid_from": "2019-01-01", "valid_to": "2022-01-01"}
    assert put(REGION_COUNTRIES, row, ids=first.ids).updated == 1
    assert [column for _, column, _ in refused(REGION_COUNTRIES, {**row, "valid_to": "2022-01-02"}, ids=first.ids)] == [
        "valid_from"
    ]
    assert RegionCountry.objects.get(pk=first.ids[0]).valid_from == dt.date(2019, 1, 1)


def test_a_cycle_made_by_id_is_refused() -> None:
    put(REGIONS, {"code": "A", "name": "A"}, {"code": "B", "name": "B"}, {"code": "C", "name": "C"})
    put(REGION_LINKS, {"child_code": "A", "parent_code": "B", "valid_from": ""})
    link = put(REGION_LINKS, {"child_code": "B", "parent_code": "C", "valid_from": ""})
    row = {"child_code": "B", "parent_code": "A", "valid_from": "", "valid_to": ""}
    assert [column for _, column, _ in refused(REGION_LINKS, row, ids=link.ids)] == ["parent_code"]


def test_a_known_key_is_refused_where_a_new_row_is_asked_for() -> None:
    put(REGIONS, {"code": "A", "name": "A"}, create_only=True)
    assert refused(REGIONS, {"code": "A", "name": "A"}, create_only=True) == [(1, "code", "“A” exists already")]
    country = {"region_code": "A", "country": "DE", "valid_from": ""}
    written = put(REGION_COUNTRIES, country, create_only=True)
    assert RegionCountry.objects.get().pk == written.ids[0]
    assert [column for _, column, _ in refused(REGION_COUNTRIES, country, create_only=True)] == ["valid_from"]


def test_a_single_line_stands_beside_the_others_and_a_list_replaces_them() -> None:
    _deal()
    line = {"opportunity_external_id": "D", "amount": 10}
    put(OPPORTUNITY_LINES, {**line, "line": 1})
    put(OPPORTUNITY_LINES, {**line, "line": 2})
    assert Opportunity.objects.get().amount == 20
    put(OPPORTUNITY_LINES, {**line, "line": 3}, {**line, "line": 4, "amount": 1}, replace_sets=True)
    assert list(OpportunityLine.objects.order_by("line").values_list("line", flat=True)) == [3, 4]
    assert Opportunity.objects.get().amount == 11


def test_one_split_may_not_break_a_whole() -> None:
    _deal()
    split = {"opportunity_external_id": "D", "type": "prime", "percent": "50"}
    both = [{**split, "member_email": email} for email in ("a@us.example", "b@us.example")]
    written = put(OPPORTUNITY_SPLITS, *both)
    assert [column for _, column, _ in refused(OPPORTUNITY_SPLITS, {**both[0], "percent": "40"})] == ["percent"]
    changed = [{**both[0], "percent": "40"}, {**both[1], "percent": "60"}]
    assert put(OPPORTUNITY_SPLITS, *changed).ids == written.ids
    other = {**both[0], "percent": "40", "member_email": "c@us.example"}
    assert put(OPPORTUNITY_SPLITS, other, ids=[written.ids[0]]).updated == 1
    assert OpportunitySplit.objects.get(pk=written.ids[0]).member.email == "c@us.example"


def test_rows_of_one_request_state_the_same_columns() -> None:
    assert refused(REGIONS, {"code": "A", "name": "A"}, {"code": "B"})[0][:2] == (2, "name")
    assert refused(REGIONS, {"code": "A\0", "name": "A"})[0][:2] == (1, "code")
    assert put(REGIONS).ids == []


def _deal() -> None:
    put(ACCOUNTS, {"code": "ACME", "name": "Acme"})
    put(MEMBERS, *({"email": f"{name}@us.example"} for name in "abc"))
    put(
        OPPORTUNITIES,
        {
            "external_id": "D",
            "account_code": "ACME",
            "name": "Deal",
            "stage": "proposal",
            "amount": 5,
            "currency": "EUR",
            "close_date": "2024-06-30",
        },
    )
