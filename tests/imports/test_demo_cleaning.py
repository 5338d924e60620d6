"""The places of the public lists are understood as their authors meant them."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports.demo.cleaning.countries import CountryNames
from imports.demo.cleaning.ex21 import country_and_city
from imports.demo.cleaning.records import slug, unused
from imports.demo.sources import groups


@pytest.fixture
def countries(tmp_path: Path) -> CountryNames:
    (tmp_path / "country-codes.csv").write_text(
        "CLDR display name,official_name_en,ISO3166-1-Alpha-2\n"
        "Germany,Germany,DE\nIsrael,Israel,IL\nGeorgia,Georgia,GE\nCanada,Canada,CA\nNetherlands,Netherlands,NL\n",
        encoding="utf-8",
    )
    return CountryNames(tmp_path)


@pytest.mark.parametrize(
    ("location", "country", "city"),
    [
        ("DE", "US", ""),
        ("IL", "US", ""),
        ("Delaware", "US", ""),
        ("Germany", "DE", ""),
        ("Champaign, IL USA", "US", "Champaign"),
        ("Georgia, USA", "US", ""),
        ("Georgia, CIS", "GE", ""),
        ("The Netherlands", "NL", ""),
        ("Brockville, Ontario, Canada", "CA", "Brockville"),
        ("Hong Kong, S.A.R., China", "HK", "Hong Kong"),
        ("Bogotá, Columbia", "CO", "Bogotá"),
        ("Nordic", "", ""),
        ("", "", ""),
    ],
)
def test_a_place_of_incorporation_in_a_us_filing(
    countries: CountryNames, location: str, country: str, city: str
) -> None:
    found = country_and_city(location, countries)
    assert found[0] == country
    if country:
        assert found[1] == city


def test_codes_are_plain_letters_and_never_twice_the_same() -> None:
    taken: set[str] = set()
    assert slug("Boehringer Ingelheim") == "BOEHRINGER-INGELHEIM"
    assert slug("Hørsholm Łódź & Co.") == "HORSHOLM-LODZ-CO"
    assert [unused("A", taken), unused("A", taken), unused("A", taken)] == ["A", "A-2", "A-3"]


def test_the_shifted_places_of_one_filing_are_put_right() -> None:
    units = {unit.name: unit.country for unit in groups()["MINERALS-TECHNOLOGIES"].units}
    assert units["SMI Poland Sp. z o.o."] == "PL"
    assert units["Specialty Minerals Benelux"] == "BE"
    assert units["Specialty Minerals FMT K.K."] == "JP"
    assert units["Specialty Minerals GmbH"] == "DE"


def test_a_company_listed_several_times_is_one_unit_with_its_largest_share() -> None:
    listed = [unit for unit in groups()["BEMIS-COMPANY"].units if unit.name == "Itap Bemis Ltda."]
    assert [unit.parents[0][1] for unit in listed] == ["55.00"]


def test_a_unit_with_two_parents_keeps_both() -> None:
    shared = [unit for unit in groups()["RTX"].units if len(unit.parents) > 1]
    assert {unit.name for unit in shared} >= {"Raytheon Technologies (France)"}
