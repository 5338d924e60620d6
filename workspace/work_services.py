"""What a reader does with her work list: she puts a thing off, wakes it, acts on it where it stands, and takes that back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.models import Tier
from accounts.work import Done, source_of
from core import formats
from core.errors import DomainError, NotPermitted
from users.models import User
from users.permissions import Permission
from workspace.models import ContactRhythm, Snooze

#: Nobody puts a thing off for longer.
FURTHEST: Final = dt.timedelta(days=366)


@transaction.atomic
def snooze_item(*, source: str, key: str, until: dt.date, by: User) -> Done:
    """Leave a thing out of the list of `by` until a day; what it says of `back` is for `wake_item`. Raises DomainError."""
    on = scope_of(by).on
    if not on < until <= on + FURTHEST:
        raise DomainError(_("Put it off to a day after today, within a year."), field="until")
    if source_of(source) is None or not 0 < len(key) <= 120:
        raise DomainError(_("There is no such thing in the list any more."))
    rows = Snooze.objects.select_for_update().filter(user=by, source=source, key=key)
    was = rows.values_list("until", flat=True).first()
    Snooze.objects.update_or_create(user=by, source=source, key=key, defaults={"until": until})
    back = {"source": source, "key": key, "until": was and was.isoformat()}
    return Done(_("Put off until %(day)s.") % {"day": formats.day(until)}, back)


@transaction.atomic
def wake_item(*, source: str, key: str, by: User, until: str | None = None) -> None:
    """Let a thing wait again, or be put off to the day that stood before (ISO)."""
    rows = Snooze.objects.filter(user=by, source=source, key=key)
    if until:
        rows.update(until=dt.date.fromisoformat(until))
    else:
        rows.delete()


def act(*, source: str, key: str, values: Mapping[str, Any], by: User) -> Done:
    """Do what the source offers about a thing. Raises DomainError, and ObjectDoesNotExist for what `by` does not see."""
    found = source_of(source)
    if found is None or found.deed is None or not key.isdecimal():
        raise DomainError(_("There is no such thing in the list any more."))
    return found.deed.carry_out(key=key, by=by, **values)


def take_back(*, source: str, back: Mapping[str, Any], by: User) -> None:
    """Take back what `act` did. Raises DomainError when something else was done since."""
    found = source_of(source)
    if found is None or found.deed is None:
        raise DomainError(_("There is nothing to take back."))
    found.deed.take_back(by=by, **back)


@transaction.atomic
def set_rhythms(*, days: Mapping[str, int | None], by: User) -> None:
    """After how many days without a contact people of a tier are quiet; None: as usual. Raises NotPermitted."""
    if not by.may(Permission.CONFIGURE_TEAMS):
        raise NotPermitted(_("You may not change this."))
    with pghistory.context(user=by.pk):
        for tier in Tier.objects.filter(pk__in=days):
            if (every := days[tier.pk]) is None:
                ContactRhythm.objects.filter(tier=tier).delete()
            else:
                ContactRhythm.objects.update_or_create(tier=tier, defaults={"days": every})
