"""What the pages of working together read of an account: its places, the members who serve it, and the people to meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from accounts.models import Account, Contact, OrgUnit
from core import formats
from regions.calendars import Calendar, Calendars
from regions.queries import calendars
from teams.models import Member, TeamMember
from teams.overlap import WorkingTime, certain_zone, languages_of_place, working_time
from users.models import User
from workspace.together import Ahead, Companion, Place, Shared, Weeks, ahead, grouped, shared

WEEKS = 4
MOST_PLACES = 60
BRIEF_PLACES = 12
"""How many places the team's page shows; the page of its own shows more."""


@dataclass(frozen=True)
class Row:
    """A place with what each member shares with it, in the order of the members."""

    place: Place
    cells: list[Shared]

    @property
    def is_in_doubt(self) -> bool:
        return bool(self.cells) and all(cell.state != "covered" for cell in self.cells)


@dataclass(frozen=True)
class Together:
    """How an account's team and its places work together in the weeks from a day on."""

    weeks: Weeks
    members: list[Companion]
    rows: list[Row]
    calendars: list[Calendar]
    ahead: Ahead
    more: int
    has_units: bool


def together(
    *, viewer: User, account: Account, on: dt.date, search: str = "", doubtful: bool = False, most: int = MOST_PLACES
) -> Together:
    """`account` is one that `viewer` sees. `search` finds countries, zones and units; `doubtful` leaves the places where no
    member has a language and two hours. Of many places the first are shown, `more` says how many are not."""
    weeks, known = Weeks(on, on + dt.timedelta(weeks=WEEKS)), calendars()
    members = companions(account=account, on=on, known=known)
    places = _places(account, weeks, known)
    rows = [
        Row(place, [shared(member, place, weeks) for member in members])
        for place in places
        if _is_found(place, search.casefold())
    ]
    rows = [row for row in rows if row.is_in_doubt] if doubtful else rows
    shown = rows[:most]
    works = [*(row.place.works for row in shown), *(member.works for member in members)]
    countries = {work.calendar.country: replace(work.calendar, week=None) for work in works if work.calendar}
    held = [countries[code] for code in sorted(countries, key=lambda code: formats.country(code).casefold())]
    zones = {zone for work in works if (zone := certain_zone(work, weeks.since, weeks.until))}
    return Together(weeks, members, shown, held, ahead(held, zones, weeks), len(rows) - len(shown), bool(places))


def companions(*, account: Account, on: dt.date, known: Calendars) -> list[Companion]:
    """The members who serve an account on a day, each once, by role and name."""
    serving = TeamMember.objects.filter(team=account.team_id).as_of(on).select_related("member")
    found = {row.member_id: row.member for row in serving.order_by("role__position", "member__email")}
    return [
        Companion(member.pk, str(member), str(member.country), tuple(member.languages), works_of(member, on, known))
        for member in found.values()
    ]


def works_of(member: Member, on: dt.date, known: Calendars) -> WorkingTime:
    """When a member works: her own hours and days, else those of her country."""
    return working_time(
        known,
        country=str(member.country),
        time_zone=member.time_zone,
        on=on,
        works_from=member.works_from,
        works_to=member.works_to,
        working_days=member.working_days,
    )


def _places(account: Account, weeks: Weeks, known: Calendars) -> list[Place]:
    units = OrgUnit.objects.filter(account=account).open_on(weeks.since).order_by("name", "id")
    columns = units.values_list("name", "country", "time_zone", "languages")
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for name, country, zone, own in columns:
        alike.setdefault((str(country), zone, tuple(own)), []).append(name)
    return grouped((_place(*key, weeks, known), name) for key, names in alike.items() for name in names)


def _place(country: str, zone: str, own: Iterable[str], weeks: Weeks, known: Calendars) -> Place:
    works = working_time(known, country=country, time_zone=zone, on=weeks.since)
    certain = certain_zone(works, weeks.since, weeks.until) or ""
    return Place(country, certain, languages_of_place(own, country), works)


def _is_found(place: Place, words: str) -> bool:
    names = (formats.country(place.country), place.zone, *place.units)
    return not words or any(words in name.casefold() for name in names)


@dataclass(frozen=True)
class Person:
    """Somebody to meet: one of us, or somebody at the customer."""

    key: str
    name: str
    detail: str
    email: str
    country: str
    works: WorkingTime


def people_to_meet(*, viewer: User, account: Account, on: dt.date) -> tuple[list[Person], list[Person]]:
    """The members who serve an account, and its contacts that `viewer` may see, by name. A contact is where her unit is."""
    known = calendars()
    serving = TeamMember.objects.filter(team=account.team_id).as_of(on).select_related("member", "role")
    members: dict[str, Person] = {}
    for row in serving.order_by("role__position", "member__email"):
        member = row.member
        works = works_of(member, on, known)
        person = Person(f"member:{member.pk}", str(member), row.role.name, member.email, str(member.country), works)
        members.setdefault(person.key, person)
    seen = Contact.objects.visible_to(viewer).filter(account=account).select_related("org_unit")
    contacts = [_contact(one, on, known) for one in seen.order_by("family_name", "given_name", "id")]
    return list(members.values()), contacts


def _contact(contact: Contact, on: dt.date, known: Calendars) -> Person:
    unit = contact.org_unit
    country, zone = (str(unit.country), unit.time_zone) if unit else ("", "")
    works = working_time(known, country=country, time_zone=zone, on=on)
    detail = " · ".join(filter(None, (contact.title, unit.name if unit else "")))
    return Person(f"contact:{contact.pk}", str(contact), detail, contact.email, country, works)
