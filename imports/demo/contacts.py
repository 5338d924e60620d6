"""People at the customers, their further posts, and how well we know them."""

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from imports.demo.people import mailbox, person
from imports.demo.sources import places
from imports.demo.structures import Customer, Unit
from imports.demo.tables import Tables
from imports.demo.teams import Team
from imports.demo.timeline import chance, quarter_start

#: Title, level, buying role. The first of an account are its most senior people.
_POSTS = (
    ("Chief operating officer", "board", "decision_maker"),
    ("Chief procurement officer", "executive", "economic_buyer"),
    ("Head of global engineering", "executive", "decision_maker"),
    ("Head of manufacturing technology", "director", "champion"),
    ("Category director, capital equipment", "director", "economic_buyer"),
    ("Site director", "director", "decision_maker"),
    ("Head of quality", "director", "gatekeeper"),
    ("Plant engineering manager", "manager", "influencer"),
    ("Automation manager", "manager", "champion"),
    ("Laboratory manager", "manager", "user"),
    ("Strategic buyer", "manager", "gatekeeper"),
    ("Maintenance manager", "manager", "user"),
    ("Process engineer", "staff", "user"),
    ("Validation specialist", "staff", "influencer"),
    ("IT security officer", "manager", "blocker"),
)
_STANCES = ("supporter", "supporter", "neutral", "neutral", "neutral", "critic", "unknown")
_PER_TIER = {"strategic": 15, "global": 10, "key": 5}


@dataclass(slots=True)
class _Person:
    id: str
    unit: Unit
    level: str
    role: str
    boss: str


def add_contacts(tables: Tables, customer: Customer, team: Team, last: dt.date) -> None:
    """Fill `contacts`, `posts` and `relationships` of one customer."""
    rng = chance("contacts", customer.code)
    units = [unit for unit in customer.units if unit.is_open(last) and unit.country in places() and unit.weight]
    units.sort(key=lambda unit: -unit.weight)
    known: list[_Person] = []
    addresses: set[str] = set()
    for number, (title, level, role) in enumerate(_POSTS[: _PER_TIER[customer.profile.tier]], start=1):
        unit = customer.top if level in ("board", "executive") else rng.choice(units[:12])
        boss = "" if not known else rng.choice([entry.id for entry in known[:3]])
        entry = _Person(f"C-{customer.code}-{number:02d}", unit, level, role, boss)
        _add_contact(tables, customer, entry, title, rng, addresses)
        known.append(entry)
        if number > 3 and rng.random() < 0.14:
            _add_post(tables, entry, rng.choice(units[:12]), title, rng)
        _add_relationships(tables, entry, team, rng, last)


def _add_contact(
    tables: Tables, customer: Customer, entry: _Person, title: str, rng: random.Random, addresses: set[str]
) -> None:
    place = places().get(entry.unit.country) or places()["US"]
    given, family = person(rng, place.culture)
    box = mailbox(given.latin, family.latin)
    while box in addresses:
        given, family = person(rng, place.culture)
        box = mailbox(given.latin, family.latin)
    addresses.add(box)
    mother_tongue = place.languages.split(";")[0]
    languages = sorted({mother_tongue, "en"}) if rng.random() < 0.7 else [mother_tongue]
    domain = customer.code.lower().strip("-")
    tables.add(
        "contacts", external_id=entry.id, account_code=customer.code, org_unit_code=entry.unit.code,
        given_name=given.written, family_name=family.written, title=title, level=entry.level, buying_role=entry.role,
        stance="critic" if entry.role == "blocker" else rng.choice(_STANCES), email=f"{box}@{domain}.example",
        languages=";".join(languages) if rng.random() < 0.85 else "", reports_to=entry.boss,
    )  # fmt: skip


def _add_post(tables: Tables, entry: _Person, unit: Unit, title: str, rng: random.Random) -> None:
    if unit is entry.unit:
        return
    since = quarter_start(rng, 2022, 2025)
    ended = dt.date(2026, 4, 1) if rng.random() < 0.25 else None
    tables.add(
        "posts", contact_external_id=entry.id, org_unit_code=unit.code, valid_from=since, valid_to=ended,
        title=f"{title} (acting)", level=entry.level, buying_role=rng.choice(("influencer", "user", "champion")),
    )  # fmt: skip


def _add_relationships(tables: Tables, entry: _Person, team: Team, rng: random.Random, last: dt.date) -> None:
    """Up to three of the team know the person, one of them best; one strength in six is unknown."""
    serving = [membership.member for membership in team.current()]
    knowing = rng.sample(serving, min(len(serving), rng.choice((0, 1, 1, 1, 2, 2, 2, 3, 3))))
    if entry.level in ("board", "executive") and len(knowing) < 2:
        knowing = [membership.member for membership in team.current("global_account_manager", "executive_sponsor")]
    strength = rng.uniform(0.35, 0.95)
    for member in dict.fromkeys(knowing):
        shown = None if rng.random() < 0.16 else Decimal(round(strength * 100)) / 100
        days = round(rng.expovariate(1 / 60)) + 1
        tables.add(
            "relationships", contact_external_id=entry.id, member_email=member.email, strength=shown,
            last_contact_on=last - dt.timedelta(days=days) if rng.random() < 0.93 else None,
        )  # fmt: skip
        strength *= rng.uniform(0.15, 0.7)
