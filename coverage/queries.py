"""What pages and jobs read of coverage: the structure with who of us covers it, and what is empty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import F, Q

from accounts.access import scope_of
from accounts.models import Account, Contact, OrgUnit
from accounts.queries import StructureView, contacts, structure_on
from core import months
from coverage.history import Happening, record, story
from coverage.slots import FILLED, Slots
from coverage.staffing import Staffing, staffing_of
from money.queries import reporting_currencies
from pipeline.models import Opportunity, OpportunityLine
from pipeline.queries import opportunities
from rollups.account_queries import UnitAmount, unit_revenue
from teams.models import Member, TeamRole
from users.models import User


@dataclass(frozen=True)
class Covered:
    """An account's coverage on a day. `roles` are those required or held, in their order."""

    staffing: Staffing
    roles: dict[str, str]

    @property
    def members(self) -> Mapping[int, Member]:
        return self.staffing.members

    @property
    def slots(self) -> Slots:
        return self.staffing.slots

    @property
    def has_policy(self) -> bool:
        return bool(self.staffing.rules)


def covered(*, viewer: User, account: Account, on: dt.date) -> Covered:
    """Who covers which unit on a day, and which slots that the tier's policy asks for are empty. `account` is one that
    `viewer` sees."""
    staffing = staffing_of({account.pk: account.tier_id}, on)[account.pk]
    wanted = {rule.role for rule in staffing.rules} | {post.role for post in staffing.posts}
    roles = TeamRole.objects.filter(pk__in=wanted).order_by("position", "code").values_list("code", "name")
    return Covered(staffing, dict(roles))


@dataclass(frozen=True)
class StructureChart:
    """A structure with values and coverage. `currency` and `months` say what the values are."""

    account: Account
    view: StructureView
    covered: Covered
    own: dict[int, UnitAmount]
    currency: str

    @property
    def months(self) -> tuple[dt.date, dt.date]:
        """The first and last month of the values: the twelve whole months before the chosen day's."""
        month = months.month_of(self.view.on)
        return months.first_day(max(month - 12, months.FIRST)), months.first_day(max(month - 1, months.FIRST))

    @cached_property
    def totals(self) -> dict[int, Decimal]:
        """Each unit's value with those below it; a unit without any fact below is absent."""
        found: dict[int, Decimal] = {unit: own.amount for unit, own in self.own.items() if own.amount is not None}
        for unit, _depth in reversed(list(self.view.forest.walk())):
            above = self.view.forest.parents.get(unit)
            if above is not None and unit in found:
                found[above] = found.get(above, Decimal(0)) + found[unit]
        return found

    @cached_property
    def elsewhere(self) -> Decimal:
        """Revenue on units that are not in this structure on this day, or on no unit."""
        return sum(
            (own.amount or Decimal(0) for unit, own in self.own.items() if unit not in self.view.units), Decimal(0)
        )

    @property
    def unpriced(self) -> int:
        return sum(own.unpriced for own in self.own.values())


def structure_chart(
    *, viewer: User, account: Account, structure: str = "", on: dt.date | None = None
) -> StructureChart:
    """`account` is one that `viewer` sees; values are of the facts she may see."""
    view = structure_on(viewer=viewer, account=account, structure=structure, on=on)
    return StructureChart(
        account=account,
        view=view,
        covered=covered(viewer=viewer, account=account, on=view.on),
        own=unit_revenue(viewer=viewer, account_id=account.pk, before=months.month_of(view.on)),
        currency=reporting_currencies()[0],
    )


@dataclass(frozen=True)
class SlotRow:
    """A slot in words: the role, its state, who fills it and from where."""

    role: str
    state: str
    members: list[Member]
    source: OrgUnit | None


@dataclass(frozen=True)
class UnitPanel:
    """Everything beside the chart about one org unit. `contacts` is None for who may not see people."""

    unit: OrgUnit
    on: dt.date
    slots: list[SlotRow]
    others: list[SlotRow]
    has_policy: bool
    contacts: list[Contact] | None
    deals: list[Opportunity]
    open_deals: int
    revenue: UnitAmount | None
    currency: str
    story: list[Happening]
    record: list[Happening]


def unit_panel(*, viewer: User, account: Account, code: str, on: dt.date | None = None) -> UnitPanel:
    """OrgUnit.DoesNotExist when the account has no such unit. `account` is one that `viewer` sees."""
    unit = OrgUnit.objects.get(account=account, code=code)
    scope = scope_of(viewer)
    day = on or scope.on
    every = list(OrgUnit.objects.filter(account=account).open_on(day))
    held = covered(viewer=viewer, account=account, on=day)
    here = Q(org_unit=unit) | Q(
        pk__in=OpportunityLine.objects.visible_to(viewer).filter(org_unit=unit).values("opportunity")
    )
    deals = opportunities(viewer=viewer).filter(here)
    open_deals = deals.open()
    is_whole = scope.is_everything or account.pk in scope.whole_account_ids
    by_id = {one.pk: one for one in every}
    required = {slot.role for slot in held.slots.by_unit.get(unit.pk, ())}
    extra = [post for post in held.slots.posts.get(unit.pk, ()) if post.role not in required]
    return UnitPanel(
        unit=unit,
        on=day,
        slots=[
            SlotRow(held.roles[s.role], s.state, [held.members[m] for m in s.members], by_id.get(s.source or 0))
            for s in held.slots.by_unit.get(unit.pk, ())
        ],
        others=[SlotRow(held.roles[post.role], FILLED, [held.members[post.member]], None) for post in extra],
        has_policy=held.has_policy,
        contacts=_people_of(viewer, account, unit) if is_whole else None,
        deals=list(open_deals.select_related("owner").order_by("close_date", "id")[:5]),
        open_deals=open_deals.count(),
        revenue=unit_revenue(viewer=viewer, account_id=account.pk, before=months.month_of(day)).get(unit.pk),
        currency=reporting_currencies()[0],
        story=story(unit),
        record=record(unit),
    )


def _people_of(viewer: User, account: Account, unit: OrgUnit) -> list[Contact]:
    people = contacts(viewer=viewer, account=account)
    return list(
        people.filter(Q(org_unit=unit) | Q(posts__org_unit=unit)).distinct().order_by(F("full_name"), "id")[:12]
    )
