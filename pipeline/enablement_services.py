"""Keeping plays, and noting what people did with them on deals."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.models import Contact
from core import clock
from core.errors import DomainError, NotPermitted
from core.staging_rows import write_rows
from pipeline.deals import Row
from pipeline.enablement_circle import Circle, Person, circle_of
from pipeline.enablement_loading import PLAY_USES, PLAYS
from pipeline.enablement_models import Play, PlayDismissal, PlayUse
from pipeline.enablement_queries import deal_in_view
from pipeline.models import Opportunity, Outcome
from teams.models import Member
from users.models import User
from users.permissions import Permission


def add_play(*, row: dict[str, Any], by: User) -> None:
    """Write a new play; `row` has the columns of its file. NotPermitted; RowsRejected, which names the column."""
    write_rows(PLAYS, [row], by=by, create_only=True)


def change_play(*, pk: int, row: dict[str, Any], by: User) -> None:
    """Write a play anew. Its code stays. NotPermitted; RowsRejected."""
    write_rows(PLAYS, [row], by=by, ids=[pk])


@transaction.atomic
def close_play(*, pk: int, on: dt.date, by: User) -> None:
    """From `on` on a play is offered no more; what was noted of it stays. NotPermitted; DomainError before its first day."""
    if not by.may(Permission.CONFIGURE_PIPELINE):
        raise NotPermitted(_("You may not change this."))
    play = Play.objects.select_for_update().get(pk=pk)
    if on <= play.valid_from:
        raise DomainError(_("A period must end after it starts."), field="valid_to")
    with pghistory.context(user=by.pk):
        play.valid_to = on
        play.save(update_fields=["valid_to"])


@transaction.atomic
def note_use(*, pk: int, play: str, contact: int | None = None, by: User) -> int:
    """Note that a play was used on a deal on the business date, for a contact or for nobody in particular. Returns the use's id.

    Raises Opportunity.DoesNotExist and Play.DoesNotExist for what `by` does not see; NotPermitted; DomainError when it is noted
    already, or the contact is none of the deal's account.
    """
    deal, found = _asked(pk, play, by)
    on = scope_of(by).on
    if deal.stage.outcome != Outcome.OPEN:
        raise DomainError(_("This opportunity is closed: what was used on it is noted while it is open."))
    circle = circle_of(deal, viewer=by, on=on)
    person = circle.person(contact)
    if contact is not None and person is None:
        raise DomainError(_("This contact is not among those of the deal."), field="contact")
    member = Member.objects.filter(user=by).values_list("email", flat=True).first()
    row: Row = {
        "external_id": f"gam-{secrets.token_hex(6)}",
        "opportunity_external_id": deal.external_id,
        "play_code": found.code,
        "stage": deal.stage_id,
        "used_on": on,
        "member_email": member,
        "contact_external_id": _external_id(contact),
        "buying_role": _role_met(found, circle, person),
        "language": _language_met(found, circle, person),
    }
    return int(write_rows(PLAY_USES, [row], by=by, create_only=True).ids[0])


def _external_id(contact: int | None) -> str | None:
    return None if contact is None else Contact.objects.values_list("external_id", flat=True).get(pk=contact)


def _role_met(play: Play, circle: Circle, person: Person | None) -> str:
    """The role that it was used for: of the contact; without one, the only one of the play's that is known here."""
    roles = person.roles if person else circle.roles
    met = [role for role in play.buying_roles if role in roles]
    if person:
        return (met or sorted(roles) or [""])[0]
    return met[0] if len(met) == 1 else ""


def _language_met(play: Play, circle: Circle, person: Person | None) -> str:
    """The language that it was used in, as far as that follows: what the contact speaks, or else the only one there is."""
    spoken = person.languages if person and person.languages else circle.customer_languages
    met = [code for code in play.languages if code in spoken]
    if met:
        return met[0]
    return play.languages[0] if len(play.languages) == 1 else ""


@transaction.atomic
def take_back_use(*, pk: int, by: User) -> None:
    """A use did not happen: it counts no more and stays as a record. NotPermitted; PlayUse.DoesNotExist."""
    _take_back(PlayUse.objects.visible_to(by).standing(), pk, by)


@transaction.atomic
def put_aside(*, pk: int, play: str, reason: str, by: User) -> None:
    """A play is not useful on a deal: it is offered there no more. DomainError without a reason; else as `note_use`."""
    deal, found = _asked(pk, play, by)
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise DomainError(_("Say why it is not useful here."), field="reason")
    try:
        with transaction.atomic(), pghistory.context(user=by.pk):
            PlayDismissal.objects.create(opportunity=deal, play=found, reason=reason, noted_at=clock.now(), noted_by=by)
    except IntegrityError as error:
        raise DomainError(_("It is put aside already.")) from error


@transaction.atomic
def offer_again(*, pk: int, by: User) -> None:
    """A play that was put aside is offered again. NotPermitted; PlayDismissal.DoesNotExist."""
    _take_back(PlayDismissal.objects.visible_to(by).standing(), pk, by)


def _take_back(rows: Any, pk: int, by: User) -> None:
    found = rows.select_for_update(of=("self",)).get(pk=pk)
    _demand(by)
    with pghistory.context(user=by.pk):
        found.taken_back_at, found.taken_back_by = clock.now(), by
        found.save(update_fields=["taken_back_at", "taken_back_by"])


def _asked(pk: int, code: str, by: User) -> tuple[Opportunity, Play]:
    deal = deal_in_view(viewer=by, pk=pk)
    found = Play.objects.visible_to(by).get(code=code)
    _demand(by)
    return deal, found


def _demand(by: User) -> None:
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change opportunities."))
