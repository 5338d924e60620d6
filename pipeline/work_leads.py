"""Leads that wait for sales to accept them, as a source of the work list."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.work import Ask, Found, TooMuch, WorkItem, WorkSource, gives_work
from core import formats
from pipeline.lead_queries import leads, limit
from pipeline.models import LeadStatus
from pipeline.work_deals import AT_ONCE, falls_to

WAITING = "lead"


def _find(ask: Ask) -> Found:
    rows = leads(viewer=ask.viewer).filter(falls_to(ask.viewer, ask.whose), status=LeadStatus.MARKETING_QUALIFIED)
    if ask.account is not None:
        rows = rows.filter(account=ask.account)
    # Any: what `leads` adds to a row is no field of the model.
    found: list[Any] = list(rows.order_by("pk")[: AT_ONCE + 1])
    if len(found) > AT_ONCE:
        text = _("More than %(n)s leads wait: they are not gone through at once. Choose an account.")
        raise TooMuch(text % {"n": formats.number(AT_ONCE)})
    if not found:
        return Found()
    within = limit(on=ask.on)
    return Found(
        [
            WorkItem(
                key=str(lead.pk),
                subject=lead.name,
                url=reverse("leads:detail", args=[lead.pk]),
                account_code=lead.account_code or "",
                account=lead.account_name or lead.company,
                since=lead.since_on,
                due=within.due_on(lead) if lead.since_on else None,
                facts={"since": lead.since_on},
                may_act=False,
            )
            for lead in found
        ]
    )


def _why(item: WorkItem) -> str:
    if item.due is None or item.since is None:
        return _("Marketing handed it over; accept it or reject it with a reason.")
    words = _("Handed over on %(since)s, to be accepted or rejected by %(due)s.")
    return words % {"since": formats.day(item.since), "due": formats.day(item.due)}


def register() -> None:
    """Called once by this room's AppConfig."""
    gives_work(
        WorkSource(
            code=WAITING,
            label=gettext_lazy("Leads to accept"),
            explains=gettext_lazy("A marketing-qualified lead (MQL) that sales has neither accepted nor rejected."),
            urgency=85,
            find=_find,
            why=_why,
            hint=gettext_lazy("Accept or reject"),
        )
    )
