"""What was deleted lately and can come back: one list over the rooms that hold facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.errors import DomainError
from money.queries import exponents
from pipeline.deleted import deleted_deals, restore_deal
from revenue.deleted import deleted_entries, restore_entry
from users.models import User

SHOWN: Final = 100


@dataclass(frozen=True)
class Deleted:
    """One deletion: `event` names it within its `kind`. An unknown amount is None; `by` is empty when nobody is known."""

    kind: str
    noun: Promise
    event: int
    name: str
    account: str
    amount: Decimal | None
    currency: str
    decimals: int
    at: dt.datetime
    by: str
    is_taken: bool


_KINDS: dict[str, tuple[Promise, Callable[..., Any], Callable[..., int]]] = {
    "revenue": (_("revenue entry"), deleted_entries, restore_entry),
    "opportunities": (_("opportunity"), deleted_deals, restore_deal),
}


def deleted_lately(*, viewer: User) -> list[Deleted]:
    """Entries and deals that `viewer` saw and that are not back, the latest first."""
    events = [
        (kind, event)
        for kind, (_noun, rows, _restore) in _KINDS.items()
        for event in rows(viewer=viewer).select_related("pgh_context")[:SHOWN]
    ]
    events.sort(key=lambda pair: pair[1].pgh_created_at, reverse=True)
    names = dict(Account.objects.filter(pk__in={event.account_id for _k, event in events}).values_list("pk", "name"))
    who = _people(event for _kind, event in events)
    decimals = exponents()
    return [
        Deleted(
            kind=kind,
            noun=_KINDS[kind][0],
            event=event.pk,
            name=getattr(event, "name", "") or event.external_id,
            account=names.get(event.account_id, ""),
            amount=event.amount,
            currency=event.currency_id,
            decimals=decimals[event.currency_id],
            at=event.pgh_created_at,
            by=who.get(_user_of(event), ""),
            is_taken=event.is_taken,
        )
        for kind, event in events[:SHOWN]
    ]


def restore(*, kind: str, event: int, by: User) -> int:
    """Bring back what one deletion took. NotPermitted, DomainError, and DomainError when there is nothing to bring back."""
    if kind not in _KINDS:
        raise DomainError(str(_("There is nothing to bring back.")))
    try:
        return _KINDS[kind][2](event=event, by=by)
    except ObjectDoesNotExist as error:
        raise DomainError(str(_("There is nothing to bring back: perhaps it is back already."))) from error


def _user_of(event: Any) -> Any:
    return (event.pgh_context.metadata or {}).get("user") if event.pgh_context else None


def _people(events: Any) -> dict[Any, str]:
    ids = {user for event in events if (user := _user_of(event))}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}
