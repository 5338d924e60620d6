"""Revenue entries that were deleted, and how one comes back to the cent."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models.functions import ExtractMonth, ExtractYear
from django.utils.translation import gettext as _

from accounts.access import may_see_fact
from accounts.moved import account_now
from core.errors import DomainError, NotPermitted
from core.undeletion import coming_back, deleted, put_back
from revenue.models import RevenueEntry
from users.models import User
from users.permissions import Permission


def deleted_entries(*, viewer: User) -> models.QuerySet[Any]:
    """Deletions of entries that `viewer` saw, the latest first; `is_taken`: another entry has the external id now."""
    month = ExtractYear("date") * 12 + ExtractMonth("date") - 1
    taken = RevenueEntry.objects.filter(external_id=models.OuterRef("external_id"))
    rows = deleted(RevenueEntry).annotate(fact_month=month, is_taken=models.Exists(taken))
    found: models.QuerySet[Any] = rows.filter(may_see_fact(viewer, month="fact_month"))
    return found


def restore_entry(*, event: int, by: User) -> int:
    """Bring an entry back as it was, with its id, which is returned; of a merged account it is the new account's.

    NotPermitted; DomainError when its external id is taken or what it belongs to is gone; ObjectDoesNotExist when `by`
    saw no such entry, or it is back already.
    """
    if not by.may(Permission.EDIT_FACTS):
        raise NotPermitted(_("You may not change revenue."))
    found = deleted_entries(viewer=by).get(pk=event)
    if found.is_taken:
        text = _(
            "Another revenue entry has the external id “%(id)s” now. Give that one another id, or delete it, first."
        )
        raise DomainError(text % {"id": found.external_id})
    with coming_back(), pghistory.context(user=by.pk, reason=_("Restored")):
        put_back(RevenueEntry, [event], instead={"account_id": account_now(found.account_id)})
    return int(found.pgh_obj_id)
