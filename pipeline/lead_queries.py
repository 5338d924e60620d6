"""What pages, exports and jobs read of leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db.models import Case, F, Q, When

from accounts import access
from pipeline.lead_limits import due_on, overdue_before
from pipeline.lead_models import Campaign, LeadChange, LeadScore, LeadSettings, RejectionReason
from pipeline.lead_querysets import MQL, LeadQuerySet
from pipeline.lead_scores import PARTS, definition, scored
from pipeline.models import Lead, LeadStatus, Opportunity
from pipeline.scoring import Score
from regions.calendars import Calendars, personal_calendar
from regions.queries import calendars
from teams.models import Member
from teams.queries import full_name
from users.models import User
from users.permissions import Permission

SCORES_SHOWN: Final = 12


def accept_days() -> int:
    """How many working days a lead may wait for its acceptance."""
    found = LeadSettings.objects.filter(pk=1).values_list("accept_days", flat=True).first()
    return found if found is not None else LeadSettings().accept_days


def leads(*, viewer: User) -> LeadQuerySet:
    """The leads that `viewer` sees, with their age, steps and score, `owner_name`, and the name and code of an account that
    she sees."""
    seen: LeadQuerySet = Lead.objects.visible_to(viewer).with_age().with_steps(viewer)
    of_account = Q(access.may_see_account(viewer, "account_id"), account__isnull=False)
    named = seen.select_related("campaign", "currency", "owner").annotate(
        owner_name=Case(When(owner__isnull=False, then=full_name("owner__"))),
        account_name=Case(When(of_account, then=F("account__name"))),
        account_code=Case(When(of_account, then=F("account__code"))),
    )
    return scored(named, definition(), on=access.scope_of(viewer).on)


@dataclass(frozen=True)
class Limit:
    """By when leads that wait for acceptance are due, on a business date."""

    on: dt.date
    days: int
    calendars: Calendars

    def due_on(self, lead: Any) -> dt.date | None:
        """Of a lead with its age; None unless it waits for acceptance. Without an owner its country's days count."""
        if lead.status != MQL:
            return None
        owner: Member | None = lead.owner
        country, week = (owner.country.code, owner.working_days) if owner else (lead.country.code, [])
        return due_on(self._calendar(country, week), lead.since_on, self.days)

    def is_overdue(self, lead: Any) -> bool:
        due = self.due_on(lead)
        return due is not None and due < self.on

    def overdue(self, found: LeadQuerySet) -> LeadQuerySet:
        """Of leads with their age, those whose time to be accepted is over: one day is asked for each kind of receiver."""
        waiting = Q(status=MQL)
        of = ("owner__country", "owner__working_days", "country")
        late = Q(pk__in=[])
        kinds = set()
        for theirs, week, own in Lead.objects.filter(waiting).values_list(*of).distinct():
            kinds.add((str(theirs), tuple(week), None) if week is not None else (None, (), str(own)))
        for theirs, days_of_week, own in sorted(kinds, key=repr):
            before = overdue_before(self._calendar(theirs or own or "", list(days_of_week)), self.on, self.days)
            receiver = (
                Q(owner__isnull=True, country=own)
                if theirs is None
                else Q(owner__country=theirs, owner__working_days=list(days_of_week))
            )
            late |= receiver & Q(since_on__lt=before)
        return found.filter(waiting & late)

    def _calendar(self, country: str | None, week: list[str]) -> Any:
        return personal_calendar(self.calendars.of(country or ""), week)


def limit(*, on: dt.date) -> Limit:
    return Limit(on, accept_days(), calendars())


@dataclass(frozen=True)
class Change:
    """An entry of a lead's history: from which status to which, when, by whom and why."""

    change: LeadChange
    was: str

    @property
    def status(self) -> str:
        return str(LeadStatus(self.change.status).label)


@dataclass(frozen=True)
class PartRow:
    """A part of the score in words: its value, weight and points; None is not known. All numbers are shares or plain."""

    label: str
    value: Fraction | Decimal | int | None
    weight: Fraction | Decimal | int
    points: Fraction | None


@dataclass(frozen=True)
class LeadView:
    """One lead as a viewer sees it. `deal` is what it became, `has_hidden_deal` that it became one out of her sight."""

    lead: Any
    history: list[Change]
    deal: Opportunity | None
    has_hidden_deal: bool
    due_on: dt.date | None
    is_overdue: bool
    may_edit: bool
    reasons: list[RejectionReason]
    score: Score
    scores: list[LeadScore]
    on: dt.date

    @property
    def parts(self) -> list[PartRow]:
        """The parts of the score in the order in which they are weighed; those without a weight are left out."""
        told = [part for part in self.score.parts if part.weight]
        return [PartRow(str(PARTS[p.code]), p.value, p.weight, self.score.points(p)) for p in told]

    @property
    def waits(self) -> int:
        """For how many days it has had its present status."""
        return max(0, (self.on - self.lead.since_on).days) if self.lead.since_on else 0


def lead_view(*, viewer: User, pk: int) -> LeadView:
    """Lead.DoesNotExist when there is none that `viewer` sees."""
    lead = leads(viewer=viewer).select_related("account").get(pk=pk)
    on = access.scope_of(viewer).on
    deal = (
        Opportunity.objects.visible_to(viewer).filter(lead=lead).select_related("stage", "currency", "account").first()
    )
    within = limit(on=on)
    return LeadView(
        lead=lead,
        history=history_of(lead),
        deal=deal,
        has_hidden_deal=deal is None and lead.status == LeadStatus.CONVERTED,
        due_on=within.due_on(lead),
        is_overdue=within.is_overdue(lead),
        may_edit=viewer.may(Permission.EDIT_FACTS),
        reasons=list(RejectionReason.objects.order_by("position", "code")),
        score=definition().score(lead),
        scores=list(LeadScore.objects.filter(lead=lead).select_related("scoring").order_by("-on")[:SCORES_SHOWN]),
        on=on,
    )


def history_of(lead: Lead) -> list[Change]:
    """The changes of a lead's status, the latest first."""
    rows = list(lead.changes.select_related("reason", "by").order_by("changed_at", "id"))
    before = ["", *(str(LeadStatus(row.status).label) for row in rows)]
    return [Change(row, was) for row, was in zip(rows, before, strict=False)][::-1]


def sources(*, viewer: User) -> list[str]:
    """The sources that the leads in her sight name, in order."""
    named = Lead.objects.visible_to(viewer).exclude(source="").order_by("source")
    found: Iterable[str] = named.values_list("source", flat=True).distinct()
    return list(found)


def campaigns() -> list[Campaign]:
    """Campaigns, the latest first."""
    return list(Campaign.objects.select_related("currency").order_by(F("starts_on").desc(nulls_last=True), "code"))


def all_sources() -> list[str]:
    """Every source that a lead names, for who says what sources are worth."""
    return list(Lead.objects.exclude(source="").values_list("source", flat=True).distinct().order_by("source"))
