"""Groups from Exhibit 21 of annual reports to the SEC: flat lists of subsidiaries with their place of incorporation."""

import csv
import re
from collections import defaultdict
from pathlib import Path

from imports.demo.cleaning.countries import CountryNames
from imports.demo.cleaning.records import Group, Link, Unit, slug, unused

US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming", "DC": "District of Columbia",
}  # fmt: skip
_STATE_NAMES = {name.casefold() for name in US_STATES.values()}

#: Where each filer has its head office; the exhibit lists only the subsidiaries.
HEAD_OFFICES = {
    "59527": ("Lincoln Electric", "Cleveland", "1895"),
    "11199": ("Bemis Company", "Neenah", "1858"),
    "891014": ("Minerals Technologies", "New York", "1968"),
    "29644": ("Donaldson Company", "Minneapolis", "1915"),
    "718877": ("Activision", "Santa Monica", "1979"),
    "39547": ("Metromedia International Group", "New York", "1929"),
}

_JOINED = "SMI NewQuest India Private Limited SMI Poland Sp. z o.o."


def country_and_city(location: str, countries: CountryNames) -> tuple[str, str]:
    """Alpha-2 country and city of a "location of incorporation" in a US filing.

    A two-letter code or a state's name is a place in the United States ("DE" is Delaware, "IL" Illinois), never the
    country with that code: filings write countries out. "Georgia" alone would be the state, "Georgia, CIS" is not.
    """
    parts = [part.strip() for part in location.split(",") if part.strip()]
    if not parts:
        return "", ""
    last, city = parts[-1], parts[0] if len(parts) > 1 else ""
    if last == "CIS":
        return countries.code(parts[0]), ""
    if any(part.startswith("Hong Kong") for part in parts):
        return "HK", "Hong Kong"
    us = re.sub(r"\s*USA$", "", last)
    if last.endswith("USA") or us.upper() in US_STATES or us.casefold() in _STATE_NAMES:
        return "US", city if us.upper() in US_STATES else ""
    return countries.code(last), city


def _repaired(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Split the one row in which the labelling ran two companies together and shifted the places that follow by one."""
    names = [row["subsidiary"] for row in rows]
    if _JOINED not in names:
        return rows
    at = names.index(_JOINED)
    until = names.index("Specialty Minerals International Inc.")
    names[at : at + 1] = ["SMI NewQuest India Private Limited", "SMI Poland Sp. z o.o."]
    places = [row["location_of_incorporation"] for row in rows]
    places.insert(until, "Delaware")
    return [
        {"subsidiary": name, "location_of_incorporation": place, "ownership_percentage": ""}
        for name, place in zip(names, places, strict=True)
    ]


def _holdings(units: list[Unit]) -> dict[str, str]:
    """Country → its one holding company, where there is exactly one outside the United States."""
    found: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        if unit.country not in ("", "US") and re.search(r"\bhold", unit.name, re.IGNORECASE):
            found[unit.country].append(unit.code)
    return {country: codes[0] for country, codes in found.items() if len(codes) == 1}


def groups_from_filings(
    folder: Path, countries: CountryNames, taken: set[str]
) -> tuple[list[Group], list[Unit], list[Link]]:
    """One group a filer. The lists are flat (their indentation is lost): entities of a country stand under that
    country's own holding company if there is exactly one, else under the parent. A name listed several times is one
    unit, owned through several others: it keeps its largest share."""
    by_filer: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "subsidiaries.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            by_filer[row["cik"]].append(row)
    groups: list[Group] = []
    units: list[Unit] = []
    links: list[Link] = []
    for cik, rows in by_filer.items():
        group, its_units, its_links = _one_filer(cik, _repaired(rows), countries, taken)
        groups.append(group)
        units += its_units
        links += its_links
    return groups, units, links


def _one_filer(
    cik: str, rows: list[dict[str, str]], countries: CountryNames, taken: set[str]
) -> tuple[Group, list[Unit], list[Link]]:
    name, city, year = HEAD_OFFICES[cik]
    group = Group(unused(slug(name), taken), name, "US", "", "EX21")
    units = [Unit(group.code, "GROUP", f"{name}, Inc.", "", "US", city, year, "1", f"cik:{cik}")]
    used, seen = {"GROUP"}, set()
    shares: dict[str, float] = {}
    for row in rows:
        label = row["subsidiary"]
        share = float(row["ownership_percentage"] or 0)
        if label in seen:
            shares[label] = max(shares[label], share)
            continue
        seen.add(label)
        shares[label] = share
        country, town = country_and_city(row["location_of_incorporation"], countries)
        units.append(Unit(group.code, unused(slug(label), used), label, "", country, town, "", "1", f"cik:{cik}"))
    holdings = _holdings(units)
    links = []
    for unit in units[1:]:
        holding = holdings.get(unit.country, "")
        parent = holding if holding and holding != unit.code else "GROUP"
        owned = f"{shares[unit.name]:.2f}" if shares[unit.name] else ""
        links.append(Link(group.code, unit.code, parent, owned))
    return group, units, links
