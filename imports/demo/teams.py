"""Account teams and who of us covers which unit, with gaps left on purpose."""

import datetime as dt
from dataclasses import dataclass, field

from imports.demo.geography import top_region
from imports.demo.people import Member
from imports.demo.structures import Customer, Unit
from imports.demo.tables import Tables
from imports.demo.timeline import chance, quarter_start

#: Teams are recorded from here on; who served before is not known.
RECORDED_FROM = dt.date(2021, 7, 1)

#: Customers whose global account manager is chosen by hand, so that each login has something to show.
_CHOSEN = {
    "ROCHE": "jonas.oberhauser", "SIEMENS": "ada.lindner", "BOEHRINGER-INGELHEIM": "ada.lindner",
    "BAYER": "ada.lindner", "AIRBUS": "ada.lindner", "NOVO-HOLDINGS": "ada.lindner",
    "TATA-SONS": "rahul.iyer", "TAKEDA": "misaki.takahashi",
}  # fmt: skip
_NEAR = {
    "DE": "ada.lindner", "CH": "jonas.oberhauser", "FR": "elodie.charpentier", "GB": "oliver.pemberton",
    "SE": "linnea.bergstrom", "DK": "linnea.bergstrom", "FI": "linnea.bergstrom", "NL": "femke.vandijk",
    "BE": "femke.vandijk", "LU": "elodie.charpentier", "JP": "misaki.takahashi", "IN": "rahul.iyer",
    "AU": "rahul.iyer",
}  # fmt: skip
_FULL_LOAD = 5


@dataclass(frozen=True, slots=True)
class Membership:
    """A member's role in one account team; `until` is empty while it lasts."""

    member: Member
    role: str
    since: dt.date
    until: dt.date | None = None


@dataclass(slots=True)
class Team:
    """The team of one account."""

    memberships: list[Membership] = field(default_factory=list)

    def current(self, *roles: str) -> list[Membership]:
        """Those who serve today, in these roles (or in any)."""
        return [entry for entry in self.memberships if entry.until is None and (not roles or entry.role in roles)]

    def owners(self) -> list[Member]:
        """Members who own deals: account managers of every reach."""
        wanted = ("global_account_manager", "regional_account_manager", "local_account_manager")
        return [entry.member for entry in self.current(*wanted)]

    def owners_near(self, country: str) -> list[Member]:
        """Account managers in that country, else those in its part of the world, else the global one."""
        owners = self.owners()
        at_home = [member for member in owners if member.country == country]
        near = [member for member in owners if top_region(member.country) == top_region(country)]
        return at_home or near or [entry.member for entry in self.current("global_account_manager")]


class Bench:
    """Our members, handed out to teams so that nobody leads more than a handful of accounts while others have none."""

    def __init__(self, ours: list[Member]) -> None:
        self.ours = ours
        self.by_box = {member.email.partition("@")[0]: member for member in ours}
        self.load = {member.email: 0 for member in ours if member.serves == "global"}

    def global_manager(self, customer: Customer) -> Member:
        """The chosen one, else one near the head office with room, else whoever leads fewest."""
        box = _CHOSEN.get(customer.code) or _NEAR.get(customer.profile.group.country, "")
        member = self.by_box.get(box)
        if member is None or (customer.code not in _CHOSEN and self.load[member.email] >= _FULL_LOAD):
            free = [entry for entry in self.ours if entry.serves == "global" and self.load[entry.email] < 8]
            at_home = [entry for entry in free if entry.country == customer.profile.group.country]
            lightest = min(self.load[entry.email] for entry in (at_home or free))
            member = next(entry for entry in (at_home or free) if self.load[entry.email] == lightest)
        self.load[member.email] += 1
        return member

    def serving(self, what: str) -> list[Member]:
        """Members who serve in that kind of role, e.g. `regional:EMEA`."""
        return [member for member in self.ours if member.serves == what]


