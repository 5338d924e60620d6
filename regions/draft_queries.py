"""What pages read of drafts: the one that an administrator works on, and what was carried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from regions import wording
from regions.conflicts import conflicts
from regions.models import DraftState, RegionDraft, RegionDraftChange, RegionLead
from regions.plan import Change, Estate, Stint, planned
from regions.queries import region_names, region_tree
from users.models import User

SETTLED_SHOWN = 20


def estate(*, of: Sequence[Change] = ()) -> Estate:
    """The geography with all its days, in four statements; one more for the people of `of`, where changes name some."""
    stints, people = [], {}
    for lead in RegionLead.objects.select_related("user").order_by("valid_from", "id"):
        stints.append(Stint(lead.region_id, lead.user.email, lead.valid_from, lead.valid_to))
        people[lead.user.email] = str(lead.user)
    if unknown := {change.email for change in of if change.email} - people.keys():
        people |= {user.email: str(user) for user in User.objects.filter(email__in=unknown)}
    return Estate(region_tree(), region_names(), tuple(stints), people)


@dataclass(frozen=True)
class ChangeRow:
    """A change of a draft in words, and what stands in its way."""

    pk: int
    change: Change
    words: str
    conflict: str


@dataclass(frozen=True)
class DraftView:
    """An open draft over the geography as it stands: `before` without its changes, `after` with them."""

    draft: RegionDraft
    before: Estate
    rows: list[ChangeRow]

    @property
    def on(self) -> dt.date:
        return self.draft.on

    @property
    def changes(self) -> list[Change]:
        return [row.change for row in self.rows]

    @cached_property
    def after(self) -> Estate:
        return planned(self.before, self.changes, self.on)

    @property
    def has_conflicts(self) -> bool:
        return any(row.conflict for row in self.rows)


def open_draft(*, viewer: User) -> DraftView | None:
    """The draft that `viewer` works on; None when she has none."""
    draft = RegionDraft.objects.permitted_to(viewer).filter(state=DraftState.OPEN).first()
    return None if draft is None else view_of(draft)


def view_of(draft: RegionDraft) -> DraftView:
    found = list(draft.changes.all())
    changes = [row.change for row in found]
    before = estate(of=changes)
    after = planned(before, changes, draft.on)
    refused = conflicts(before, changes, draft.on)
    return DraftView(
        draft,
        before,
        [
            ChangeRow(
                row.pk, row.change, wording.said(before, after, row.change, draft.on), refused.get(row.change.thing, "")
            )
            for row in found
        ],
    )


@dataclass(frozen=True)
class SettledDraft:
    """What was carried out. `is_planned`: its day lies ahead, so that taking it back is a cancellation."""

    draft: RegionDraft
    changes: list[RegionDraftChange]
    is_planned: bool


def settled_drafts(*, viewer: User, today: dt.date) -> list[SettledDraft]:
    """The latest that were carried out, those taken back too, in two statements."""
    rows = RegionDraft.objects.permitted_to(viewer).filter(state__in=(DraftState.COMMITTED, DraftState.UNDONE))
    rows = rows.select_related("author", "settled_by").prefetch_related("changes").order_by("-settled_at", "-id")
    return [
        SettledDraft(draft, list(draft.changes.all()), draft.state == DraftState.COMMITTED and draft.on > today)
        for draft in rows[:SETTLED_SHOWN]
    ]
