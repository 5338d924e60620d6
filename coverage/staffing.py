"""What the slots of customers are made of on a day, read in five statements whatever the number of customers."""

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
from teams.overlap import WorkingTime, languages_of_place, working_time

_CALENDARS = Calendars()


@dataclass(frozen=True)
class Unit:
    """An open unit: its code, kind and country, and where and how its people work."""

    code: str
    kind: str
    country: str
    place: Place


@dataclass(frozen=True)
class Staffing:
    """One account on a day: open units, the links along which coverage is inherited, its tier's rules, who stands where.

    `emails` are those of the members in `posts`.
    """

    on: dt.date
    units: Mapping[int, Unit] = field(default_factory=dict)
    above: Forest = field(default_factory=lambda: Forest((), {}))
    rules: tuple[Rule, ...] = ()
    posts: tuple[Post, ...] = ()
    people: Mapping[int, Person] = field(default_factory=dict)
    emails: Mapping[int, str] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[int, str]:
        return {pk: unit.kind for pk, unit in self.units.items()}

    @property
    def places(self) -> dict[int, Place]:
        return {pk: unit.place for pk, unit in self.units.items()}

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
    posts, people, emails = _posts(tiers, on)
    return {
        account: Staffing(
            on,
            units[account],
            Forest.of(units[account], links[account]),
            tuple(rules[tier]),
            tuple(post for post in posts[account] if post.unit in units[account]),
            people,
            emails,
        )
        for account, tier in tiers.items()
    }


def _units(accounts: Collection[int], on: dt.date) -> dict[int, dict[int, Unit]]:
    found: dict[int, dict[int, Unit]] = defaultdict(dict)
    rows = OrgUnit.objects.filter(account_id__in=accounts).open_on(on).order_by("name", "id")
    columns = ("account_id", "id", "code", "kind", "country", "languages", "time_zone")
    for account, pk, code, kind, country, languages, zone in rows.values_list(*columns):
        place = Place(languages_of_place(languages, country), _time(country, zone, on))
        found[account][pk] = Unit(code, kind, country, place)
    return found


@cache
def _time(country: str, zone: str, on: dt.date) -> WorkingTime:
    """Without its calendar: weekday and holidays play no part here. A zone that nobody has heard of is unknown."""
    if zone and zone not in available_timezones():
        return NO_TIME
    return replace(working_time(_CALENDARS, country=country, time_zone=zone, on=on), calendar=None)


def _rules(tiers: Iterable[str | None]) -> dict[str | None, list[Rule]]:
    found: dict[str | None, list[Rule]] = defaultdict(list)
    policies = CoveragePolicy.objects.filter(tier__in={tier for tier in tiers if tier})
    columns = ("tier_id", "unit_kind", "role_id", "is_inheritable", "weight")
    for tier, kind, role, is_inheritable, weight in policies.order_by("role__position", "role").values_list(*columns):
        found[tier].append(Rule(kind, role, is_inheritable, weight))
    return found


def _posts(accounts: Collection[int], on: dt.date) -> tuple[dict[int, list[Post]], dict[int, Person], dict[int, str]]:
    """Members of the same role are told apart by their e-mail address, ascending."""
    posts: dict[int, list[Post]] = defaultdict(list)
    people: dict[int, Person] = {}
    emails: dict[int, str] = {}
    rows = Coverage.objects.filter(account_id__in=accounts).as_of(on).select_related("member")
    for row in rows.order_by("role__position", "role_id", "member__email", "id"):
        posts[row.account_id].append(Post(row.org_unit_id, row.role_id, row.member_id, row.covers_descendants))
        if row.member_id not in people:
            member = row.member
            people[member.pk] = Person(tuple(member.languages), _time(member.country.code or "", member.time_zone, on))
            emails[member.pk] = member.email
    return posts, people, emails
