"""Who of us fits a slot of a customer, why, and what it would change; of what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q

from accounts.access import scope_of, sees_money_of
from accounts.models import Account, OrgUnit, Relationship
from coverage.alignment import Sums, WeighedSlot
from coverage.fits import fit_of
from coverage.load import Load, Place
from coverage.load_queries import Burdens, burdens
from coverage.proposal_reasons import Reason, fit_codes
from coverage.slots import Coverer
from coverage.staffing import Staffing
from coverage.suggestions import Fitness, fitness_of, ranked
from coverage.weighing import Weighing, weighings
from money.conversion import from_minor
from money.queries import exponents
from regions.queries import calendars
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember, TeamRole
from teams.overlap import WorkingTime, common_working_minutes, working_time
from teams.queries import members
from users.models import User

SHOWN = 8
_WEEK = 7


class NoSlot(LookupError):
    """The unit does not need this role on the day, or is not there."""


@dataclass(frozen=True)
class Suggested:
    """A member for a slot. `minutes` are worked in common in the week from the day on; None: unknown. Loads are of what the
    reader sees; `is_part`: there is more. `contacts` None: the reader may not see the unit's people."""

    member: Member
    fitness: Fitness
    fill: Fraction | None
    codes: list[Reason]
    contacts: int | None
    in_team: bool
    minutes: int | None
    before: Load
    after: Load
    band: str
    is_part: bool
    has_room: bool
    score: Fraction | None
    gap: int | None

    @property
    def hours_in_common(self) -> Decimal | None:
        return None if self.minutes is None else Decimal(self.minutes) / 60


@dataclass(frozen=True)
class SlotSuggestions:
    """A slot and who fits it best. `gap` and `score` are those of today; amounts are minor units."""

    account: Account
    unit: OrgUnit
    role: TeamRole
    on: dt.date
    slot: WeighedSlot
    score: Fraction | None
    currency: str
    found: list[Suggested]
    of: int
    needs_head: bool
    has_money: bool

    def amount(self, minor: int | None) -> Decimal | None:
        """None where it is unknown, or where none of the account's figures are for the reader."""
        return None if minor is None or not self.has_money else from_minor(minor, exponents()[self.currency])

    @property
    def gap(self) -> Decimal | None:
        return self.amount(self.slot.gap)


def suggestions(
    *, viewer: User, account: Account, unit_code: str, role: str, on: dt.date | None = None, limit: int = SHOWN
) -> SlotSuggestions:
    """Raises NoSlot. `account` is one that `viewer` sees."""
    scope = scope_of(viewer)
    day = on or scope.on
    weighing = weighings(viewer=viewer, account_ids=[account.pk], on=day)[account.pk]
    unit = OrgUnit.objects.filter(account=account, code=unit_code.replace("\0", "")).first()
    slots = weighing.alignment.slots
    slot = next((one for one in slots if unit and one.slot.unit == unit.pk and one.slot.role == role), None)
    if unit is None or slot is None:
        raise NoSlot
    asked = _Asked(viewer, account, unit, slot, weighing, day)
    able = asked.able
    found = ranked((one.fitness, one.member.email, one) for one in map(asked.judged, able))[:limit]
    return SlotSuggestions(
        account=account,
        unit=unit,
        role=TeamRole.objects.get(pk=role),
        on=day,
        slot=slot,
        score=weighing.alignment.score,
        currency=weighing.currency,
        found=[asked.timed(one) for one in found],
        of=len(able),
        needs_head=role == GLOBAL_ACCOUNT_MANAGER and not able,
        has_money=sees_money_of(viewer, account.pk),
    )


