"""Customers' structures: the real legal tree, with divisions, functions and sites imagined around it."""

import datetime as dt
from dataclasses import dataclass, field

from imports.demo.customers import Profile
from imports.demo.geography import top_region
from imports.demo.sources import SourceUnit, countries, places
from imports.demo.tables import Tables
from imports.demo.timeline import RUSSIA_CLOSED_ON, chance, quarter_start

DIVISIONS = {
    "Pharmaceuticals": ("Pharma Operations", "Biologics", "Research and Development"),
    "Life sciences": ("Crop Science", "Life Science Tools", "Operations"),
    "Medical devices": ("Diagnostics", "Devices", "Global Manufacturing"),
    "Industrial technology": ("Digital Industries", "Mobility", "Energy Systems"),
    "Food and beverages": ("Beverages", "Nutrition", "Technical Operations"),
    "Chemicals": ("Performance Materials", "Specialty Chemicals"),
    "Aerospace": ("Commercial", "Defence and Space"),
    "Automotive": ("Vehicles", "Powertrain and Battery"),
    "Electronics": ("Devices", "Semiconductors", "Networks"),
}
#: Groups whose divisions were redrawn on 1 January 2025.
REDRAWN = {"SIEMENS": dt.date(2025, 1, 1), "BAYER": dt.date(2025, 1, 1)}
#: Groups that also report by world region.
_GEOGRAPHIC = {"ROCHE", "NESTLE", "ROBERT-BOSCH"}
_WORLD_REGIONS = (("EMEA", "Europe, Middle East and Africa"), ("AMER", "Americas"), ("APAC", "Asia Pacific"))
#: Where plants are imagined, in turn over the customers, so that every market of ours has somebody in it.
_PLANTS = (
    "VN", "AE", "TW", "CL", "NG", "SA", "AR", "KW", "CO", "EG", "PE", "TR", "MX", "BR", "IN", "CN", "ID", "PL", "TH",
    "HU", "ZA", "MY", "RO", "PH", "UA", "TW", "VN", "AE", "SA", "AR", "KZ", "HK", "CZ", "QA",
)  # fmt: skip
_SITES_BY_TIER = {"strategic": 5, "global": 3, "key": 1}
_SITE_KINDS = ("plant", "plant", "laboratory", "campus", "distribution centre")


@dataclass(slots=True)
class Unit:
    """A node of a customer's structure. `weight` is how much it buys, relative; `parent` its legal parent today."""

    code: str
    name: str
    kind: str
    country: str
    city: str = ""
    parent: str = ""
    weight: float = 0.0
    opened: dt.date | None = None
    closed: dt.date | None = None
    share: str = ""
    since: dt.date | None = None
    former_parent: str = ""
    languages: str = ""
    time_zone: str = ""
    division: str = ""

    def is_open(self, day: dt.date) -> bool:
        """Whether the unit exists on `day`."""
        begun = self.opened is None or self.opened <= day
        return begun and (self.closed is None or day < self.closed)


@dataclass(slots=True)
class Customer:
    """A profile with its units, top first."""

    profile: Profile
    units: list[Unit] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The account's code."""
        return self.profile.code

    @property
    def top(self) -> Unit:
        """The group's own node."""
        return self.units[0]

    def of_kind(self, *kinds: str) -> list[Unit]:
        """Units of these kinds, in order."""
        return [unit for unit in self.units if unit.kind in kinds]


def build_customer(profile: Profile, number: int, last: dt.date) -> Customer:
    """All units of a customer: the real ones, then the imagined ones."""
    customer = Customer(profile, [_entity(profile, unit, last) for unit in profile.group.units])
    customer.top.kind, customer.top.parent, customer.top.closed = "group", "", None
    _hand_over_children(customer)
    if DIVISIONS.get(profile.industry) and profile.tier != "key":
        _add_divisions(customer)
    _add_sites(customer, number, last)
    _move_one(customer, number)
    return customer


