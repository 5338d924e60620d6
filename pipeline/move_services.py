"""A deal goes from one stage to another by a page, and back again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock, last_change
from core.errors import DomainError
from pipeline.loading import OPPORTUNITIES
from pipeline.models import Opportunity, Outcome, Stage, StageHistory
from pipeline.move_rules import ask_of_move, keep_reason
from pipeline.services import DealChanged, editable_deal, write_part
from users.models import User


def move_version(*, pk: int) -> int:
    """Grows with every change of the deal's own columns."""
    return last_change.version_of(Opportunity, pgh_obj_id=pk)


@transaction.atomic
def move_opportunity(
    *, pk: int, stage: str, version: int, reason: str = "", closed_on: dt.date | None = None, by: User
) -> None:
    """Move a deal to a stage. `version` is that of `move_version` when it was seen; `closed_on` is the business date of a deal
    that is won or lost by it. Where it is already, nothing happens.

    Opportunity.DoesNotExist, NotPermitted, DealChanged, ContactsMissing, CriteriaUnmet, DomainError.
    """
    deal = editable_deal(pk, by)
    if move_version(pk=pk) != version:
        raise DealChanged(_("Somebody changed this opportunity meanwhile. Look at it again and repeat your move."))
    target = Stage.objects.filter(pk=stage).first()
    if target is None:
        raise DomainError(_("Choose a stage."), field="stage")
    if target.pk == deal.stage_id:
        return
    ask_of_move(deal, target, reason=reason)
    row: dict[str, Any] = {"external_id": deal.external_id, "stage": target.pk}
    if target.outcome != Outcome.OPEN:
        if closed_on is None:
            raise DomainError(_("Say on which day it was won or lost."), field="closed_on")
        row["close_date"] = closed_on.isoformat()
    write_part("deal", OPPORTUNITIES, [row], by=by, ids=[pk])
    keep_reason(pk, target, reason)


@transaction.atomic
def take_back_move(*, pk: int, version: int, by: User) -> None:
    """Put a deal back where it was before its last change of stage. `version` is that of the deal after that change.

    The history keeps both: the change and that it was taken back. Opportunity.DoesNotExist, NotPermitted; DomainError when
    something was changed since, or there is nothing to take back.
    """
    deal = editable_deal(pk, by)
    change = _last_standing(deal)
    if change is None or change.stage_id != deal.stage_id or change.undoes_id is not None:
        raise DomainError(_("There is nothing to take back."))
    with pghistory.context(user=by.pk):
        last_change.take_back(Opportunity, version=version, pgh_obj_id=pk)
        back = Opportunity.objects.get(pk=pk)
        StageHistory.objects.create(
            opportunity=back,
            changed_at=clock.now(),
            stage_id=back.stage_id,
            amount=back.amount,
            close_date=back.close_date,
            changed_by=by,
            undoes=change,
        )


def _last_standing(deal: Opportunity) -> StageHistory | None:
    found: StageHistory | None = StageHistory.objects.filter(opportunity=deal).order_by("-changed_at", "-pk").first()
    return found
