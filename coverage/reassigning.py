"""Work that one member gives to another at one account: what it would change, before it is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F

from accounts.access import scope_of
from accounts.models import Account
from accounts.queries import accounts
from coverage.ground import with_only
from coverage.load import Held, Load, Place, Seat
from coverage.load_queries import Burdens, burdens
from coverage.models import Coverage
from coverage.slots import Post
from coverage.weighing import Weighing, weighings
from money.conversion import from_minor
from money.queries import exponents
from teams.models import Member, TeamMember
from teams.queries import members
from users.models import User


@dataclass(frozen=True)
class Item:
    """One thing that may be given: a role in the team (`place` None) or on a unit. `key` names it in a form."""

    key: str
    role: str
    unit: str
    row: TeamMember | Coverage
    is_chosen: bool


@dataclass(frozen=True)
class Change:
    """A member's load before and after, of what the reader sees."""

    member: Member
    before: Load
    after: Load
    band_before: str
    band_after: str
    is_part: bool


@dataclass(frozen=True)
class Alignments:
    """The account's score and gap before and after; amounts are in `currency`."""

    score: tuple[Fraction | None, Fraction | None]
    gap: tuple[object, object]
    currency: str


@dataclass(frozen=True)
class WhatIf:
    """What is asked and what would come of it. `changes` are empty until a giver, a taker and an account are chosen."""

    on: dt.date
    giver: Member | None
    taker: Member | None
    account: Account | None
    people: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    items: list[Item]
    changes: list[Change]
    alignment: Alignments | None

    @property
    def chosen(self) -> list[Item]:
        return [item for item in self.items if item.is_chosen]


def what_if(
    *, viewer: User, giver: str, taker: str, account: str, keys: Collection[str] | None, on: dt.date | None = None
) -> WhatIf:
    """By e-mail addresses and code; what is not found is left open. `keys` None: everything that the giver holds there."""
    day = on or scope_of(viewer).on
    people = list(members(viewer=viewer).order_by(F("full_name"), "id"))
    by_email = {person.email: person for person in people}
    one, other = by_email.get(giver), by_email.get(taker)
    other = None if one == other else other
    held = list(_accounts_of(viewer, one, day)) if one else []
    found = next((row for row in held if row.code == account), None)
    items = _items(viewer, found, one, keys, day) if found and one else []
    changes, alignment = [], None
    if found and one and other:
        changes = _changes(viewer, found, one, other, items, day)
        alignment = _alignments(viewer, found, one, other, items, day)
    named = [(person.email, str(person)) for person in people]
    return WhatIf(day, one, other, found, named, [(row.code, row.name) for row in held], items, changes, alignment)


def _accounts_of(viewer: User, member: Member, on: dt.date) -> Iterable[Account]:
    """Accounts that the viewer sees and at which the member has a role or covers a unit."""
    teams = TeamMember.objects.as_of(on).filter(member=member).values("team_id")
    covered = Coverage.objects.as_of(on).filter(member=member).values("account_id")
    seen = accounts(viewer=viewer)
    return (seen.filter(team_id__in=teams) | seen.filter(pk__in=covered)).order_by("name", "id")


def _items(viewer: User, account: Account, giver: Member, keys: Collection[str] | None, on: dt.date) -> list[Item]:
    seats = TeamMember.objects.as_of(on).filter(team=account.team_id, member=giver).select_related("role")
    places = Coverage.objects.visible_to(viewer).as_of(on).filter(account=account, member=giver)
    rows: list[tuple[str, TeamMember | Coverage, str]] = [
        (f"s-{seat.role_id}", seat, "") for seat in seats.order_by("role__position", "id")
    ]
    ordered = places.select_related("role", "org_unit").order_by("org_unit__name", "role__position", "id")
    rows += [(f"p-{place.org_unit_id}-{place.role_id}", place, place.org_unit.name) for place in ordered]
    return [Item(key, row.role.name, unit, row, keys is None or key in keys) for key, row, unit in rows]


def _given(account: Account, items: Iterable[Item]) -> tuple[list[Seat], list[Place]]:
    chosen = [item.row for item in items if item.is_chosen]
    return (
        [Seat(account.pk, row.role_id) for row in chosen if isinstance(row, TeamMember)],
        [Place(account.pk, row.org_unit_id, row.role_id) for row in chosen if isinstance(row, Coverage)],
    )


def _changes(
    viewer: User, account: Account, giver: Member, taker: Member, items: Iterable[Item], on: dt.date
) -> list[Change]:
    ids = {giver.pk, taker.pk}
    seen = burdens(viewer=viewer, member_ids=ids, on=on)
    whole = seen if scope_of(viewer).is_everything else burdens(viewer=None, member_ids=ids, on=on)
    seats, places = _given(account, items)
    after = {
        giver: seen.held_by(giver.pk).without(seats, places),
        taker: seen.held_by(taker.pk).given(seats, places),
    }
    return [_change(seen, whole, member, held) for member, held in after.items()]


def _change(seen: Burdens, whole: Burdens, member: Member, held: Held) -> Change:
    before = seen.of(member.pk, member.weekly_hours)
    after = seen.of(member.pk, member.weekly_hours, held=held)
    band = seen.rates.band
    is_part = seen.held_by(member.pk) != whole.held_by(member.pk)
    return Change(member, before, after, band(before.accounts), band(after.accounts), is_part)


def _alignments(
    viewer: User, account: Account, giver: Member, taker: Member, items: Iterable[Item], on: dt.date
) -> Alignments:
    weighing = weighings(viewer=viewer, account_ids=[account.pk], on=on)[account.pk]
    _seats, places = _given(account, items)
    posts = moved(weighing, giver.pk, taker.pk, {(place.unit, place.role) for place in places})
    before, after = weighing.alignment, with_only(weighing, posts, {taker.pk: taker})
    exponent = exponents()[weighing.currency]
    return Alignments(
        (before.score, after.score),
        (from_minor(before.gap, exponent), from_minor(after.gap, exponent)),
        weighing.currency,
    )


def moved(weighing: Weighing, giver: int, taker: int, places: Collection[tuple[int, str]]) -> list[Post]:
    """The posts of an account with some of one member's given to another, each reaching as far down as before."""
    found = []
    for post in weighing.staffing.posts:
        gives = post.member == giver and (post.unit, post.role) in places
        found.append(Post(post.unit, post.role, taker, post.reaches_down) if gives else post)
    return found
