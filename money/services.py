from __future__ import annotations

import datetime as dt

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import NotPermitted
from money.models import BusinessDate
from users.models import User
from users.permissions import Permission


@transaction.atomic
def pin_business_date(*, on: dt.date | None, reason: str = "", by: User | None) -> None:
    """Pin the as-of date of every figure to `on`, or free it (None). `by` None is the console's operator."""
    if by is not None and not by.may(Permission.CONFIGURE_RATES):
        raise NotPermitted(_("Only an administrator may pin the as-of date."))
    with pghistory.context(user=by.pk if by else None, reason=reason):
        BusinessDate.objects.update_or_create(id=1, defaults={"pinned_on": on, "reason": reason})
