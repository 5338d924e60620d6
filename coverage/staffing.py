"""What the slots of customers are made of on a day, read in a handful of statements whatever the number of customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from zoneinfo import available_timezones

from accounts.models import OrgUnit
from accounts.queries import inheritance_links
from accounts.structures import Forest
from coverage.fits import NO_TIME, Person, Place, fits_on
from coverage.models import Coverage, CoveragePolicy
from coverage.slots import Fits, Post, Rule, Slots, not_asked, slots_of
from regions.calendars import Calendars
from regions.queries import calendars
from teams.models import Member
from teams.overlap import WorkingTime, languages_of_place, working_time


@dataclass(frozen=True)
class Unit:
    """An open unit, with its own languages and time zone (empty: those of its country)."""

    code: str
    kind: str
    country: str
    languages: tuple[str, ...]
    time_zone: str


class Clocks:
    """When people work, and what is spoken, at places on one day. What countries say is read when it is first asked for."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self.person, self.place = cache(self._person), cache(self._place)
        self._time = cache(self._time_at)

    @cached_property
    def _calendars(self) -> Calendars:
        return calendars()

    def _person(self, member: Member) -> Person:
        country = member.country.code or ""
        return Person(
            tuple(member.languages), self._time(country, member.time_zone, member.works_from, member.works_to)
        )

    def _place(self, unit: Unit) -> Place:
        return Place(languages_of_place(unit.languages, unit.country), self._time(unit.country, unit.time_zone))

    def _time_at(
        self, country: str, zone: str, works_from: dt.time | None = None, works_to: dt.time | None = None
    ) -> WorkingTime:
        """Without a calendar: weekday and holidays play no part here. A zone that nobody has heard of is unknown."""
        if zone and zone not in _known_zones():
            return NO_TIME
        found = working_time(
            self._calendars, country=country, time_zone=zone, on=self.on, works_from=works_from, works_to=works_to
        )
        return replace(found, calendar=None)


@cache
def _known_zones() -> frozenset[str]:
    """Kept: finding them reads the whole folder of zones."""
    return frozenset(available_timezones())


@dataclass(frozen=True)
class Staffing:
    """One account on a day: open units, the links along which coverage is inherited, its tier's rules, and who stands where.

    `members` holds at least those of `posts`.
    """

    clocks: Clocks
    units: Mapping[int, Unit] = field(default_factory=dict)
    above: Forest = field(default_factory=lambda: Forest((), {}))
    rules: tuple[Rule, ...] = ()
    posts: tuple[Post, ...] = ()
    members: Mapping[int, Member] = field(default_factory=dict)

    @property
    def on(self) -> dt.date:
        return self.clocks.on

    @cached_property
    def kinds(self) -> dict[int, str]:
        return {pk: unit.kind for pk, unit in self.units.items()}

    @cached_property
    def people(self) -> dict[int, Person]:
        return {post.member: self.clocks.person(self.members[post.member]) for post in self.posts}

    @cached_property
    def places(self) -> dict[int, Place]:
        return {pk: self.clocks.place(unit) for pk, unit in self.units.items()}

    @cached_property
    def fits(self) -> Fits:
        return fits_on(self.on, self.people, self.places)

    @cached_property
    def slots(self) -> Slots:
        return slots_of(self.kinds, self.above, self.rules, self.posts, self.fits)

    @cached_property
    def gaps(self) -> Slots:
        """The same slots for who only asks which are empty."""
        return slots_of(self.kinds, self.above, self.rules, self.posts, not_asked)


def staffing_of(tiers: Mapping[int, str | None], on: dt.date) -> dict[int, Staffing]:
    """The staffing of each account of `tiers` (tier by account id). Whoever sees an account sees its structure and team."""
    units, rules, links = _units(tiers, on), _rules(tiers.values()), inheritance_links(account_ids=tiers, on=on)
    posts, members = _posts(tiers, on)
    clocks = Clocks(on)
    return {
        account: Staffing(
            clocks,
            units[account],
            Forest.of(units[account], links[account]),
            tuple(rules[tier]),
            tuple(post for post in posts[account] if post.unit in units[account]),
            members,
        )
        for account, tier in tiers.items()
    }


def _units(accounts: Collection[int], on: dt.date) -> dict[int, dict[int, Unit]]:
    found: dict[int, dict[int, Unit]] = defaultdict(dict)
    rows = OrgUnit.objects.filter(account_id__in=accounts).open_on(on).order_by("name", "id")
    columns = ("account_id", "id", "code", "kind", "country", "languages", "time_zone")
    for account, pk, code, kind, country, languages, zone in rows.values_list(*columns):
        found[account][pk] = Unit(code, kind, str(country), tuple(languages), zone)
    return found


def _rules(tiers: Iterable[str | None]) -> dict[str | None, list[Rule]]:
    found: dict[str | None, list[Rule]] = defaultdict(list)
    policies = CoveragePolicy.objects.filter(tier__in={tier for tier in tiers if tier})
    columns = ("tier_id", "unit_kind", "role_id", "is_inheritable", "weight")
    for tier, kind, role, is_inheritable, weight in policies.order_by("role__position", "role").values_list(*columns):
        found[tier].append(Rule(kind, role, is_inheritable, weight))
    return found


def _posts(accounts: Collection[int], on: dt.date) -> tuple[dict[int, list[Post]], dict[int, Member]]:
    """Members of the same role are told apart by their e-mail address, ascending."""
    posts: dict[int, list[Post]] = defaultdict(list)
    rows = Coverage.objects.filter(account_id__in=accounts).as_of(on)
    rows = rows.order_by("role__position", "role_id", "member__email", "id")
    columns = ("account_id", "org_unit_id", "role_id", "member_id", "covers_descendants")
    for account, unit, role, member, reaches_down in rows.values_list(*columns):
        posts[account].append(Post(unit, role, member, reaches_down))
    return posts, Member.objects.in_bulk({post.member for held in posts.values() for post in held})
