"""What a restructuring would do, before it is done; and what was done to a structure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import sees_whole_structure
from accounts.deeds import Deed, planned
from accounts.estate import Estate, Plan
from accounts.models import Account, Contact, OrgUnit, Structure
from accounts.restructured import Restructuring
from accounts.restructuring import names_of, with_codes
from accounts.structures import Forest
from coverage.models import Coverage
from coverage.staffing import Staffing, staffing_of
from pipeline.queries import opportunities
from users.models import User
from users.permissions import Permission

SHOWN = 12
STEPS = 10


def may_restructure(*, viewer: User, account: Account) -> bool:
    """Whether `viewer`, who sees the account, may change its structure."""
    return viewer.may(Permission.EDIT_ACCOUNTS) and sees_whole_structure(viewer, account.pk)


@dataclass(frozen=True)
class Preview:
    """What changes from a day on, in words; `effects` are what hangs on it. `version` is of what was looked at."""

    words: str
    on: dt.date
    lines: list[str]
    more: int
    effects: list[str]
    gaps: tuple[int, int] | None
    version: str


def preview(
    *,
    viewer: User,
    account: Account,
    estate: Estate,
    deeds: Sequence[Deed],
    on: dt.date,
    ends_coverage: bool = False,
) -> Preview:
    """Refused says what stands in the way, as the deed itself would. `account` is one that `viewer` sees."""
    version = estate.version(names_of(deeds))
    deeds = with_codes(estate, deeds)
    plan = planned(estate, deeds, on)
    lines = _lines(estate, plan, on)
    return Preview(
        words="; ".join(deed.words(estate, on) for deed in deeds),
        on=on,
        lines=lines[:SHOWN],
        more=max(len(lines) - SHOWN, 0),
        effects=[
            *_along(estate, plan, on),
            *_holding(viewer, account, plan),
            *_covering(viewer, account, plan, on, ends_coverage),
        ],
        gaps=_gaps(account, estate, plan, on),
        version=version,
    )


def _lines(estate: Estate, plan: Plan, on: dt.date) -> list[str]:
    names = dict(Structure.choices)
    said = [_("%(what)s opens") % {"what": unit.name} for unit in plan.opened]
    after = estate.applied(plan, on)
    for (structure, child), parent in sorted(plan.placed.items()):
        standing = estate.standing(structure, child, on)
        told = {
            "what": after.name_of(child),
            "structure": names.get(structure, structure),
            "from": estate.name_of(standing.parent) if standing else "–",
            "to": after.name_of(parent) if parent else "–",
        }
        said.append(_("%(what)s, %(structure)s: %(from)s → %(to)s") % told)
    said += [_("%(what)s closes") % {"what": estate.name_of(code)} for code in sorted(plan.closed)]
    said += [
        _("%(what)s is called %(name)s") % {"what": estate.name_of(code), "name": name}
        for code, name in plan.renamed.items()
    ]
    return said


def _along(estate: Estate, plan: Plan, on: dt.date) -> list[str]:
    """How many units move along without changing their own place."""
    moved = {(s, child) for (s, child), parent in plan.placed.items() if parent and child in estate.units}
    along: set[str] = set()
    for structure, child in moved:
        along |= estate.branch(structure, child, on)
    number = len(along - {child for _s, child in moved} - plan.closed)
    said = ngettext("%(number)d unit below moves along", "%(number)d units below move along", number)
    return [said % {"number": number}] if number else []


def _holding(viewer: User, account: Account, plan: Plan) -> list[str]:
    """What stays with units that close: of deals those that the reader may see."""
    if not plan.closed:
        return []
    units = OrgUnit.objects.filter(account=account, code__in=plan.closed)
    deals = opportunities(viewer=viewer).open().filter(org_unit__in=units).count()
    people = Contact.objects.visible_to(viewer).filter(org_unit__in=units).count()
    counted = [
        (deals, ngettext("%(number)d open deal stays with what closes", "%(number)d open deals stay with what closes", deals)),
        (people, ngettext("%(number)d person stays with what closes", "%(number)d people stay with what closes", people)),
    ]  # fmt: skip
    return [said % {"number": number} for number, said in counted if number]


def _covering(viewer: User, account: Account, plan: Plan, on: dt.date, ends: bool) -> list[str]:
    """How many posts of ours on units that close end with them, or go on there."""
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    closing = Coverage.objects.visible_to(viewer).filter(lasting, account=account, org_unit__code__in=plan.closed)
    number = closing.count() if plan.closed else 0
    said = (
        ngettext("%(number)d coverage ends on that day", "%(number)d coverages end on that day", number)
        if ends
        else ngettext("%(number)d coverage goes on there", "%(number)d coverages go on there", number)
    )
    return [said % {"number": number}] if number else []


def _gaps(account: Account, estate: Estate, plan: Plan, on: dt.date) -> tuple[int, int] | None:
    """Empty slots on the day without and with the plan; None without a policy. Units that open are not counted yet."""
    staffing = staffing_of({account.pk: account.tier_id}, on)[account.pk]
    if not staffing.rules:
        return None
    after = estate.applied(plan, on)
    ids = {unit.code: pk for pk, unit in staffing.units.items()}
    kept = {pk: unit for pk, unit in staffing.units.items() if unit.code not in plan.closed}
    holds = [place for place in after.places if place.holds_on(on)]
    kind = Structure.MANAGEMENT if any(p.structure == Structure.MANAGEMENT for p in holds) else Structure.LEGAL
    links = [(ids[p.child], ids[p.parent]) for p in holds if p.structure == kind and p.child in ids and p.parent in ids]
    posts = tuple(post for post in staffing.posts if post.unit in kept)
    then = replace(staffing, units=kept, above=Forest.of(kept, links), posts=posts)
    return _empty(staffing), _empty(then)


def _empty(staffing: Staffing) -> int:
    return len(staffing.gaps.gaps)


@dataclass(frozen=True)
class StepLine:
    """A step that was carried out; `may_undo` while none after it touched the same units."""

    step: Restructuring
    may_undo: bool


def steps(*, viewer: User, account: Account) -> list[StepLine]:
    """The last steps of an account's structure, the latest first. `account` is one that `viewer` sees."""
    rows = Restructuring.objects.visible_to(viewer).filter(account=account).select_related("made_by", "undone_by")
    may = may_restructure(viewer=viewer, account=account)
    touched: set[int] = set()
    found = []
    for step in rows.defer("before", "after").order_by("-id")[:STEPS]:
        is_free = step.undone_at is None and touched.isdisjoint(step.units)
        found.append(StepLine(step, may and is_free))
        touched |= set(step.units) if step.undone_at is None else set()
    return found


def unit_options(estate: Estate, text: str, on: dt.date) -> list[tuple[str, str]]:
    """Codes and names of units that exist on a day and hold `text`: what a field offers while somebody types."""
    wanted = text.strip().casefold()
    found = [
        (unit.code, unit.name)
        for unit in estate.units.values()
        if unit.exists_on(on) and wanted in f"{unit.name} {unit.code} {unit.city}".casefold()
    ]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))[:SHOWN]
