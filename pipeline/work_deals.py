"""The open deals that a work list asks about, read once for all of their sources."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import scope_of
from accounts.work import Ask, TooMuch, Whose, WorkItem
from core import formats
from pipeline.models import Opportunity
from pipeline.querysets import OpportunityQuerySet
from users.models import User
from users.permissions import Permission

#: How many open deals are gone through while somebody waits for a page.
AT_ONCE: Final = 5000


def deals_of(ask: Ask) -> list[Opportunity]:
    """The open deals of one question, with their account and stage. Raises TooMuch."""
    rows = ask.once("deals", lambda: _deals(ask))
    if len(rows) > AT_ONCE:
        text = _("More than %(n)s open deals are asked for: they are not gone through at once. Choose an account.")
        raise TooMuch(text % {"n": formats.number(AT_ONCE)})
    return rows


def _deals(ask: Ask) -> list[Opportunity]:
    return list(_asked(ask).select_related("account", "stage").order_by("close_date", "pk")[: AT_ONCE + 1])


def _asked(ask: Ask) -> OpportunityQuerySet:
    deals = Opportunity.objects.visible_to(ask.viewer).open()
    if ask.account is not None:
        deals = deals.filter(account=ask.account)
    found: OpportunityQuerySet = deals.filter(falls_to(ask.viewer, ask.whose))
    return found


def falls_to(viewer: User, whose: Whose) -> Q:
    """Deals and leads that are somebody's to tend: her own, and of the accounts she works on those that nobody owns."""
    if whose is Whose.SIGHT:
        return Q()
    of_accounts = Q(account__in=scope_of(viewer).whole_account_ids)
    if whose is Whose.MINE:
        of_accounts &= Q(owner__isnull=True)
    return Q(owner__user=viewer) | of_accounts


def item_of(deal: Opportunity, ask: Ask, **more: object) -> WorkItem:
    """A deal as something to do: `more` are an item's dates and facts."""
    return WorkItem(
        key=str(deal.pk),
        subject=deal.name,
        url=reverse("pipeline:detail", args=[deal.pk]),
        account_code=deal.account.code,
        account=deal.account.name,
        deal=deal.pk,
        may_act=ask.viewer.may(Permission.EDIT_FACTS),
        **more,  # type: ignore[arg-type]  # fields of an item, by name
    )