def build_team(customer: Customer, bench: Bench) -> Team:
    """The team of a customer, in proportion to its tier and to the countries it is in."""
    rng, team, tier = chance("team", customer.code), Team(), customer.profile.tier
    since = _recorded_from(customer)
    manager = bench.global_manager(customer)
    _add_global_manager(customer, bench, team, manager)
    tops = sorted({top_region(unit.country) for unit in customer.units if unit.weight} - {""})
    home = top_region(customer.profile.group.country) or "EMEA"
    if tier != "key":
        team.memberships += _of(bench.serving(f"sponsor:{home}")[:1], "executive_sponsor", since)
    for top in tops if tier != "key" else [home]:
        regional = bench.serving(f"regional:{top}")
        team.memberships += _of([rng.choice(regional)], "regional_account_manager", since)
    present = {unit.country for unit in customer.units if unit.weight > 3}
    local = [member for member in bench.serving("local") if member.country in present]
    kept = [member for member in local if rng.random() < {"strategic": 0.85, "global": 0.65, "key": 0.4}[tier]]
    team.memberships += _of(kept, "local_account_manager", max(since, quarter_start(rng, 2022, 2024)))
    if tier != "key":
        for what, role in (
            ("specialist", "solution_specialist"), ("fulfilment", "fulfilment_lead"), ("success", "customer_success"),
        ):  # fmt: skip
            team.memberships += _of([rng.choice(bench.serving(what))], role, max(since, quarter_start(rng, 2022, 2025)))
    if tier == "strategic":
        team.memberships += _of(bench.serving("legal"), "legal", since) + _of(
            bench.serving("finance"), "finance", since
        )
    return team


def _recorded_from(customer: Customer) -> dt.date:
    return dt.date(2025, 3, 1) if customer.profile.story == "newly_won" else RECORDED_FROM


def _of(members: list[Member], role: str, since: dt.date) -> list[Membership]:
    return [Membership(member, role, since) for member in members]


def _add_global_manager(customer: Customer, bench: Bench, team: Team, manager: Member) -> None:
    """One at a time, always; a third of the accounts have been handed over once, and one of them twice."""
    rng = chance("handover", customer.code)
    starts = sorted({quarter_start(rng, 2022, 2025) for _ in range(2 if rng.random() < 0.1 else 1)})
    others = [member for member in bench.serving("global") if member is not manager]
    since = _recorded_from(customer)
    if rng.random() < 0.38 and since == RECORDED_FROM:
        for start, former in zip(starts, rng.sample(others, len(starts)), strict=True):
            team.memberships.append(Membership(former, "global_account_manager", since, start))
            since = start
    team.memberships.append(Membership(manager, "global_account_manager", since))


def add_team(tables: Tables, customer: Customer, team: Team, last: dt.date) -> None:
    """Fill `team_members` and `coverage` of one customer."""
    for entry in team.memberships:
        tables.add(
            "team_members", account_code=customer.code, member_email=entry.member.email, role=entry.role,
            valid_from=entry.since, valid_to=entry.until,
        )  # fmt: skip
        if entry.role in ("global_account_manager", "executive_sponsor", "legal"):
            _cover(tables, customer, customer.top, entry, below=entry.role == "global_account_manager")
    _cover_divisions(tables, customer, team)
    _cover_entities(tables, customer, team, last)


def _cover(tables: Tables, customer: Customer, unit: Unit, entry: Membership, *, below: bool = False) -> None:
    since = max(entry.since, unit.opened or entry.since)
    if entry.until and entry.until <= since:
        return
    tables.add(
        "coverage", account_code=customer.code, org_unit_code=unit.code, member_email=entry.member.email,
        role=entry.role, valid_from=since, valid_to=entry.until, covers_descendants=str(below).lower(),
    )  # fmt: skip


def _cover_divisions(tables: Tables, customer: Customer, team: Team) -> None:
    rng = chance("coverage", customer.code, "divisions")
    for unit in customer.of_kind("division", "buying_centre", "function"):
        for role, share in (("global_account_manager", 0.5), ("solution_specialist", 0.45), ("executive_sponsor", 0.3)):
            for entry in team.current(role):
                if rng.random() < share:
                    _cover(tables, customer, unit, entry, below=role != "executive_sponsor")


def _cover_entities(tables: Tables, customer: Customer, team: Team, last: dt.date) -> None:
    """Local people cover their own country, regional ones the larger entities of their part of the world; a good
    quarter of both is left open, and nobody of ours sits in most smaller countries."""
    rng = chance("coverage", customer.code, "entities")
    for unit in customer.of_kind("legal_entity", "site"):
        if not unit.is_open(last):
            continue
        local = [entry for entry in team.current("local_account_manager") if entry.member.country == unit.country]
        if local and rng.random() < 0.75:
            _cover(tables, customer, unit, rng.choice(local), below=rng.random() < 0.3)
        for entry in team.current("regional_account_manager"):
            near = top_region(entry.member.country) == top_region(unit.country)
            if near and unit.weight > 18 and rng.random() < 0.6:
                _cover(tables, customer, unit, entry, below=True)
        if unit.kind == "site":
            for role in ("customer_success", "fulfilment_lead"):
                for entry in team.current(role):
                    if rng.random() < 0.3:
                        _cover(tables, customer, unit, entry)
