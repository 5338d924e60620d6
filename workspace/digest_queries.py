"""What digests read: who wants one and when, a reader's own choice, and what became of those that were sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet

from core import clock
from regions.calendars import Calendar, Calendars, personal_calendar
from regions.queries import calendars
from teams.models import Member
from users.models import User
from users.permissions import Permission
from workspace.digest_days import zone_of
from workspace.models import Digest, DigestChoice

SALT = "gam.digest"


@dataclass(frozen=True)
class Reader:
    """Somebody with her own clock and days. `knows_country`: whether her public holidays are known."""

    user: User
    zone: ZoneInfo
    calendar: Calendar
    knows_country: bool


def reader_of(user: User, known: Calendars) -> Reader:
    """A zone of her own settings, else of the member that she is, else her country's only one, else the organisation's."""
    member: Member | None = getattr(user, "member", None)
    country = known.of(member.country.code or "") if member else None
    zones = country.zones_on(clock.today()) if country else ()
    named = (
        user.time_zone,
        member.time_zone if member else "",
        zones[0] if len(zones) == 1 else "",
        settings.GAM_TIME_ZONE,
    )
    week = member.working_days if member else ()
    return Reader(user, zone_of(*named), personal_calendar(country, week), country is not None)


def reader(*, viewer: User) -> Reader:
    return reader_of(viewer, calendars())


def choices_on() -> list[tuple[DigestChoice, Reader]]:
    """Everybody who wants the digest and may sign in, in three statements."""
    rows = DigestChoice.objects.filter(is_on=True, user__is_active=True).select_related("user__member")
    known = calendars()
    return [(choice, reader_of(choice.user, known)) for choice in rows.order_by("pk")]


def choice_of(*, viewer: User) -> DigestChoice:
    """What the viewer has chosen; without a choice, one that is not stored and off."""
    return DigestChoice.objects.filter(user=viewer).first() or DigestChoice(user=viewer)


def digests(*, viewer: User) -> QuerySet[Digest]:
    """What became of everybody's digests, for those who look after jobs."""
    rows = Digest.objects.select_related("user")
    return rows if viewer.may(Permission.SEE_JOBS) else rows.none()


def last_digest(*, viewer: User) -> Digest | None:
    """The viewer's own latest one."""
    return Digest.objects.filter(user=viewer).order_by("-day").first()


def token_of(choice: DigestChoice) -> str:
    """What a link needs to stop a reader's digests without her signing in; it lasts until her choice gets another key."""
    return signing.dumps([choice.user_id, choice.key], salt=SALT)


def choice_named(*, token: str) -> DigestChoice:
    """The choice that a link speaks of. DigestChoice.DoesNotExist for one that was forged, or is void."""
    try:
        user, key = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise DigestChoice.DoesNotExist from error
    found: DigestChoice = DigestChoice.objects.select_related("user").get(user=user, key=key)
    return found


def local_day(*, viewer: User, now: dt.datetime | None = None) -> dt.date:
    """What day it is on the viewer's clock."""
    return (now or clock.now()).astimezone(reader(viewer=viewer).zone).date()
