"""What is done about a deal from the work list, one thing at a time, and its taking back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import formats
from core.errors import DomainError
from core.staging_rows import write_rows
from pipeline.loading import OPPORTUNITIES
from pipeline.models import Opportunity
from pipeline.services import DealChanged
from users.models import User


@transaction.atomic
def set_close_date(*, pk: int, to: dt.date, seen: dt.date, by: User) -> dt.date:
    """Let an open deal close on the business date or later. Returns the close date that stood.

    `seen` is the one that `by` saw when she chose. Raises DealChanged when it no longer stands, NotPermitted, DomainError and
    Opportunity.DoesNotExist.
    """
    if to < scope_of(by).on:
        raise DomainError(_("That day has passed. Choose today or a later one."), field="close_date")
    return _move(pk=pk, to=to, seen=seen, by=by)


@transaction.atomic
def put_back_close_date(*, pk: int, to: dt.date, seen: dt.date, by: User) -> None:
    """Take `set_close_date` back: `to` is what it returned. Raises DealChanged when the deal was moved again since."""
    _move(pk=pk, to=to, seen=seen, by=by)


def _move(*, pk: int, to: dt.date, seen: dt.date, by: User) -> dt.date:
    deal = Opportunity.objects.visible_to(by).select_for_update(of=("self",)).get(pk=pk)
    if deal.close_date != seen:
        text = _("Somebody else let this deal close on %(day)s meanwhile. Nothing was changed.")
        raise DealChanged(text % {"day": formats.day(deal.close_date)})
    if deal.stage.outcome != "open":
        raise DealChanged(_("This deal was closed meanwhile. Nothing was changed."))
    write_rows(OPPORTUNITIES, [{"external_id": deal.external_id, "close_date": to.isoformat()}], by=by, ids=[pk])
    return seen
