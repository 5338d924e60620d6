"""Lists as they come: columns known by how lists call them, places that mean countries."""

from __future__ import annotations

import datetime as dt

import pytest

from imports.places import country_of
from imports.subsidiaries import mapping_for, read

ON = dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (
            "account_code,code,name,kind,country,city,lei,registry_id,parent_code,valid_from,closed_on",
            {
                "account": "account_code",
                "code": "code",
                "name": "name",
                "kind": "kind",
                "country": "country",
                "city": "city",
                "lei": "lei",
                "registry_id": "registry_id",
                "parent": "parent_code",
                "closed_on": "closed_on",
            },
        ),
        (
            "filing,cik,parent,subsidiary,location_of_incorporation,ownership_percentage",
            {"name": "subsidiary", "country": "location_of_incorporation", "parent": "parent"},
        ),
        (
            "ror_id,display_name,status,established,country_codes,cities",
            {"registry_id": "ror_id", "name": "display_name", "country": "country_codes", "city": "cities"},
        ),
        (
            "Id,MasterRecordId,Name,Type,ParentId,BillingCity,BillingCountry,Website",
            {
                "registry_id": "Id",
                "name": "Name",
                "parent": "ParentId",
                "city": "BillingCity",
                "country": "BillingCountry",
            },
        ),
        (
            "Firma;Land;Registernummer".replace(";", ","),
            {"name": "Firma", "country": "Land", "registry_id": "Registernummer"},
        ),
    ],
)
def test_columns_are_known_by_how_lists_call_them(header: str, mapping: dict[str, str]) -> None:
    assert mapping_for(header.split(",")) == mapping


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("Germany", "DE"),
        ("Allemagne", "DE"),
        ("日本", "JP"),
        ("مصر", "EG"),
        ("The Netherlands", "NL"),
        ("Delaware", "US"),
        ("Minneapolis, MN USA", "US"),
        ("Wuxi, China", "CN"),
        ("Georgia", "GE"),
        ("Georgia, CIS", "GE"),
        ("Georgia, USA", "US"),
        ("Hong Kong, S.A.R., China", "HK"),
        ("Nordic", ""),
        ("XX", ""),
        ("", ""),
    ],
)
def test_a_place_means_a_country_or_is_left_unknown(text: str, country: str) -> None:
    assert country_of(text) == country


def test_a_line_that_closed_before_the_day_says_so() -> None:
    content = b"name;closed_on\nAcme Inc;2024-01-01\nAcme Ltd;1.1.2024\n"
    found = read(content, "l.csv", mapping={"name": "name", "closed_on": "closed_on"}, account="ACME", on=ON)
    assert [(row.name, row.closed_on) for row in found.rows] == [("Acme Inc", dt.date(2024, 1, 1))]
    assert [(one.line, one.column) for one in found.problems] == [(3, "closed_on")]


def test_one_registers_number_of_two_countries_is_no_twin() -> None:
    content = b"name,country,id\nAcme Ltd,GB,7\nAcme Ltd,IE,7\nAcme Two Ltd,IE,7\n"
    mapping = {"name": "name", "country": "country", "registry_id": "id"}
    found = read(content, "l.csv", mapping=mapping, account="ACME", on=ON)
    assert [(one.line, one.column) for one in found.problems] == [(4, "id")]
