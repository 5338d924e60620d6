"""Groups from the Research Organization Registry: companies joined by parent and child."""

import csv
import re
from collections import defaultdict
from pathlib import Path

from imports.demo.cleaning.countries import CountryNames
from imports.demo.cleaning.records import Group, Link, Unit, slug, unused

_LABEL = re.compile(r"^(?P<name>.*?)\s*\((?P<country>[^()]*)\)$")

#: Languages whose label is taken as the unit's local name when the unit stands in that country.
_LOCAL = {"ja": "JP", "ko": "KR", "zh": "CN", "hi": "IN", "ta": "IN", "hu": "HU", "fi": "FI", "pt": "PT", "es": "ES"}

Record = dict[str, str]


def _read(path: Path) -> list[Record]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


class Registry:
    """The raw records with their parents and children."""

    def __init__(self, folder: Path, countries: CountryNames) -> None:
        self.countries = countries
        self.records = {row["ror_id"]: row for row in _read(folder / "organizations.csv")}
        self.children: dict[str, list[str]] = defaultdict(list)
        self.parents: dict[str, list[str]] = defaultdict(list)
        for row in _read(folder / "relationships.csv"):
            if row["relation"] == "parent_of":
                self.children[row["from_ror_id"]].append(row["to_ror_id"])
                self.parents[row["to_ror_id"]].append(row["from_ror_id"])
        self.local_names = self._local_names(folder)

    def _local_names(self, folder: Path) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in _read(folder / "names.csv"):
            country, is_plain = _LOCAL.get(row["lang"]), "label" in row["kinds"] and "(" not in row["name"]
            if country and is_plain and self.country(row["ror_id"]) == country:
                found.setdefault(row["ror_id"], row["name"])
        return found

    def name(self, ror_id: str) -> str:
        """The name without the country that the registry puts behind it."""
        label = self.records[ror_id]["display_name"]
        match = _LABEL.match(label)
        return match["name"] if match else label

    def country(self, ror_id: str) -> str:
        """Alpha-2 code from the record, else from the label "Name (Country)"; empty if neither says."""
        row = self.records[ror_id]
        if row["country_codes"]:
            return row["country_codes"].split("|")[0]
        match = _LABEL.match(row["display_name"])
        return self.countries.code(match["country"].split(",")[-1]) if match else ""

    def roots(self) -> list[str]:
        """Organisations without a parent, those with the most descendants first."""
        tops = [ror_id for ror_id in self.records if not self.parents[ror_id] and self.children[ror_id]]
        return sorted(tops, key=lambda top: (-len(self.below(top)), self.name(top), top))

    def below(self, top: str) -> list[str]:
        """The organisation and all its descendants, parents before children."""
        found, waiting = [top], [top]
        while waiting:
            for child in self.children[waiting.pop(0)]:
                if child not in found:
                    found.append(child)
                    waiting.append(child)
        return found


def _succeeded(registry: Registry, folder: Path) -> dict[str, str]:
    """Root → the root that took it over (both keep a unit in the successor's group)."""
    tops = set(registry.roots())
    pairs = (row for row in _read(folder / "relationships.csv") if row["relation"] == "succeeded_by")
    return {
        row["from_ror_id"]: row["to_ror_id"] for row in pairs if row["from_ror_id"] in tops and row["to_ror_id"] in tops
    }


def groups_from_ror(
    folder: Path, countries: CountryNames, taken: set[str]
) -> tuple[list[Group], list[Unit], list[Link]]:
    """Every group of three or more; a descendant shared by two groups goes to the larger one."""
    registry = Registry(folder, countries)
    succeeded = _succeeded(registry, folder)
    groups: list[Group] = []
    units: list[Unit] = []
    links: list[Link] = []
    placed: set[str] = set()
    for top in registry.roots():
        if top in succeeded:
            continue
        members = registry.below(top)
        for old in (old for old, new in succeeded.items() if new == top):
            registry.children[top].append(old)
            registry.parents[old].append(top)
            members = registry.below(top)
        members = [member for member in members if member not in placed]
        if len(members) < 3 or top in placed:
            continue
        placed.update(members)
        group, its_units, its_links = _one_group(registry, top, members, taken)
        groups.append(group)
        units += its_units
        links += its_links
    return groups, units, links


def _one_group(
    registry: Registry, top: str, members: list[str], taken: set[str]
) -> tuple[Group, list[Unit], list[Link]]:
    name = registry.name(top)
    group = Group(unused(slug(name), taken), name, registry.country(top), registry.records[top]["website"], "ROR")
    codes: dict[str, str] = {}
    used: set[str] = set()
    units = []
    for ror_id in members:
        row, country = registry.records[ror_id], registry.country(ror_id)
        own = slug(registry.name(ror_id))
        code = country if own == slug(name) and country else f"{own}-{country}".strip("-")
        codes[ror_id] = unused("GROUP" if ror_id == top else code, used)
        local = "" if ror_id == top else registry.local_names.get(ror_id, "")
        opened = row["established"] if 1800 <= int(row["established"] or 0) <= 2026 else ""
        active = "0" if row["status"] in ("inactive", "withdrawn") else "1"
        label = name if ror_id == top else row["display_name"]
        city = row["cities"].split("|")[0]
        units.append(Unit(group.code, codes[ror_id], label, local, country, city, opened, active, ror_id))
    links = [
        Link(group.code, codes[child], codes[parent], "")
        for child in members
        for parent in registry.parents[child]
        if child != top and parent in codes
    ]
    return group, units, links
