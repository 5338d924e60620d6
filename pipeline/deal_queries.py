"""What stands around one deal on its page: its way through the stages, what it has to show, who is in it, what comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import BuyingRole, Contact
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep
from pipeline.journey_queries import (
    CheckGroup,
    Median,
    Stay,
    checklist,
    days_in_stage,
    missing_roles,
    stage_medians,
    stays,
)
from pipeline.models import Opportunity, Outcome, Stage
from users.models import User

WIDE = 1000
"""How wide the line of time is drawn, in its own units."""


@dataclass(frozen=True)
class Stretch:
    """A stay as a piece of the line of time: where it begins and how wide it is, of `WIDE`."""

    stay: Stay
    x: float
    width: float


@dataclass(frozen=True)
class Around:
    """`unnamed` contacts are there and are people whom the reader does not see; `days` is None when nothing tells it."""

    groups: list[CheckGroup]
    stretches: list[Stretch]
    days: int | None
    median: Median | None
    contacts: list[DealContact]
    unnamed: list[str]
    missing: list[Any]
    competitors: list[DealCompetitor]
    next_step: NextStep | None
    done_steps: list[NextStep]
    on: dt.date

    @property
    def asked(self) -> int:
        return sum(len(group.checks) for group in self.groups)

    @property
    def met(self) -> int:
        return sum(check.is_met for group in self.groups for check in group.checks)

    @property
    def is_slow(self) -> bool:
        """Whether the deal has been in its stage longer than half of all deals were."""
        return self.days is not None and self.median is not None and self.days > self.median.days

    @property
    def is_late(self) -> bool:
        step = self.next_step
        return step is not None and step.due_on is not None and step.due_on < self.on


def around(*, viewer: User, deal: Opportunity, on: dt.date) -> Around:
    """Of a deal that `viewer` sees. Contacts are named to those who see the account's people, and counted by role for others."""
    rows = DealContact.objects.filter(opportunity=deal).select_related("contact", "contact__org_unit")
    named = set(rows.visible_to(viewer).values_list("pk", flat=True))
    order = {role: at for at, role in enumerate(BuyingRole.values)}
    contacts = sorted(rows, key=lambda row: (order[row.buying_role], str(row.contact), row.pk))
    steps = NextStep.objects.filter(opportunity=deal).select_related("member", "done_by").order_by("-done_at", "-pk")
    is_open = deal.stage.outcome == Outcome.OPEN
    return Around(
        groups=checklist(deal=deal, stage=deal.stage_id) if is_open else [],
        stretches=_drawn(stays(deal=deal, on=on)),
        days=days_in_stage(deal_ids=[deal.pk], on=on).get(deal.pk) if is_open else None,
        median=stage_medians(viewer=viewer).get(deal.stage_id) if is_open else None,
        contacts=[row for row in contacts if row.pk in named],
        unnamed=[row.get_buying_role_display() for row in contacts if row.pk not in named],
        missing=[BuyingRole(role).label for role in missing_roles(deals=[deal]).get(deal.pk, [])],
        competitors=list(
            DealCompetitor.objects.filter(opportunity=deal)
            .select_related("competitor")
            .order_by("-is_incumbent", "competitor__name", "pk")
        ),
        next_step=next((step for step in steps if step.done_at is None), None),
        done_steps=[step for step in steps if step.done_at is not None],
        on=on,
    )


def _drawn(found: list[Stay]) -> list[Stretch]:
    """Widths by days; the shortest stay is still seen. A deal that is closed ends with a mark of its own."""
    shown = [max(stay.days, 1) if stay.until or stay.stage.outcome == Outcome.OPEN else 0 for stay in found]
    ends = sum(1 for days in shown if not days)
    room, whole = WIDE - ends * 8, sum(shown) or 1
    least = min(8.0, room / max(len(found), 1))
    widths = [max(room * days / whole, least) if days else 8.0 for days in shown]
    scale = WIDE / (sum(widths) or 1)
    stretches, x = [], 0.0
    for stay, width in zip(found, widths, strict=True):
        stretches.append(Stretch(stay, round(x, 2), round(width * scale, 2)))
        x += width * scale
    return stretches


def contact_choices(*, viewer: User, account_id: int) -> list[tuple[str, str]]:
    """The contacts of an account whom `viewer` sees, by name, with title and the role that they have anyway."""
    rows = Contact.objects.visible_to(viewer).filter(account=account_id).order_by("family_name", "given_name", "pk")
    return [(str(row.pk), _described(row)) for row in rows]


def _described(row: Contact) -> str:
    role = row.get_buying_role_display() if row.buying_role else ""
    return " · ".join(part for part in (str(row), row.title, role) if part)


def competitor_choices() -> list[tuple[str, str]]:
    """Codes and names of all competitors, in the administrator's order."""
    return list(Competitor.objects.order_by("position", "code").values_list("code", "name"))


def stage_choices(*, current: str = "") -> list[tuple[str, str]]:
    """Codes and names of the stages in use, and of the one that the deal is in."""
    rows = Stage.objects.order_by("position", "code")
    return [(row.code, row.name) for row in rows if row.is_active or row.code == current]
