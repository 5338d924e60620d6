"""What administrators keep about leads: campaigns, reasons of rejection, the time to accept one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

import pghistory
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.tables import CodeTable
from core.errors import DomainError, NotPermitted
from core.removal import remove
from money.amounts import trimmed
from pipeline.lead_models import Campaign, LeadSettings, RejectionReason
from users.models import User
from users.permissions import Permission

REASONS: Final = CodeTable(
    "reasons",
    RejectionReason,
    gettext_lazy("Rejection reasons"),
    gettext_lazy("Why sales sends a lead back. Whoever rejects one chooses from these."),
    gettext_lazy("Add a reason"),
    permission=Permission.CONFIGURE_PIPELINE,
)


def campaign_rows() -> list[Any]:
    """Campaigns with `number`, how many leads name each; the latest first."""
    rows = Campaign.objects.select_related("currency").annotate(number=Count("leads"))
    return list(rows.order_by("-starts_on", "code"))


def campaign(*, code: str) -> Campaign:
    """Campaign.DoesNotExist when there is none."""
    found: Campaign = Campaign.objects.get(pk=code)
    return found


def stated(found: Campaign) -> dict[str, Any]:
    """A campaign's columns as a form shows them."""
    cost = None if found.cost is None else format(trimmed(found.cost, 0), "f")
    rest = {name: getattr(found, name) for name in ("name", "starts_on", "ends_on")}
    return {**rest, "cost": cost, "currency": found.currency_id or ""}


@transaction.atomic
def add_campaign(*, code: str, by: User, **columns: Any) -> None:
    """NotPermitted; DomainError with the field for a code that is taken, or for columns that contradict each other."""
    _demand(by)
    if Campaign.objects.filter(pk__iexact=code).exists():
        raise DomainError(_("This code is there already."), field="code")
    with pghistory.context(user=by.pk):
        Campaign.objects.create(code=code, **_checked(**columns))


@transaction.atomic
def change_campaign(*, code: str, by: User, **columns: Any) -> None:
    """Campaign.DoesNotExist; otherwise as `add_campaign`."""
    _demand(by)
    found = Campaign.objects.select_for_update().get(pk=code)
    for name, value in _checked(**columns).items():
        setattr(found, name, value)
    with pghistory.context(user=by.pk):
        found.save()


def delete_campaign(*, code: str, by: User) -> None:
    """Campaign.DoesNotExist; NotPermitted; InUse when leads name it."""
    _demand(by)
    remove(Campaign.objects.get(pk=code), by=by)


def _checked(
    *, name: str, starts_on: dt.date | None, ends_on: dt.date | None, cost: Decimal | None, currency: str
) -> dict[str, Any]:
    if starts_on and ends_on and ends_on < starts_on:
        raise DomainError(_("A campaign must not end before it begins."), field="ends_on")
    if cost is not None and not currency:
        raise DomainError(_("A cost has a currency."), field="currency")
    days = {"starts_on": starts_on, "ends_on": ends_on}
    return {"name": name, **days, "cost": cost, "currency_id": currency or None}


@transaction.atomic
def change_limit(*, days: int, by: User) -> None:
    """How many working days a lead may wait for its acceptance, from 1 to 60. NotPermitted."""
    _demand(by)
    with pghistory.context(user=by.pk):
        LeadSettings.objects.update_or_create(pk=1, defaults={"accept_days": days})


def _demand(by: User) -> None:
    if not by.may(Permission.CONFIGURE_PIPELINE):
        raise NotPermitted(_("You may not change this."))
