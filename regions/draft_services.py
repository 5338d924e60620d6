"""Working on a draft of the geography, carrying it out as a whole, and taking that back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _
from django_countries import countries

from core import clock, formats
from core.errors import DomainError, NotPermitted
from money.queries import business_date
from regions import footprints, services
from regions.conflicts import conflicts
from regions.draft_queries import estate, view_of
from regions.models import UNALLOCATED, DraftState, RegionDraft, RegionDraftChange
from regions.plan import Change, Estate, Kind, in_order
from users.models import User
from users.permissions import Permission


class DraftConflict(DomainError):
    """The geography has changed so that the draft can't be carried out; nothing of it was."""


@transaction.atomic
def add_change(*, change: Change, by: User) -> RegionDraft:
    """Add a change to the draft of `by`, which is opened with the first. It takes the place of an earlier one of the same
    thing; what comes back to where it stands is no change. DomainError when it can't be carried out."""
    draft = _mine(by)
    rows = {row.change.thing: row for row in draft.changes.all()}
    others = [row.change for thing, row in rows.items() if thing != change.thing]
    before = estate(of=[change])
    known = rows.get(change.thing)
    if known is not None and known.change.kind is Kind.ADD:
        change = replace(known.change, parent=change.parent)
    _refuse_unknown(change)
    if known is not None:
        known.delete()
        if _is_as_it_was(before, change, draft.on):
            return draft
    refused = conflicts(before, [*others, change], draft.on)
    if change.thing in refused:
        raise DomainError(refused[change.thing])
    RegionDraftChange.objects.create(
        draft=draft, kind=change.kind, region=change.region, parent=change.parent, country=change.country,
        name=change.name, email=change.email,
    )  # fmt: skip
    return draft


def _is_as_it_was(before: Estate, change: Change, on: dt.date) -> bool:
    snapshot = before.tree.on(on)
    if change.kind is Kind.COUNTRY:
        return snapshot.regions_of_countries.get(change.country) == before.id_of(change.region)
    region = before.id_of(change.region)
    return (
        change.kind is Kind.MOVE and region is not None and snapshot.parents.get(region) == before.id_of(change.parent)
    )


def _refuse_unknown(change: Change) -> None:
    if change.kind is Kind.COUNTRY and change.country not in countries:
        raise DomainError(_("“%(code)s” is no country.") % {"code": change.country}, field="country")
    if change.kind is Kind.ADD and change.region.lower() == UNALLOCATED:
        raise DomainError(_("“unallocated” is a reserved code."), field="region")
    if change.kind is Kind.APPOINT and not User.objects.filter(email=change.email, is_active=True).exists():
        raise DomainError(_("No login has the e-mail address “%(email)s”.") % {"email": change.email}, field="user")


@transaction.atomic
def remove_change(*, pk: int, by: User) -> None:
    """Take one change out of the draft of `by`. RegionDraftChange.DoesNotExist when it is none of hers."""
    draft = _mine(by)
    RegionDraftChange.objects.get(pk=pk, draft=draft).delete()


@transaction.atomic
def choose_day(*, on: dt.date, by: User) -> None:
    """Let the changes of the draft of `by` hold from another day."""
    draft = _mine(by)
    draft.on = on
    draft.save(update_fields=["on"])


@transaction.atomic
def discard(*, by: User) -> None:
    """Put the draft of `by` aside with all its changes."""
    _may_configure(by)
    for draft in RegionDraft.objects.filter(author=by, state=DraftState.OPEN).select_for_update(of=("self",)):
        _settle(draft, DraftState.DISCARDED, by)


@transaction.atomic
def commit(*, by: User, on: dt.date) -> RegionDraft:
    """Carry out the draft of `by` from its day on: everything or nothing. A day ahead makes it planned.

    `on` is the day that `by` saw: DomainError when the draft has another by now, or no change; DraftConflict when what
    changed meanwhile stands in the way.
    """
    draft = _mine(by)
    footprints.lock()
    view = view_of(draft)
    if not view.rows:
        raise DomainError(_("The draft has no change."))
    if draft.on != on:
        said = _("The draft holds from %(day)s by now. Look at it again.") % {
            "day": formats.day(draft.on, style="long")
        }
        raise DraftConflict(said)
    for row in view.rows:
        if row.conflict:
            raise DraftConflict(row.conflict)
    draft.before = footprints.taken(view.changes)
    said = "; ".join(row.words for row in view.rows)
    with pghistory.context(user=by.pk, reason=said[:1000]):
        for change in in_order(view.before, view.changes, draft.on):
            _carry_out(change, draft.on, by)
    draft.after = footprints.taken(view.changes)
    for row in view.rows:
        RegionDraftChange.objects.filter(pk=row.pk).update(words=row.words[:600])
    _settle(draft, DraftState.COMMITTED, by)
    return draft


def _carry_out(change: Change, on: dt.date, by: User) -> None:
    match change.kind:
        case Kind.ADD:
            day = on if change.parent else None
            services.add_region(code=change.region, name=change.name, parent_code=change.parent, on=day, by=by)
        case Kind.MOVE:
            services.move_region(code=change.region, parent_code=change.parent, on=on, by=by)
        case Kind.COUNTRY if change.region:
            services.move_country(country=change.country, region_code=change.region, on=on, by=by)
        case Kind.COUNTRY:
            services.end_country(country=change.country, on=on, by=by)
        case Kind.RENAME:
            services.rename_region(code=change.region, name=change.name, by=by)
        case Kind.APPOINT:
            services.assign_lead(code=change.region, email=change.email, on=on, by=by)
        case Kind.END:
            services.end_stint(code=change.region, email=change.email, on=on, by=by)


@transaction.atomic
def take_back(*, pk: int, by: User) -> RegionDraft:
    """Put back everything that a draft changed, as it stood. RegionDraft.DoesNotExist when there is none such;
    DomainError when something of it was changed since, or has come to what it added."""
    _may_configure(by)
    draft = RegionDraft.objects.permitted_to(by).select_for_update(of=("self",)).get(pk=pk, state=DraftState.COMMITTED)
    footprints.lock()
    changes = [row.change for row in draft.changes.all()]
    if footprints.differing(changes, draft.after, footprints.taken(changes)):
        raise DomainError(_("It can't be taken back: something of it was changed since."))
    with pghistory.context(user=by.pk, reason=_("Took back changes of regions and countries.")):
        footprints.put_back(draft.before, draft.after)
    _settle(draft, DraftState.UNDONE, by)
    return draft


def _settle(draft: RegionDraft, state: DraftState, by: User) -> None:
    draft.state, draft.settled_at, draft.settled_by = state, clock.now(), by
    draft.save()


def _may_configure(by: User) -> None:
    if not by.may(Permission.CONFIGURE_REGIONS):
        raise NotPermitted(_("You may not change this."))


def _mine(by: User) -> RegionDraft:
    """The open draft of `by`, opened for today where there is none, and locked."""
    _may_configure(by)
    draft, _new = RegionDraft.objects.get_or_create(author=by, state=DraftState.OPEN, defaults={"on": business_date()})
    return RegionDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
