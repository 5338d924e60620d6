from __future__ import annotations

import datetime as dt
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.loading_people import RELATIONSHIPS
from accounts.models import Contact, Relationship
from core.errors import DomainError, NotPermitted
from core.staging_rows import write_rows
from teams.models import Member
from users.models import User
from users.permissions import Permission


@transaction.atomic
def note_contact(*, contact: int, on: dt.date, by: User) -> dict[str, Any]:
    """Note that `by` met somebody on a day. Returns what `forget_contact` needs: the day that stood (`was`, ISO or None), and
    whether they had not known each other (`is_new`).

    Raises DomainError for a day ahead or one before the day that stands, NotPermitted, and Contact.DoesNotExist.
    """
    person, member = _between(contact, by)
    if on > scope_of(by).on:
        raise DomainError(_("That day lies ahead. Choose today or an earlier one."), field="on")
    known = Relationship.objects.select_for_update().filter(contact=person, member=member).first()
    was = known.last_contact_on if known else None
    if was is not None and on < was:
        raise DomainError(_("A later contact is noted already."), field="on")
    _write(person, member, on, by)
    return {"was": was and was.isoformat(), "is_new": known is None}


@transaction.atomic
def forget_contact(*, contact: int, on: dt.date, was: dt.date | None, is_new: bool, by: User) -> None:
    """Take `note_contact` back. Raises DomainError when something else was noted since."""
    person, member = _between(contact, by)
    known = Relationship.objects.select_for_update().filter(contact=person, member=member).first()
    if known is None or known.last_contact_on != on:
        raise DomainError(_("Another contact was noted since: this one can’t be taken back any more."))
    if is_new:
        with pghistory.context(user=by.pk):
            known.delete()
    else:
        _write(person, member, was, by)


def _between(contact: int, by: User) -> tuple[Contact, Member]:
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change contacts."))
    person: Contact = Contact.objects.visible_to(by).get(pk=contact)
    member = Member.objects.filter(user=by).first()
    if member is None:
        raise NotPermitted(_("Only members of ours meet contacts: your login belongs to none."))
    return person, member


def _write(person: Contact, member: Member, on: dt.date | None, by: User) -> None:
    row = {
        "contact_external_id": person.external_id,
        "member_email": member.email,
        "last_contact_on": on and on.isoformat(),
    }
    write_rows(RELATIONSHIPS, [row], by=by)
