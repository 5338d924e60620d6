"""Opportunities that were deleted, and how one comes back with its lines, splits and stage history."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models.functions import ExtractMonth, ExtractYear
from django.utils.translation import gettext as _

from accounts.access import may_see_fact, scope_of
from accounts.models import Contact
from accounts.moved import account_now
from core.errors import DomainError, NotPermitted
from core.undeletion import coming_back, deleted, events_of, put_back
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.enablement_models import PlayDismissal, PlayUse
from pipeline.journey_models import ExitCriterion, Tick
from pipeline.models import Lead, Opportunity, OpportunityLine, OpportunitySplit, StageHistory
from users.models import User
from users.permissions import Permission

_PARTS = (
    OpportunityLine, OpportunitySplit, StageHistory, NextStep, DealContact, DealCompetitor, Tick, PlayUse, PlayDismissal,
)  # fmt: skip
#: Parts that come back only where what they name is still there: a deal does without.
_NAMED: dict[type[models.Model], tuple[str, type[models.Model]]] = {
    DealContact: ("contact_id", Contact),
    DealCompetitor: ("competitor_id", Competitor),
    Tick: ("criterion_id", ExitCriterion),
}
_OF_ACCOUNT = (OpportunityLine, DealContact)


def deleted_deals(*, viewer: User) -> models.QuerySet[Any]:
    """Deletions of deals that `viewer` saw whole, the latest first; `is_taken`: another deal has the external id now."""
    month = ExtractYear("close_date") * 12 + ExtractMonth("close_date") - 1
    taken = Opportunity.objects.filter(external_id=models.OuterRef("external_id"))
    rows: models.QuerySet[Any] = deleted(Opportunity).annotate(fact_month=month, is_taken=models.Exists(taken))
    if scope_of(viewer).is_everything:
        return rows
    seen = may_see_fact(viewer, month="fact_month")
    lines = _parts(OpportunityLine, models.OuterRef("pgh_obj_id"), models.OuterRef("pgh_created_at"))
    hidden = lines.annotate(fact_month=_of_deal("fact_month")).exclude(seen)
    found: models.QuerySet[Any] = rows.filter(seen).exclude(models.Exists(hidden))
    return found


def _of_deal(column: str) -> models.ExpressionWrapper[Any]:
    return models.ExpressionWrapper(models.OuterRef(column), output_field=models.SmallIntegerField())


def _parts(model: type[models.Model], deal: Any, at: Any) -> models.QuerySet[Any]:
    """What went with a deal in one transaction: history stamps both with its beginning."""
    found: models.QuerySet[Any] = events_of(model)._default_manager.filter(
        pgh_label="delete", opportunity_id=deal, pgh_created_at=at
    )
    return found


def restore_deal(*, event: int, by: User) -> int:
    """Bring a deal back as it was, with its id, which is returned; of a merged account it is the new account's.

    NotPermitted; DomainError when its external id is taken or what it belongs to is gone; ObjectDoesNotExist when `by`
    did not see the deal whole, or it is back already.
    """
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change opportunities."))
    found = deleted_deals(viewer=by).get(pk=event)
    if found.is_taken:
        text = _("Another opportunity has the external id “%(id)s” now. Give that one another id, or delete it, first.")
        raise DomainError(text % {"id": found.external_id})
    account = {"account_id": account_now(found.account_id)}
    of_deal: dict[str, Any] = {**account, "lead_id": _lead_still_free(found.lead_id)}
    with coming_back(), pghistory.context(user=by.pk, reason=_("Restored")):
        put_back(Opportunity, [event], instead=of_deal)
        for model in _PARTS:
            parts = _parts(model, found.pgh_obj_id, found.pgh_created_at)
            if model in _NAMED:
                column, named = _NAMED[model]
                parts = parts.filter(**{f"{column}__in": named._default_manager.values("pk")})
            if model is PlayUse:
                gone = parts.filter(contact_id__isnull=False).exclude(contact_id__in=Contact.objects.values("pk"))
                put_back(model, list(gone.values_list("pk", flat=True)), instead={"contact_id": None})
                parts = parts.exclude(pk__in=gone.values("pk"))
            events = list(parts.values_list("pk", flat=True))
            put_back(model, events, instead=account if model in _OF_ACCOUNT else None)
    return int(found.pgh_obj_id)


def _lead_still_free(lead: int | None) -> int | None:
    """The lead that a deal came from, unless it is gone or has become another deal."""
    is_free = lead and Lead.objects.filter(pk=lead).exclude(opportunities__isnull=False).exists()
    return lead if is_free else None
