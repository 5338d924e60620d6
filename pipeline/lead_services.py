"""Leads from the first word to the opportunity: every change of status is written down with who made it and why."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pghistory
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, NotPermitted
from core.staging_rows import write_rows
from pipeline import services
from pipeline.deals import DealRows, rows_of, version_of
from pipeline.lead_models import LeadChange, RejectionReason
from pipeline.lead_rows import version_of_lead
from pipeline.loading import LEADS
from pipeline.models import Lead, LeadStatus, Opportunity
from users.models import User
from users.permissions import Permission

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    LeadStatus.NEW: (LeadStatus.MARKETING_QUALIFIED, LeadStatus.REJECTED),
    LeadStatus.MARKETING_QUALIFIED: (LeadStatus.SALES_QUALIFIED, LeadStatus.REJECTED),
    LeadStatus.SALES_QUALIFIED: (LeadStatus.REJECTED,),
    LeadStatus.REJECTED: (LeadStatus.NEW,),
    LeadStatus.CONVERTED: (),
}
"""Where a status leads by hand; a lead becomes converted by its conversion only."""


class LeadChanged(DomainError):
    """Somebody else changed the lead since the page was opened. Nothing was written."""


@transaction.atomic
def add_lead(*, row: Mapping[str, Any], by: User) -> int:
    """Write a new lead; its first status goes into its history. Returns its id. NotPermitted, RowsRejected."""
    named = {**row, "external_id": row.get("external_id") or f"gam-{secrets.token_hex(6)}"}
    return int(write_rows(LEADS, [named], by=by, create_only=True).ids[0])


@transaction.atomic
def change_lead(*, pk: int, row: Mapping[str, Any], version: str, by: User) -> None:
    """Write a lead's columns anew, but for its status. `version` is that of the lead when the form was opened.

    Lead.DoesNotExist when `by` does not see it; NotPermitted, LeadChanged, RowsRejected.
    """
    lead = _locked(pk, by)
    if version_of_lead(lead) != version:
        raise LeadChanged(_("Somebody changed this lead after you opened it. Open it again and repeat your change."))
    write_rows(LEADS, [{**row, "external_id": lead.external_id}], by=by, ids=[pk])


@transaction.atomic
def move_lead(*, pk: int, was: str, to: str, reason: str = "", note: str = "", by: User) -> None:
    """Give a lead another status: hand it over (MQL), accept it (SQL), reject it with a reason, or take it up again.

    `was` is the status that the page showed. Lead.DoesNotExist; NotPermitted, LeadChanged, and DomainError for a step
    that a lead does not take.
    """
    lead = _locked(pk, by)
    if lead.status != was:
        raise LeadChanged(_("Somebody moved this lead on after you opened it. Look at it again."))
    if to not in MOVES[lead.status]:
        raise DomainError(_("A lead does not go from there to there."))
    given = RejectionReason.objects.filter(pk=reason).first() if to == LeadStatus.REJECTED else None
    if to == LeadStatus.REJECTED and given is None:
        raise DomainError(_("Choose the reason why the lead is rejected."), field="reason")
    _move(lead, to, by=by, reason=given, note=note)


@transaction.atomic
def convert_lead(*, pk: int, rows: DealRows, by: User) -> tuple[int, str]:
    """Make an opportunity of a lead that sales has accepted; each names the other from then on.

    Returns the deal's id and a word that `undo_conversion` takes for an hour. Lead.DoesNotExist; NotPermitted, DomainError
    for a lead that is not SQL, DealRejected.
    """
    lead = _locked(pk, by)
    if lead.status != LeadStatus.SALES_QUALIFIED:
        raise DomainError(_("Only a lead that sales has accepted (SQL) becomes an opportunity."))
    named = replace(rows, deal={**rows.deal, "lead_external_id": lead.external_id})
    deal = services.add_opportunity(rows=named, by=by)
    _move(lead, LeadStatus.CONVERTED, by=by)
    token = secrets.token_urlsafe(16)
    made = version_of(rows_of(Opportunity.objects.get(pk=deal)))
    # Before the commit: of a conversion that fails, nothing but an unused word is left.
    cache.set(_key(by, token), (pk, deal, made), services.UNDO_SECONDS)
    return deal, token


@transaction.atomic
def undo_conversion(*, token: str, by: User) -> int:
    """Take back what `by` converted within the hour: the deal goes, the lead is SQL again. Returns the lead's id.

    DomainError when it is too late, or when the deal was changed since; NotPermitted.
    """
    kept: tuple[int, int, str] | None = cache.get(_key(by, token))
    if kept is None:
        raise DomainError(_("It is too late to undo this: a conversion can be undone for an hour."))
    pk, deal, made = kept
    lead = _locked(pk, by)
    found = Opportunity.objects.filter(pk=deal, lead=lead).first()
    if found is None or lead.status != LeadStatus.CONVERTED or version_of(rows_of(found)) != made:
        raise DomainError(_("The opportunity was changed since: delete it there if it should not be."))
    services.delete_opportunity(pk=deal, by=by)
    _move(lead, LeadStatus.SALES_QUALIFIED, by=by, note=_("The conversion was taken back."))
    transaction.on_commit(lambda: cache.delete(_key(by, token)))
    return pk


def _move(lead: Lead, to: str, *, by: User, reason: RejectionReason | None = None, note: str = "") -> None:
    with pghistory.context(user=by.pk):
        lead.status = to
        lead.save(update_fields=["status"])
        LeadChange.objects.create(
            lead=lead, changed_at=clock.now(), status=to, reason=reason, note=note.strip()[:500], by=by
        )


def _locked(pk: int, by: User) -> Lead:
    lead: Lead = Lead.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change leads."))
    return lead


def _key(by: User, token: str) -> str:
    return f"pipeline:converted:{by.pk}:{token}"
