"""Meridian's own people: members, and plausible names for people at any place."""

import random
import unicodedata
from dataclasses import dataclass
from functools import cache

from imports.demo.hours import OWN_HOURS, Hours
from imports.demo.sources import Name, names, places, rows_of
from imports.demo.tables import Tables
from imports.demo.timeline import chance

DOMAIN = "meridian.example"
_FOLDED = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "\u0131": "i", "đ": "d", "Đ": "D"}
)

#: Leads of regions: (region, mailbox, from, to). Hand-overs are in the past.
LEADS = (
    ("WORLD", "victoria.ashcombe", "", ""), ("EMEA", "sofia.marchetti", "", ""), ("AMER", "marcus.whitaker", "", ""),
    ("APAC", "meiling.tan", "", ""), ("DACH", "matthias.vogt", "", ""), ("UKI", "harriet.fairbairn", "", ""),
    ("FRANCE", "benoit.lacroix", "", ""), ("BENELUX", "benoit.lacroix", "", "2024-01-01"),
    ("BENELUX", "femke.vandijk", "2024-01-01", ""), ("NORDBALT", "freja.mortensen", "", ""),
    ("CEE", "agnieszka.krol", "", ""), ("MEA", "khalid.almansoori", "", ""), ("LATAM", "renata.gutierrezmora", "", ""),
    ("GCHINA", "wei.zhang", "", ""), ("JPKR", "kenta.sato", "", ""), ("SASIA", "khalid.almansoori", "", "2025-04-01"),
    ("SASIA", "ananya.deshpande", "2025-04-01", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One of us. `serves` says in which kind of role: global, regional:TOP, local, specialist …; empty: no account."""

    email: str
    given: str
    family: str
    level: str
    country: str
    languages: str
    skills: str
    weekly_hours: str
    manager: str
    access: str
    serves: str


def mailbox(given: str, family: str) -> str:
    """The part of an address before the @: ASCII, as companies write it."""

    def plain(text: str) -> str:
        folded = unicodedata.normalize("NFKD", text.translate(_FOLDED)).encode("ascii", "ignore").decode()
        return "".join(letter for letter in folded.lower() if letter.isalnum() or letter == "-")

    return f"{plain(given)}.{plain(family)}"


def person(rng: random.Random, culture: str) -> tuple[Name, Name]:
    """A given and a family name as people have them in that culture; never a namesake of one of us."""
    given_names, family_names = names()[culture]
    while True:
        given, family = rng.choice(given_names), rng.choice(family_names)
        if (given.latin, family.latin) not in _our_names():
            return given, family


@cache
def _our_names() -> frozenset[tuple[str, str]]:
    return frozenset((_latin(row["given"]), _latin(row["family"])) for row in rows_of("members"))


def _latin(text: str) -> str:
    written, _, latin = text.partition("|")
    return latin or written


def members(extra: int = 0) -> list[Member]:
    """The members of the demo, and `extra` further global account managers for larger scales."""
    found = [_from_row(row) for row in rows_of("members")]
    taken = {member.email for member in found}
    cultures = ("US", "DE", "FR", "GB", "JP", "IT", "SE", "NL", "IN", "KR")
    for number in range(extra):
        rng, country = chance("member", number), cultures[number % len(cultures)]
        given, family = person(rng, places()[country].culture)
        address = f"{mailbox(given.latin, family.latin)}.{number + 1}@{DOMAIN}"
        if address not in taken:
            language = places()[country].languages.split(";")[0]
            spoken = "en:C2" if language == "en" else f"{language}:C2;en:C1"
            found.append(
                Member(
                    address, given.written, family.written, "director", country, spoken, "industrial", "40",
                    f"victoria.ashcombe@{DOMAIN}", "account_manager", "global",
                )
            )  # fmt: skip
    return found


def _from_row(row: dict[str, str]) -> Member:
    given, family = (row[part].partition("|")[0] for part in ("given", "family"))
    box, manager = mailbox(_latin(row["given"]), _latin(row["family"])), row["manager"]
    return Member(
        f"{box}@{DOMAIN}", given, family, row["level"], row["country"], row["languages"], row["skills"],
        row["weekly_hours"], f"{manager}@{DOMAIN}" if manager else "", row["access"], row["serves"],
    )  # fmt: skip


def add_people(tables: Tables, ours: list[Member]) -> None:
    """Fill `members` and `region_leads`."""
    for member in ours:
        begins, ends, days = OWN_HOURS.get(member.email.partition("@")[0], Hours())
        tables.add(
            "members", email=member.email, given_name=member.given, family_name=member.family, level=member.level,
            country=member.country, time_zone=places()[member.country].time_zone, languages=member.languages,
            skills=member.skills, weekly_hours=member.weekly_hours, works_from=begins,
            works_to=ends, working_days=days, manager_email=member.manager, access=member.access,
        )  # fmt: skip
    for region, box, start, end in LEADS:
        tables.add("region_leads", region_code=region, user_email=f"{box}@{DOMAIN}", valid_from=start, valid_to=end)
