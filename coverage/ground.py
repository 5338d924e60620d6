"""What the solver is told: open slots, members with what they have left, and the fill of each on each.

Read for a person: slots and values of what she sees. Loads are whole whoever asks, so that nobody is given too much.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account, OrgLink, OrgUnit
from coverage.alignment import Alignment, Sums
from coverage.assignment import Candidate, Fills, Opening, Pair, Problem
from coverage.fits import fits_on
from coverage.load_models import AccountTypeLoad, LoadSettings, RoleLoad
from coverage.load_queries import Burdens, burdens
from coverage.models import Coverage, CoveragePolicy
from coverage.slots import EMPTY, UNKNOWN, WHOLE, Fit, Post, Slot
from coverage.weighing import Weighing, weighings
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember
from teams.queries import members
from users.models import User


@dataclass(frozen=True)
class Wish:
    """What is asked: for which accounts, in which countries (None: all), from which day, and with whom."""

    accounts: tuple[int, ...]
    countries: frozenset[str] | None
    on: dt.date
    team_only: bool = False
    improves: bool = False
    takes_unknown: bool = False


@dataclass(frozen=True)
class Ground:
    """A problem with what its keys mean. `unknown_capacity` counts members left out because of it; `unled` slots that only a
    global account manager may hold, where the account has none."""

    wish: Wish
    weighings: Mapping[int, Weighing]
    units: Mapping[int, frozenset[int]]
    slots: Mapping[str, tuple[int, Slot]]
    members: Mapping[str, Member]
    fits: Mapping[tuple[str, str], Fit]
    teams: Mapping[int, frozenset[int]]
    whole: Burdens
    problem: Problem
    unknown_capacity: int
    unled: int

    @property
    def before(self) -> Sums:
        return sum((self.weighings[a].alignment.of_units(units) for a, units in self.units.items()), Sums())

    def after(self, pairs: Iterable[Pair]) -> Sums:
        """The sums of the scope if these members stood on these slots, counted anew and not from the gains."""
        posts: dict[int, list[Post]] = {}
        for pair in pairs:
            account, slot = self.slots[pair.opening]
            posts.setdefault(account, []).append(Post(slot.unit, slot.role, self.members[pair.candidate].pk))
        people = {member.pk: member for member in self.members.values()}
        found = Sums()
        for account, units in self.units.items():
            found += with_posts(self.weighings[account], posts.get(account, ()), people).of_units(units)
        return found


def with_posts(weighing: Weighing, posts: Iterable[Post], people: Mapping[int, Member]) -> Alignment:
    """The alignment of an account if `posts` stood beside those that are there."""
    return with_only(weighing, (*weighing.staffing.posts, *posts), people)


def with_only(weighing: Weighing, posts: Iterable[Post], people: Mapping[int, Member]) -> Alignment:
    """The alignment of an account if `posts` were all that stand there; `people` are those who are not there yet."""
    staffing = weighing.staffing
    changed = replace(staffing, posts=tuple(posts), members={**people, **staffing.members})
    return replace(weighing, staffing=changed).alignment


def ground_of(*, viewer: User, wish: Wish) -> Ground:
    """Read in a number of statements that does not grow with accounts, slots or members."""
    weighed = weighings(viewer=viewer, account_ids=wish.accounts, on=wish.on)
    units = {account: _in_scope(found, wish.countries) for account, found in weighed.items()}
    people = list(members(viewer=viewer).order_by("email"))
    teams, heads = _teams(weighed, wish.on)
    whole = burdens(viewer=None, on=wish.on)
    known = [one for one in people if one.weekly_hours is not None or wish.takes_unknown]
    slots = _open_slots(weighed, units, wish, heads)
    able = [one for one in known if not wish.team_only or any(one.pk in team for team in teams.values())]
    fits = _fits(weighed, slots, able, wish.on)
    by_key = {member.email: member for member in able}
    allowed = _allowed(slots, by_key, fits, teams, heads, wish)
    problem = Problem.of(
        (_opening(key, *found, weighed, whole) for key, found in slots.items()),
        (_candidate(member, whole) for member in able),
        allowed,
    )
    unled = sum(
        slot.role == GLOBAL_ACCOUNT_MANAGER and account not in heads and slot.state == EMPTY
        for account, found in weighed.items()
        for slot in found.staffing.slots.all
        if slot.unit in units[account]
    )
    left_out = len(people) - len(known)
    return Ground(wish, weighed, units, slots, by_key, fits, teams, whole, problem, left_out, unled)


def _in_scope(weighing: Weighing, countries: frozenset[str] | None) -> frozenset[int]:
    found = weighing.staffing.units.items()
    return frozenset(pk for pk, unit in found if countries is None or unit.country in countries)


def _teams(accounts: Iterable[int], on: dt.date) -> tuple[dict[int, frozenset[int]], dict[int, int]]:
    """Members in each account's team on a day, and who of them is its global account manager."""
    teams: dict[int, set[int]] = {}
    heads: dict[int, int] = {}
    rows = TeamMember.objects.as_of(on).filter(team__account__in=list(accounts))
    for account, member, role in rows.values_list("team__account", "member_id", "role_id"):
        teams.setdefault(account, set()).add(member)
        if role == GLOBAL_ACCOUNT_MANAGER:
            heads[account] = member
    return {account: frozenset(found) for account, found in teams.items()}, heads


