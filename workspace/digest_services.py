"""Sending the digests: at most one of a day to a reader, however many workers there are and whenever one is killed.

A row is written for a reader and her day, then her letter, then the row says `sending` and is committed, and only then is the mail
server spoken to. Whoever is killed before that leaves the row as it was, and the letter is written anew. Whoever is killed
after it leaves it in `sending`: whether the server took the letter can't be known, and it is not sent again by itself, since two
letters break a promise and a missing one costs a look at the page, where the same list stands. A server that says no has
not taken it: that is tried again while the day lasts.
"""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final

import pghistory
import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, NotPermitted
from regions.queries import calendars
from users.models import User
from users.permissions import Permission
from users.services import change_own_settings
from workspace import digest_mail
from workspace.digest_days import day_due, is_over
from workspace.digest_queries import choices_on, reader_of
from workspace.models import Digest, DigestChoice, DigestState

#: Minutes until a digest that failed is tried again; after the last one it is given up.
AGAIN: Final = (5, 15, 30, 60, 120)
#: A mail server is spoken to for seconds: what has been in `sending` for so long was cut off.
CUT_OFF: Final = dt.timedelta(minutes=15)
WAITING: Final = (DigestState.DUE, DigestState.FAILED)
_log = structlog.get_logger("gam.digests")


@transaction.atomic
def keep_settings(
    *, language: str, time_zone: str, is_on: bool, hour: int, even_when_empty: bool, by: User
) -> DigestChoice:
    """A reader's own settings: language and time zone ("" for none of her own), and whether and when she gets the digest."""
    change_own_settings(language=language, time_zone=time_zone, by=by)
    if not 0 <= hour <= 23:
        raise DomainError(_("An hour is 0 to 23."), field="hour")
    with pghistory.context(user=by.pk):
        values = {"is_on": is_on, "hour": hour, "even_when_empty": even_when_empty}
        choice, _is_new = DigestChoice.objects.update_or_create(user=by, defaults=values)
    return choice


@transaction.atomic
def switch_digest(*, choice: DigestChoice, is_on: bool) -> None:
    """Stop a reader's digests, or let them come again, by the link of her letter."""
    with pghistory.context(user=choice.user_id):
        DigestChoice.objects.filter(pk=choice.pk).update(is_on=is_on)


def plan_digests(*, now: dt.datetime | None = None) -> int:
    """A row for every reader whose digest is due and has none of her day yet; how many are new."""
    now = now or clock.now()
    due = [
        (reader.user, day)
        for choice, reader in choices_on()
        if (day := day_due(now, zone=reader.zone, hour=choice.hour, calendar=reader.calendar))
    ]
    known = set(Digest.objects.filter(day__in={day for _u, day in due}).values_list("user_id", "day"))
    rows = [Digest(user=user, day=day, try_at=now) for user, day in due if (user.pk, day) not in known]
    # Two workers may have looked at once: the second one's row is the first one's.
    Digest.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def send_digests(*, now: dt.datetime | None = None) -> int:
    """Settle what was cut off, plan what is due, and send what waits; how many letters a server took."""
    now = now or clock.now()
    settle_cut_off(now=now)
    plan_digests(now=now)
    sent = 0
    while (begun := _begin(now)) is not None:
        row, message = begun
        sent += message is not None and _deliver(row, message, now)
    return sent


def settle_cut_off(*, now: dt.datetime) -> int:
    """What a killed worker left in the middle of sending is not sent again, and is seen by administrators."""
    rows = Digest.objects.filter(state=DigestState.SENDING, sending_at__lt=now - CUT_OFF)
    text = "The worker ended while the mail server was spoken to: whether it took the letter is not known."
    return rows.update(state=DigestState.UNCLEAR, error=text)


@transaction.atomic
def _begin(now: dt.datetime) -> tuple[Digest, EmailMultiAlternatives | None] | None:
    """Take the next row that waits and that nobody else holds, and write its letter. No letter: the row is settled already."""
    waiting = Digest.objects.filter(state__in=WAITING, try_at__lte=now).order_by("try_at", "pk")
    row = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("user__member").first()
    if row is None:
        return None
    choice = DigestChoice.objects.filter(user=row.user, is_on=True, user__is_active=True).first()
    if choice is None:
        row.delete()
        return row, None
    if is_over(now, zone=reader_of(row.user, calendars()).zone, day=row.day):
        _settle(row, DigestState.GIVEN_UP, error=row.error or "Its day was over before it could be sent.")
        return row, None
    return row, _written(row, choice, now)


def _written(row: Digest, choice: DigestChoice, now: dt.datetime) -> EmailMultiAlternatives | None:
    try:
        with transaction.atomic():
            found = digest_mail.letter(viewer=row.user, day=row.day)
            message = digest_mail.message_of(found, viewer=row.user, day=row.day)
    except Exception as error:
        _fail(row, error, now)
        return None
    row.items = found.waiting
    if not found.waiting and not choice.even_when_empty:
        _settle(row, DigestState.EMPTY)
        return None
    row.state, row.sending_at, row.attempts, row.error = DigestState.SENDING, now, row.attempts + 1, ""
    row.save()
    return message


def _deliver(row: Digest, message: EmailMultiAlternatives, now: dt.datetime) -> bool:
    """Whether the server took it. Nothing is held meanwhile: a slow server locks no row."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        _fail(row, error, now, is_counted=True)
        return False
    try:
        connection.send_messages([message])
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        _fail(row, error, now, is_counted=True)
    except (OSError, SMTPException) as error:
        _settle(row, DigestState.UNCLEAR, error=_words(error))
    else:
        row.sent_at = clock.now()
        _settle(row, DigestState.SENT)
    _hang_up(connection)
    return row.state == DigestState.SENT


def _hang_up(connection: BaseEmailBackend) -> None:
    """What a server says to a goodbye changes nothing of what it took."""
    try:
        connection.close()
    except (OSError, SMTPException) as error:
        _log.info("mail server hung up", error=_words(error))


def _fail(row: Digest, error: Exception, now: dt.datetime, *, is_counted: bool = False) -> None:
    if not is_counted:
        row.attempts += 1
    _log.warning("digest failed", digest=row.pk, attempts=row.attempts, error=_words(error))
    if row.attempts > len(AGAIN):
        _settle(row, DigestState.GIVEN_UP, error=_words(error))
        return
    row.try_at = now + dt.timedelta(minutes=AGAIN[row.attempts - 1])
    _settle(row, DigestState.FAILED, error=_words(error))


def _settle(row: Digest, state: DigestState, *, error: str = "") -> None:
    row.state, row.error = state, error[:1000]
    row.save()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@transaction.atomic
def send_again(*, pk: int, by: User) -> None:
    """Let a digest that failed, was given up or cut off be sent once more today. Raises NotPermitted, DomainError and
    Digest.DoesNotExist."""
    if not by.may(Permission.IMPORT_DATA):
        raise NotPermitted(_("You may not start jobs."))
    row = Digest.objects.select_for_update().get(pk=pk)
    if row.state in (DigestState.SENT, DigestState.SENDING, DigestState.DUE):
        raise DomainError(_("This digest was sent, or is about to be."))
    row.attempts, row.try_at = 0, clock.now()
    _settle(row, DigestState.DUE, error=row.error)
