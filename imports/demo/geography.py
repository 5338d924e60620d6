"""Meridian's sales geography, and its re-organisation of 1 April 2025."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from imports.demo.sources import countries
from imports.demo.tables import Tables
from imports.demo.timeline import REORGANISED_ON

#: A move that is planned but not yet in force on the as-of date.
PLANNED_ON = dt.date(2027, 1, 1)


@dataclass(frozen=True, slots=True)
class Region:
    """A node of our tree with its parent today and the countries directly in it today."""

    code: str
    name: str
    parent: str
    countries: str = ""


REGIONS = (
    Region("WORLD", "World", ""),
    Region("EMEA", "Europe, Middle East and Africa", "WORLD"),
    Region("DACH", "Germany, Austria and Switzerland", "EMEA", "DE AT CH LI"),
    Region("FRANCE", "France", "EMEA", "FR MC GP MQ GF RE YT PM BL MF NC PF WF TF"),
    Region("BENELUX", "Benelux", "EMEA", "BE NL LU"),
    Region("UKI", "United Kingdom and Ireland", "EMEA", "GB IE GG JE IM GI"),
    Region("NORDBALT", "Nordics and Baltics", "EMEA", "DK SE NO FI IS FO GL AX SJ EE LV LT"),
    Region("SOUTHEUR", "Southern Europe", "EMEA", "IT ES PT GR MT CY SM VA AD"),
    Region("CEE", "Central and Eastern Europe", "EMEA", "PL CZ SK HU RO BG SI HR RS BA ME MK AL UA MD"),
    Region("EURASIA", "Caucasus and Central Asia", "EMEA", "RU BY GE AM AZ KZ UZ KG TJ TM"),
    Region("MEA", "Middle East and Africa", "EMEA"),
    Region("GULF", "Gulf", "MEA", "AE SA QA KW BH OM YE"),
    Region("LEVANT", "Türkiye and Levant", "MEA", "TR IL JO LB PS SY IQ IR EG"),
    Region("AFRICA", "Africa", "MEA"),
    Region("AMER", "Americas", "WORLD"),
    Region("NORTHAM", "North America", "AMER", "US CA"),
    Region("LATAM", "Latin America", "AMER"),
    Region("BRAZIL", "Brazil", "LATAM", "BR"),
    Region("MEXCA", "Mexico, Central America and Caribbean", "LATAM", "MX"),
    Region("ANDES", "Andes and Southern Cone", "LATAM", "AR BO CL CO EC GY PE PY SR UY VE"),
    Region("APAC", "Asia Pacific", "WORLD"),
    Region("GCHINA", "Greater China", "APAC", "CN HK MO TW"),
    Region("JPKR", "Japan and Korea", "APAC", "JP KR KP"),
    Region("SASIA", "India and South Asia", "APAC", "IN BD BT LK MV NP PK AF"),
    Region("ASEAN", "South-East Asia", "APAC", "SG MY ID TH VN PH BN KH LA MM TL MN"),
    Region("ANZ", "Australia, New Zealand and Pacific", "APAC"),
)

#: United Nations sub-regions whose remaining countries fall to one of our regions.
_REMAINDER = {
    "Northern Africa": "AFRICA", "Eastern Africa": "AFRICA", "Middle Africa": "AFRICA", "Southern Africa": "AFRICA",
    "Western Africa": "AFRICA", "Central America": "MEXCA", "Caribbean": "MEXCA", "South America": "ANDES",
    "Australia and New Zealand": "ANZ", "Melanesia": "ANZ", "Micronesia": "ANZ", "Polynesia": "ANZ",
}  # fmt: skip

#: Nobody has assigned these yet: their money stands under "unallocated" until an administrator does.
_LEFT_OUT = {"BM", "AQ", "BV", "HM", "GS", "IO", "UM"}

#: Region → its parent before the re-organisation: South Asia was run from Dubai.
_PARENT_BEFORE = {"SASIA": "MEA", "MEA": "WORLD"}

#: Country → its region before the re-organisation.
_REGION_BEFORE = {"EE": "CEE", "LV": "CEE", "LT": "CEE", "TR": "CEE", "AT": "CEE", "GR": "CEE", "CY": "LEVANT"}

#: Country → its region from the planned day on.
_REGION_PLANNED = {"IL": "SOUTHEUR"}


@cache
def region_of_country() -> dict[str, str]:
    """Country → region as it stands after the re-organisation."""
    found = {country: region.code for region in REGIONS for country in region.countries.split()}
    for code, row in countries().items():
        if code not in found and code not in _LEFT_OUT and row["sub_region"] in _REMAINDER:
            found[code] = _REMAINDER[row["sub_region"]]
    return found


def ancestors(region: str) -> list[str]:
    """The region and everything above it, as it stands after the re-organisation."""
    parents = {entry.code: entry.parent for entry in REGIONS}
    path = [region]
    while parents[path[-1]]:
        path.append(parents[path[-1]])
    return path


@cache
def top_region(country: str) -> str:
    """EMEA, AMER or APAC; empty for a country in no region."""
    region = region_of_country().get(country, "")
    return ancestors(region)[-2] if region else ""


def add_geography(tables: Tables) -> None:
    """Fill `regions`, `region_links` and `region_countries`. Regions that never moved are linked by their own row."""
    for region in REGIONS:
        moved = region.code in _PARENT_BEFORE
        tables.add("regions", code=region.code, name=region.name, parent_code="" if moved else region.parent)
        if moved:
            before = _PARENT_BEFORE[region.code]
            tables.add("region_links", child_code=region.code, parent_code=before, valid_to=REORGANISED_ON)
            tables.add("region_links", child_code=region.code, valid_from=REORGANISED_ON, parent_code=region.parent)
    for country, code in sorted(region_of_country().items()):
        _add_country(tables, country, code)


def _add_country(tables: Tables, country: str, code: str) -> None:
    starts: list[tuple[dt.date | None, str]] = [(None, code)]
    if country in _REGION_BEFORE:
        starts = [(None, _REGION_BEFORE[country]), (REORGANISED_ON, code)]
    if country in _REGION_PLANNED:
        starts.append((PLANNED_ON, _REGION_PLANNED[country]))
    ends = [start for start, _ in starts[1:]] + [None]
    for (start, region), end in zip(starts, ends, strict=True):
        tables.add("region_countries", region_code=region, country=country, valid_from=start, valid_to=end)
