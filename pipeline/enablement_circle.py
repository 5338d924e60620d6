"""Who stands around a deal, as far as a reader may know: people at the customer with their buying roles and languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import BuyingRole, Contact, Post
from pipeline.deal_models import DealContact
from pipeline.models import Opportunity
from teams.overlap import WORKING_LEVEL, base_language, languages_of_place
from users.models import User

MOST_PEOPLE = 200


@dataclass(frozen=True)
class Person:
    """A contact with the buying roles that she has here."""

    pk: int
    name: str
    roles: frozenset[str]
    languages: frozenset[str]

    @property
    def label(self) -> str:
        """Her name with her roles."""
        named = ", ".join(str(BuyingRole(role).label) for role in BuyingRole.values if role in self.roles)
        return f"{self.name} ({named})" if named else self.name


@dataclass(frozen=True)
class Circle:
    """`languages_here` are those of the deal's unit, or else the official ones of its country; `member_languages` those that
    the owner works in. Nobody and nothing known is empty."""

    people: tuple[Person, ...] = ()
    languages_here: frozenset[str] = frozenset()
    member: str = ""
    member_languages: frozenset[str] = frozenset()
    roles: frozenset[str] = field(default=frozenset())

    def with_role(self, roles: Collection[str]) -> list[Person]:
        return [person for person in self.people if person.roles & set(roles)]

    def speaking(self, languages: Collection[str]) -> list[Person]:
        return [person for person in self.people if person.languages & set(languages)]

    @property
    def customer_languages(self) -> frozenset[str]:
        """Those that contacts speak, or else those of the place."""
        spoken = frozenset(code for person in self.people for code in person.languages)
        return spoken or self.languages_here

    def person(self, pk: int | None) -> Person | None:
        return next((one for one in self.people if one.pk == pk), None)


def circle_of(deal: Opportunity, *, viewer: User, on: dt.date) -> Circle:
    """The deal's own contacts; without any, those of its unit with a buying role, or else those of the whole account. In four
    statements at most."""
    people = _of_deal(deal, viewer) or _of_unit(deal, viewer, on) or _of_account(deal, viewer)
    place = languages_of_place(
        deal.org_unit.languages if deal.org_unit else (),
        str(deal.country or (deal.org_unit and deal.org_unit.country) or ""),
    )
    return Circle(
        people=tuple(people),
        languages_here=place or frozenset(),
        member=str(deal.owner or ""),
        member_languages=frozenset(_working(deal.owner.languages)) if deal.owner else frozenset(),
        roles=frozenset(role for person in people for role in person.roles),
    )


def _working(codes: Iterable[str]) -> set[str]:
    """Languages at B2 or better, and those without a level: a member who names one works in it."""
    spoken = (code.partition(":")[::2] for code in codes)
    return {base_language(code) for code, level in spoken if not level or level >= WORKING_LEVEL}


def _person(contact: Contact, roles: Iterable[str]) -> Person:
    spoken = frozenset(map(base_language, contact.languages))
    return Person(contact.pk, str(contact), frozenset(role for role in roles if role), spoken)


def _of_deal(deal: Opportunity, viewer: User) -> list[Person]:
    held: dict[int, set[str]] = {}
    people: dict[int, Contact] = {}
    seen = Contact.objects.visible_to(viewer).filter(account=deal.account_id)
    rows = DealContact.objects.filter(opportunity=deal, contact__in=seen.values("pk")).select_related("contact")
    for row in rows.order_by("contact__family_name", "contact__given_name", "contact_id")[:MOST_PEOPLE]:
        people[row.contact_id] = row.contact
        held.setdefault(row.contact_id, set()).add(row.buying_role)
    return [_person(contact, held[pk]) for pk, contact in people.items()]


def _of_unit(deal: Opportunity, viewer: User, on: dt.date) -> list[Person]:
    if deal.org_unit_id is None:
        return []
    posts = Post.objects.as_of(on).filter(org_unit=deal.org_unit_id).exclude(buying_role="")
    held: dict[int, set[str]] = {}
    for contact, role in posts.values_list("contact_id", "buying_role"):
        held.setdefault(contact, set()).add(role)
    rows = Contact.objects.visible_to(viewer).filter(account=deal.account_id)
    here = rows.filter(Q(org_unit=deal.org_unit_id) & ~Q(buying_role="") | Q(pk__in=held))
    return [
        _person(row, {*held.get(row.pk, ()), row.buying_role if row.org_unit_id == deal.org_unit_id else ""})
        for row in here.order_by("family_name", "given_name", "pk")[:MOST_PEOPLE]
    ]


def _of_account(deal: Opportunity, viewer: User) -> list[Person]:
    rows = Contact.objects.visible_to(viewer).filter(account=deal.account_id).exclude(buying_role="")
    return [_person(row, [row.buying_role]) for row in rows.order_by("family_name", "given_name", "pk")[:MOST_PEOPLE]]
