"""A deal's next step, set or finished from the work list, and its taking back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core.errors import DomainError
from pipeline.deal_models import NextStep
from pipeline.deal_services import finish_next_step, set_next_step
from pipeline.services import editable_deal
from teams.models import Member
from users.models import User


@transaction.atomic
def finish_step(*, pk: int, by: User) -> int:
    """The open step of a deal is done. Returns its id. NextStep.DoesNotExist when there is none."""
    step: int = NextStep.objects.values_list("pk", flat=True).get(opportunity=pk, done_at=None)
    finish_next_step(pk=pk, by=by)
    return step


@transaction.atomic
def reopen_step(*, pk: int, step: int, by: User) -> None:
    """Take `finish_step` back. DomainError when another step is open meanwhile."""
    deal = editable_deal(pk, by)
    if NextStep.objects.filter(opportunity=deal, done_at=None).exists():
        raise DomainError(_("Another step was set meanwhile: this one can’t be taken back any more."))
    with pghistory.context(user=by.pk):
        NextStep.objects.filter(pk=step, opportunity=deal).update(done_at=None, done_by=None)


@transaction.atomic
def plan_step(*, pk: int, text: str, due_on: dt.date, by: User) -> dict[str, Any] | None:
    """The reader's own next step on a deal, by a day ahead. Returns the open step that it takes the place of, or None."""
    if due_on < scope_of(by).on:
        raise DomainError(_("That day has passed. Choose today or a later one."), field="due_on")
    editable_deal(pk, by)
    was = NextStep.objects.filter(opportunity=pk, done_at=None).select_related("member").first()
    member = Member.objects.filter(user=by).values_list("email", flat=True).first()
    set_next_step(pk=pk, text=text, due_on=due_on, member=member or "", by=by)
    if was is None:
        return None
    return {
        "text": was.text,
        "due_on": was.due_on and was.due_on.isoformat(),
        "member": was.member.email if was.member else "",
    }


@transaction.atomic
def unplan_step(*, pk: int, text: str, was: Mapping[str, Any] | None, by: User) -> None:
    """Take `plan_step` back. DomainError when the step was changed or done meanwhile."""
    deal = editable_deal(pk, by)
    step = NextStep.objects.filter(opportunity=deal, done_at=None).first()
    if step is None or step.text != text:
        raise DomainError(_("Another step was set meanwhile: this one can’t be taken back any more."))
    if was is None:
        with pghistory.context(user=by.pk):
            step.delete()
    else:
        due_on = dt.date.fromisoformat(was["due_on"]) if was["due_on"] else None
        set_next_step(pk=pk, text=was["text"], due_on=due_on, member=was["member"], by=by)
