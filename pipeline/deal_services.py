"""What stands around a deal: who of the customer is in it, who else sells there, what is done next, which criteria it meets.

Every change asks as an edit of the deal does: Opportunity.DoesNotExist for who does not see it, NotPermitted for who sees a part.
"""

from __future__ import annotations

import datetime as dt

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import BuyingRole, Contact
from core import clock
from core.errors import DomainError
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.journey_models import ExitCriterion, Tick
from pipeline.services import editable_deal
from teams.queries import members
from users.models import User


@transaction.atomic
def add_contact(*, pk: int, contact: int, buying_role: str = "", by: User) -> DealContact:
    """Somebody of the account in a role; without one, in the role that the contact has anyway. Twice changes nothing.

    DomainError with its field: nobody of this account whom `by` sees, or no role.
    """
    deal = editable_deal(pk, by)
    person = Contact.objects.visible_to(by).filter(pk=contact, account=deal.account_id).first()
    if person is None:
        raise DomainError(_("Choose a contact of this account."), field="contact")
    role = buying_role or person.buying_role
    if role not in BuyingRole.values:
        raise DomainError(_("Say which part this contact has in the purchase."), field="buying_role")
    with pghistory.context(user=by.pk):
        found, _is_new = DealContact.objects.get_or_create(
            opportunity=deal, contact=person, buying_role=role, account_id=deal.account_id
        )
    return found


@transaction.atomic
def remove_contact(*, pk: int, row: int, by: User) -> None:
    """The contact has this role in the deal no more. DealContact.DoesNotExist when it is none of the deal."""
    deal = editable_deal(pk, by)
    with pghistory.context(user=by.pk):
        DealContact.objects.get(pk=row, opportunity=deal).delete()


@transaction.atomic
def note_competitor(*, pk: int, competitor: str, is_incumbent: bool, note: str = "", by: User) -> None:
    """A competitor is in the deal, or what is known of it there changes. DomainError for a code that is none."""
    deal = editable_deal(pk, by)
    found = Competitor.objects.filter(pk=competitor).first()
    if found is None:
        raise DomainError(_("Choose a competitor."), field="competitor")
    with pghistory.context(user=by.pk):
        DealCompetitor.objects.update_or_create(
            opportunity=deal,
            competitor=found,
            defaults={"is_incumbent": is_incumbent, "note": note.strip()},
        )


@transaction.atomic
def remove_competitor(*, pk: int, row: int, by: User) -> None:
    """DealCompetitor.DoesNotExist when it is none of the deal."""
    deal = editable_deal(pk, by)
    with pghistory.context(user=by.pk):
        DealCompetitor.objects.get(pk=row, opportunity=deal).delete()


@transaction.atomic
def set_next_step(*, pk: int, text: str, due_on: dt.date | None = None, member: str = "", by: User) -> None:
    """What is done next: the open step says so from now on. `member` is an e-mail address; empty: nobody yet."""
    deal = editable_deal(pk, by)
    if not text.strip():
        raise DomainError(_("Say what is done next."), field="text")
    who = members(viewer=by).filter(email=member).first() if member else None
    if member and who is None:
        raise DomainError(_("Choose a member."), field="member")
    with pghistory.context(user=by.pk):
        NextStep.objects.update_or_create(
            opportunity=deal, done_at=None, defaults={"text": text.strip(), "due_on": due_on, "member": who}
        )


@transaction.atomic
def finish_next_step(*, pk: int, by: User) -> None:
    """The open step is done, and another may be set. NextStep.DoesNotExist when there is none."""
    deal = editable_deal(pk, by)
    step = NextStep.objects.get(opportunity=deal, done_at=None)
    step.done_at, step.done_by = clock.now(), by
    with pghistory.context(user=by.pk):
        step.save(update_fields=["done_at", "done_by"])


@transaction.atomic
def tick_criterion(*, pk: int, criterion: int, is_met: bool, by: User) -> None:
    """Say that the deal meets a criterion, or take that back. Said twice it changes nothing.

    ExitCriterion.DoesNotExist when nobody asks for it.
    """
    deal = editable_deal(pk, by)
    asked = ExitCriterion.objects.get(pk=criterion)
    standing = Tick.objects.filter(opportunity=deal, criterion=asked, taken_back_at=None).first()
    if (standing is not None) == is_met:
        return
    with pghistory.context(user=by.pk):
        if standing is None:
            Tick.objects.create(opportunity=deal, criterion=asked, ticked_at=clock.now(), ticked_by=by)
        else:
            standing.taken_back_at, standing.taken_back_by = clock.now(), by
            standing.save(update_fields=["taken_back_at", "taken_back_by"])