def _open_slots(
    weighed: Mapping[int, Weighing], units: Mapping[int, frozenset[int]], wish: Wish, heads: Mapping[int, int]
) -> dict[str, tuple[int, Slot]]:
    """Empty slots and, if asked, those that are covered in part. A slot whose fill is unknown is left as it is."""
    found = {}
    for account, weighing in weighed.items():
        for slot in weighing.staffing.slots.all:
            is_open = slot.state == EMPTY or (wish.improves and slot.state != UNKNOWN and slot.fill != WHOLE)
            has_head = slot.role != GLOBAL_ACCOUNT_MANAGER or account in heads
            if slot.unit in units[account] and is_open and has_head:
                found[f"{account}/{weighing.staffing.units[slot.unit].code}/{slot.role}"] = (account, slot)
    return found


def _fits(
    weighed: Mapping[int, Weighing], slots: Mapping[str, tuple[int, Slot]], able: Collection[Member], on: dt.date
) -> dict[tuple[str, str], Fit]:
    found: dict[tuple[str, str], Fit] = {}
    by_account: dict[int, list[tuple[str, Slot]]] = {}
    for key, (account, slot) in slots.items():
        by_account.setdefault(account, []).append((key, slot))
    for account, asked in by_account.items():
        staffing = weighed[account].staffing
        fit = fits_on(on, {one.pk: staffing.clocks.person(one) for one in able}, staffing.places)
        found |= {(one.email, key): fit(one.pk, slot.unit) for key, slot in asked for one in able}
    return found


def _allowed(
    slots: Mapping[str, tuple[int, Slot]],
    people: Mapping[str, Member],
    fits: Mapping[tuple[str, str], Fit],
    teams: Mapping[int, frozenset[int]],
    heads: Mapping[int, int],
    wish: Wish,
) -> Fills:
    """The fills of the pairs that may stand: the team's, where only it is asked, and the one global account manager's."""
    found: dict[tuple[str, str], Fraction | None] = {}
    for (email, key), fit in fits.items():
        account, slot = slots[key]
        member = people[email].pk
        is_head = slot.role != GLOBAL_ACCOUNT_MANAGER or heads.get(account) == member
        in_team = not wish.team_only or member in teams.get(account, ())
        covers = any(one.member == member and not one.distance for one in slot.coverers)
        if is_head and in_team and not covers:
            found[email, key] = fit.factor
    return found


def _opening(key: str, account: int, slot: Slot, weighed: Mapping[int, Weighing], whole: Burdens) -> Opening:
    rates = whole.rates
    return Opening(
        key=key,
        account=str(account),
        weight=weighed[account].alignment.values[slot.unit] * Fraction(slot.weight),
        hours=rates.of_unit(slot.role, whole.types.get(account)),
        standing=slot.fill or Fraction(0),
        counts=slot.role in rates.manages,
    )


def _candidate(member: Member, whole: Burdens) -> Candidate:
    load = whole.of(member.pk, member.weekly_hours)
    managed = whole.held_by(member.pk).managed(whole.rates)
    return Candidate(
        key=member.email,
        hours=None if load.left is None else max(load.left, load.hours * 0),
        room=max(whole.rates.most - load.accounts, 0),
        accounts=frozenset(str(account) for account in managed),
    )


def digest_of(*, accounts: Collection[int], on: dt.date) -> dict[str, str]:
    """A digest of each part of the ground; when one differs, that part has changed since."""
    parts: dict[str, list[QuerySet[Any, Any]]] = {
        "structure": [
            OrgUnit.objects.filter(account__in=accounts)
            .order_by("id")
            .values_list("id", "kind", "country", "languages", "time_zone", "opened_on", "closed_on"),
            OrgLink.objects.filter(account__in=accounts)
            .as_of(on)
            .order_by("id")
            .values_list("structure", "child_id", "parent_id"),
        ],
        "coverage": [
            Coverage.objects.as_of(on)
            .order_by("id")
            .values_list("org_unit_id", "member_id", "role_id", "covers_descendants")
        ],
        "teams": [TeamMember.objects.as_of(on).order_by("id").values_list("team_id", "member_id", "role_id")],
        "members": [
            Member.objects.order_by("id").values_list(
                "id", "country", "languages", "time_zone", "weekly_hours", "works_from", "works_to"
            )
        ],
        "settings": [
            Account.objects.filter(id__in=accounts).order_by("id").values_list("id", "tier_id", "account_type_id"),
            CoveragePolicy.objects.order_by("id").values_list("tier", "unit_kind", "role", "weight", "is_inheritable"),
            LoadSettings.objects.values_list("least_accounts", "most_accounts", "hours_per_contact", "hours_per_unit"),
            RoleLoad.objects.order_by("role").values_list("role", "hours_per_unit", "manages"),
            AccountTypeLoad.objects.order_by("account_type").values_list("account_type", "weight"),
        ],
    }
    return {name: _digest(rows) for name, rows in parts.items()}


def _digest(queries: Iterable[QuerySet[Any, Any]]) -> str:
    found = hashlib.sha256()
    for rows in queries:
        for row in rows.iterator(chunk_size=5000):
            found.update(repr(row).encode())
    return found.hexdigest()[:16]
