"""Lines of command, levels and relationships of customers on a day, read for a person.

People and relationships are seen by who sees an account whole; a lead sees structure and team, and with them the mirror.
Relationships and managers have no dates: of a past day too they are those of today.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from accounts.models import OrgLink, Post, Relationship, Structure
from accounts.querysets import ContactQuerySet
from accounts.structures import Forest
from coverage.bridges import Bridges, Strength, bridges_of
from coverage.mirrors import Mirror, mirror_of
from coverage.parity import KeyContact, Parity, Tie, is_active, parity_of
from coverage.staffing import Staffing
from teams.models import Member


def mirrors(*, staffing: Mapping[int, Staffing], on: dt.date) -> dict[int, Mirror]:
    """The mirror of each account whose staffing is given, in two statements whatever their number."""
    links: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = OrgLink.objects.as_of(on).filter(account_id__in=staffing, structure=Structure.MANAGEMENT)
    for account, child, parent in rows.values_list("account_id", "child_id", "parent_id"):
        links[account].append((child, parent))
    leads = _leads()
    return {
        account: mirror_of(Forest.of(its.units, links[account]), _covers(its), leads)
        for account, its in staffing.items()
    }


def _leads() -> dict[int, int]:
    rows = Member.objects.filter(manager__isnull=False)
    return {member: manager for member, manager in rows.values_list("id", "manager_id") if manager is not None}


def _covers(staffing: Staffing) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for post in staffing.posts:
        found[post.unit].add(post.member)
    return found


@dataclass
class _Person:
    """A contact in all posts of the day."""

    account: int
    units: set[int] = field(default_factory=set)
    levels: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    ties: list[Tie] = field(default_factory=list)
    strengths: list[Strength] = field(default_factory=list)

    def holds(self, unit: int | None, level: str, role: str) -> None:
        self.units |= {unit} if unit is not None else set()
        self.levels |= {level} if level else set()
        self.roles |= {role} if role else set()


@dataclass(frozen=True)
class People:
    """The parity of an account and the bridges of its units; units without any relationship are absent."""

    parity: Parity
    bridges: Mapping[int, Bridges]


#: Of an account that has no contacts.
NOBODY: Final = People(Parity(), {})


def people(*, contacts: ContactQuerySet, on: dt.date) -> dict[int, People]:
    """By account, of `contacts` that somebody may see, in three statements whatever their number."""
    persons = _persons(contacts, on)
    found: dict[int, list[KeyContact]] = defaultdict(list)
    strengths: dict[int, dict[int, list[Strength]]] = defaultdict(lambda: defaultdict(list))
    for one in persons.values():
        found[one.account].append(KeyContact(one.levels, one.roles, one.ties))
        for unit in sorted(one.units):
            strengths[one.account][unit] += one.strengths
    return {
        account: People(
            parity_of(found[account]),
            {unit: bridges_of(known) for unit, known in strengths[account].items() if known},
        )
        for account in found
    }


def _persons(seen: ContactQuerySet, on: dt.date) -> dict[int, _Person]:
    found: dict[int, _Person] = {}
    for pk, account, unit, level, role in seen.order_by("id").values_list(
        "id", "account_id", "org_unit_id", "level", "buying_role"
    ):
        found[pk] = _Person(account)
        found[pk].holds(unit, level, role)
    posts = Post.objects.as_of(on).filter(contact__in=seen)
    for pk, unit, level, role in posts.values_list("contact_id", "org_unit_id", "level", "buying_role"):
        found[pk].holds(unit, level, role)
    known = Relationship.objects.filter(contact__in=seen).order_by("member__email", "id")
    columns = ("contact_id", "member_id", "member__level", "strength", "last_contact_on")
    for pk, member, level, strength, last_on in known.values_list(*columns):
        found[pk].ties.append(Tie(level, is_active(strength, last_on, on)))
        found[pk].strengths.append(Strength(member, strength))
    return found