class _Asked:
    """What judging each member needs, read once."""

    def __init__(
        self, viewer: User, account: Account, unit: OrgUnit, slot: WeighedSlot, weighing: Weighing, on: dt.date
    ) -> None:
        scope = scope_of(viewer)
        self.account, self.unit, self.slot, self.weighing, self.on = account, unit, slot, weighing, on
        self.team, head = _team(account, on)
        self.able = _able(viewer, slot, head)
        self.seen = burdens(viewer=viewer, on=on)
        self.whole = self.seen if scope.is_everything else burdens(viewer=None, on=on)
        is_whole = scope.is_everything or account.pk in scope.whole_account_ids
        self.contacts = _contacts_at(unit) if is_whole else None
        self.calendars = calendars()

    @property
    def staffing(self) -> Staffing:
        return self.weighing.staffing

    def judged(self, member: Member) -> Suggested:
        person, place = self.staffing.clocks.person(member), self.staffing.places[self.unit.pk]
        fit = fit_of(person, place, self.on)
        coverer = Coverer(member.pk, self.unit.pk, 0, fit)
        filled = replace(self.slot, slot=self.slot.slot.joined_by(coverer))
        whole_before, whole_after = self._loads(self.whole, member)
        before, after = self._loads(self.seen, member)
        has_room = whole_after.accounts <= max(self.whole.rates.most, whole_before.accounts)
        country = self.staffing.units[self.unit.pk].country
        same = member.country.code == country if country and member.country.code else None
        contacts = None if self.contacts is None else self.contacts.get(member.pk, 0)
        return Suggested(
            member=member,
            fitness=fitness_of(
                fill=fit.factor, room=_room(whole_after, has_room), contacts=contacts, same_country=same
            ),
            fill=fit.factor,
            codes=[*fit_codes(fit, person, place), *([["country", country]] if same else [])],
            contacts=contacts,
            in_team=member.pk in self.team,
            minutes=None,
            before=before,
            after=after,
            band=self.seen.rates.band(after.accounts),
            is_part=self.seen.held_by(member.pk) != self.whole.held_by(member.pk),
            has_room=has_room,
            score=score_with(self.weighing.alignment.sums, self.slot, filled),
            gap=filled.gap,
        )

    def _loads(self, found: Burdens, member: Member) -> tuple[Load, Load]:
        place = Place(self.account.pk, self.unit.pk, self.slot.slot.role)
        types = {self.account.pk: self.account.account_type_id, **found.types}
        told = replace(found, types=types)
        held = found.held_by(member.pk)
        return (
            told.of(member.pk, member.weekly_hours),
            told.of(member.pk, member.weekly_hours, held=held.given(places=[place])),
        )

    def timed(self, one: Suggested) -> Suggested:
        """With the hours in common in the working calendars of the unit and of the member: for those who are shown."""
        unit = self.staffing.units[self.unit.pk]
        theirs = working_time(self.calendars, country=unit.country, time_zone=unit.time_zone, on=self.on)
        member = one.member
        hers = working_time(
            self.calendars,
            country=member.country.code or "",
            time_zone=member.time_zone,
            on=self.on,
            works_from=member.works_from,
            works_to=member.works_to,
            working_days=member.working_days,
        )
        return replace(one, minutes=_minutes_of_week(theirs, hers, self.on))


def _minutes_of_week(a: WorkingTime, b: WorkingTime, on: dt.date) -> int | None:
    if on > dt.date.max - dt.timedelta(days=2 * _WEEK) or on < dt.date.min + dt.timedelta(days=2 * _WEEK):
        return None
    try:
        found = [common_working_minutes(a, b, on + dt.timedelta(days=day)) for day in range(_WEEK)]
    except KeyError:  # a zone that nobody has heard of
        return None
    return None if None in found else sum(minutes or 0 for minutes in found)


def _team(account: Account, on: dt.date) -> tuple[set[int], int | None]:
    rows = dict(TeamMember.objects.as_of(on).filter(team=account.team_id).values_list("role_id", "member_id"))
    team = set(TeamMember.objects.as_of(on).filter(team=account.team_id).values_list("member_id", flat=True))
    return team, rows.get(GLOBAL_ACCOUNT_MANAGER)


def _able(viewer: User, slot: WeighedSlot, head: int | None) -> list[Member]:
    """Colleagues who do not stand on the unit in this role; of a global account manager's slot, the one whom there is."""
    there = {one.member for one in slot.slot.coverers if not one.distance}
    people = members(viewer=viewer).exclude(pk__in=there).order_by("email")
    if slot.slot.role == GLOBAL_ACCOUNT_MANAGER:
        people = people.none() if head is None else people.filter(pk=head)
    return list(people)


def _contacts_at(unit: OrgUnit) -> Mapping[int, int]:
    here = Q(contact__org_unit=unit) | Q(contact__posts__org_unit=unit)
    rows = Relationship.objects.filter(here).values_list("member_id")
    return dict(rows.annotate(many=Count("contact", distinct=True)))


def _room(after: Load, has_room: bool) -> Fraction | None:
    if not has_room:
        return Fraction(0)
    return None if after.share is None else 1 - after.share


def score_with(sums: Sums, old: WeighedSlot, new: WeighedSlot) -> Fraction | None:
    """The score with one slot another."""
    known = sums.known - old.sums.known + new.sums.known
    filled = sums.filled - old.sums.filled + new.sums.filled
    return filled / known if known else None
