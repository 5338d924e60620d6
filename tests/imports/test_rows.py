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
from regions.loading import REGION_COUNTRIES, REGION_LINKS, REGIONS
from regions.models import Region, RegionCountry, RegionLink
from revenue.loading import REVENUE
from revenue.models import RevenueEntry

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