def _entity(profile: Profile, source: SourceUnit, last: dt.date) -> Unit:
    rng = chance("unit", profile.code, source.code)
    place = places().get(source.country)
    parents = [parent for parent, _ in source.parents]
    unit = Unit(
        source.code, source.local_name or source.name, "legal_entity", source.country, source.city,
        weight=(place.weight if place else 2.0) * rng.lognormvariate(0, 0.5),
    )  # fmt: skip
    if source.opened and int(source.opened) < last.year:
        unit.opened = dt.date(int(source.opened), 1, 1)
    if parents:
        unit.parent, unit.share = parents[-1], source.parents[-1][1]
        unit.former_parent = parents[0] if len(parents) > 1 else ""
    if not source.is_active:
        unit.closed = quarter_start(rng, 2022, 2024)
    if source.country == "RU":
        unit.closed = RUSSIA_CLOSED_ON
    if place and rng.random() < 0.9:
        western = source.city in ("San Francisco", "San Diego", "San Mateo", "Torrance", "Seattle")
        unit.time_zone = "America/Los_Angeles" if western else place.time_zone
    if place and rng.random() < 0.3:
        unit.languages = place.languages
    return unit


def _hand_over_children(customer: Customer) -> None:
    """A unit with two parents stood under the one that has closed (or the first) until that day, then the other."""
    by_code = {unit.code: unit for unit in customer.units}
    for unit in customer.units:
        if unit.former_parent:
            first, second = by_code[unit.former_parent], by_code[unit.parent]
            if second.closed and not first.closed:
                first, second = second, first
            unit.former_parent, unit.parent = first.code, second.code
            unit.since = first.closed or dt.date(2023, 7, 1)
            if unit.closed and unit.closed <= unit.since:
                unit.former_parent, unit.since = "", None


def _add_divisions(customer: Customer) -> None:
    profile, top = customer.profile, customer.top
    divisions = []
    for name in DIVISIONS[profile.industry]:
        code = "DIV-" + "-".join(word[:4].upper() for word in name.split() if word != "and")
        divisions.append(Unit(code, f"{profile.name} {name}", "division", top.country, top.city, top.code))
    rng = chance("divisions", customer.code)
    for unit in customer.units[1:]:
        unit.division = rng.choice(divisions).code
    buying = f"{profile.name} Global Procurement"
    extra = [
        Unit("FN-PROC", buying, "function", top.country, top.city, top.code, languages="en"),
        Unit("BC-CAPEX", f"{buying}: capital equipment", "buying_centre", top.country, top.city, "FN-PROC", weight=4),
        Unit("BC-SERV", f"{buying}: services and MRO", "buying_centre", top.country, top.city, "FN-PROC", weight=3),
    ]
    if profile.code in _GEOGRAPHIC:
        seats = {"EMEA": "DE", "AMER": "US", "APAC": "SG"}
        extra += [
            Unit(f"RG-{code}", f"{profile.name} {name}", "function", seats[code], places()[seats[code]].city, top.code)
            for code, name in _WORLD_REGIONS
        ]
    customer.units += divisions + extra


def _add_sites(customer: Customer, number: int, last: dt.date) -> None:
    profile, rng = customer.profile, chance("sites", customer.code)
    entities = [unit for unit in customer.of_kind("legal_entity") if unit.is_open(last)]
    for index in range(_SITES_BY_TIER[profile.tier]):
        country = _PLANTS[(number * 3 + index) % len(_PLANTS)]
        place = places().get(country)
        if place is None:
            continue
        kind = rng.choice(_SITE_KINDS)
        owner = next((unit for unit in entities if unit.country == country), customer.top)
        opened = quarter_start(rng, 2022, 2025) if rng.random() < 0.4 else None
        site = Unit(
            f"SITE-{country}", f"{profile.name} {place.city} {kind}", "site", country, place.city, owner.code,
            weight=place.weight * rng.uniform(0.6, 1.6) + 4, opened=opened, since=opened, time_zone=place.time_zone,
        )  # fmt: skip
        site.division = owner.division or (rng.choice(customer.of_kind("division") or [site]).code)
        customer.units.append(site)


