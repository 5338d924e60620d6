"""Empty slots with money behind them, as a source of the work list: one thing to do an account, done on its board."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, OrgUnit
from accounts.querysets import AccountQuerySet
from accounts.work import Ask, Found, Whose, WorkItem, WorkSource, gives_work
from core import formats
from coverage.alignment import WeighedSlot
from coverage.board_forms import AS_LIST
from coverage.slots import EMPTY
from coverage.weighing import Weighing, weighings
from money.conversion import from_minor
from money.queries import exponents
from teams.models import TeamRole

SLOTS = "empty_slots"
#: How many accounts are weighed while somebody waits for her list.
AT_ONCE: Final = 40


def _accounts(ask: Ask) -> AccountQuerySet:
    rows = Account.objects.visible_to(ask.viewer)
    if ask.account is not None:
        rows = rows.filter(pk=ask.account)
    if ask.whose is not Whose.SIGHT:
        rows = rows.filter(pk__in=ask.scope.whole_account_ids)
    found: AccountQuerySet = rows.filter(tier__policies__isnull=False).distinct().order_by("pk")
    return found


def _find(ask: Ask) -> Found:
    accounts = {account.pk: account for account in _accounts(ask)[: AT_ONCE + 1]}
    if len(accounts) > AT_ONCE:
        words = _("Empty slots of more than %(n)d accounts are not weighed here: they stand in the ranking by gap.")
        return Found((), words % {"n": AT_ONCE})
    found = {}
    for pk, weighing in weighings(viewer=ask.viewer, account_ids=accounts, on=ask.on).items():
        empty = [one for one in weighing.alignment.slots if one.slot.state == EMPTY and one.gap]
        if empty:
            found[pk] = (weighing, empty, max(empty, key=lambda one: (one.gap or 0, -one.slot.unit)))
    units = OrgUnit.objects.in_bulk([largest.slot.unit for _weighing, _empty, largest in found.values()])
    roles = dict(TeamRole.objects.values_list("code", "name")) if found else {}
    return Found(
        [
            _item(accounts[pk], weighing, empty, units[largest.slot.unit], roles[largest.slot.role])
            for pk, (weighing, empty, largest) in found.items()
        ]
    )


def _item(account: Account, weighing: Weighing, empty: list[WeighedSlot], unit: OrgUnit, role: str) -> WorkItem:
    gap = sum(one.gap or 0 for one in empty)
    return WorkItem(
        key=str(account.pk),
        subject=_("Coverage of %(account)s") % {"account": account.name},
        url=f"{reverse('coverage:board', args=[account.code])}?look={AS_LIST}&state={EMPTY}",
        account_code=account.code,
        account=account.name,
        amount=from_minor(gap, exponents()[weighing.currency]),
        facts={"empty": len(empty), "role": role, "unit": unit.name},
        may_act=False,
    )


def _why(item: WorkItem) -> str:
    count = item.facts["empty"]
    words = ngettext(
        "%(n)s slot is empty: %(role)s of %(unit)s.",
        "%(n)s slots are empty; the largest gap is the %(role)s of %(unit)s.",
        count,
    )
    return words % {"n": formats.number(count), "role": item.facts["role"], "unit": item.facts["unit"]}


def register() -> None:
    """Called once by this room's AppConfig."""
    gives_work(
        WorkSource(
            code=SLOTS,
            label=gettext_lazy("Empty slots"),
            explains=gettext_lazy("An account whose policy asks for roles that nobody holds, with money behind them."),
            urgency=30,
            find=_find,
            why=_why,
            hint=gettext_lazy("Fill the slots on the board"),
        )
    )