def _move_one(customer: Customer, number: int) -> None:
    """Every third customer has put its company of a small country under that of a larger neighbour."""
    if number % 3:
        return
    national = [unit for unit in customer.units if unit.code in places() and unit.parent == "GROUP" and not unit.closed]
    parents = {unit.parent for unit in customer.units}
    for leaf in sorted((unit for unit in national if unit.code not in parents), key=lambda unit: unit.weight):
        part = countries()[leaf.country]["sub_region"]
        near = [
            unit
            for unit in national
            if countries()[unit.country]["sub_region"] == part and unit.weight > leaf.weight and not unit.former_parent
        ]
        if near and part.endswith(("Europe", "America", "South-eastern Asia")) and not leaf.former_parent:
            leaf.former_parent, leaf.parent = leaf.parent, max(near, key=lambda unit: unit.weight).code
            leaf.since = quarter_start(chance("move", customer.code), 2023, 2025)
            return


def add_structures(tables: Tables, customer: Customer) -> None:
    """Fill `org_units` and `org_links` of one customer."""
    for unit in customer.units:
        simple = bool(unit.parent) and not unit.former_parent and not unit.closed and not unit.share
        tables.add(
            "org_units", account_code=customer.code, code=unit.code, name=unit.name, kind=unit.kind,
            country=unit.country, city=unit.city, languages=unit.languages, time_zone=unit.time_zone,
            parent_code=unit.parent if simple else "", valid_from=unit.since if simple else None,
            opened_on=unit.opened, closed_on=unit.closed,
        )  # fmt: skip
        if unit.parent and not simple:
            _add_legal_links(tables, customer, unit)
    if customer.of_kind("division"):
        _add_management(tables, customer)
    if customer.code in _GEOGRAPHIC:
        _add_geographic(tables, customer)


def _add_legal_links(tables: Tables, customer: Customer, unit: Unit) -> None:
    if unit.former_parent:
        tables.add(
            "org_links", account_code=customer.code, structure="legal", child_code=unit.code,
            parent_code=unit.former_parent, valid_to=unit.since,
        )  # fmt: skip
    tables.add(
        "org_links", account_code=customer.code, structure="legal", child_code=unit.code, valid_from=unit.since,
        parent_code=unit.parent, valid_to=unit.closed, share=unit.share,
    )  # fmt: skip


def _add_management(tables: Tables, customer: Customer) -> None:
    """Group → division → entity; a site reports to its division, a buying centre to its function."""
    divisions = [unit.code for unit in customer.of_kind("division")]
    redrawn = REDRAWN.get(customer.code)
    rng = chance("redrawn", customer.code)
    for unit in customer.units[1:]:
        link = {"account_code": customer.code, "structure": "management", "child_code": unit.code}
        start = unit.opened if unit.kind == "site" else None
        parent = unit.division or unit.parent
        if redrawn and unit.division and not start and not unit.closed and rng.random() < 0.3:
            before = rng.choice([code for code in divisions if code != unit.division])
            tables.add("org_links", **link, parent_code=before, valid_to=redrawn)
            start = redrawn
        tables.add("org_links", **link, valid_from=start, parent_code=parent, valid_to=unit.closed)


def _add_geographic(tables: Tables, customer: Customer) -> None:
    """Group → world region → entity and site, by the country each is in."""
    for unit in customer.units[1:]:
        link = {"account_code": customer.code, "structure": "geographic", "child_code": unit.code}
        if unit.code.startswith("RG-"):
            tables.add("org_links", **link, parent_code=customer.top.code)
        elif unit.kind in ("legal_entity", "site") and top_region(unit.country):
            start = unit.opened if unit.kind == "site" else None
            region = f"RG-{top_region(unit.country)}"
            tables.add("org_links", **link, valid_from=start, parent_code=region, valid_to=unit.closed)
