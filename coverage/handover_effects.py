"""What a line of a hand-over does to the row it speaks of, and how that is put back. Callers hold the locks.

Roles and coverage are dated: the giver's row ends on the day and the successor's begins on it, so nothing before the day
is rewritten. Relationships have no dates, deals and leads one owner: those change when the day has come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Relationship
from core import formats
from core.errors import DomainError
from coverage.handover_models import HandOver, HandOverLine, LineKind, LineState
from coverage.models import Coverage
from pipeline.models import Lead, LeadStatus, Opportunity, OpportunitySplit, Outcome, SplitType
from teams.models import TeamMember

_DATED: Final[dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]]] = {
    LineKind.MEMBERSHIP: (TeamMember, ("team_id", "role_id"), ()),
    LineKind.COVERAGE: (Coverage, ("account_id", "org_unit_id", "role_id"), ("covers_descendants",)),
}
"""The table of a kind, what a row of it is about, and what else it says."""


def begin(line: HandOverLine, on: dt.date) -> None:
    """End the giver's dated row on `on` and begin the successor's. Other kinds wait for their day.

    DomainError where the successor has the same for a part of the time, or without the units below.
    """
    if line.kind not in _DATED:
        return
    model, same, values = _DATED[line.kind]
    row = model.objects.get(pk=line.row_id)
    start, end = max(row.valid_from, on), row.valid_to
    shared = {name: getattr(row, name) for name in (*same, *values)}
    line.before = {"valid_from": row.valid_from.isoformat(), "valid_to": _iso(end), **shared}
    own = model.objects.filter(**{name: shared[name] for name in same}, member=line.heir).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=start), *([] if end is None else [Q(valid_from__lt=end)])
    )
    standing = own.order_by("valid_from").first()
    if standing is not None:
        _refuse_part(line, standing, start, end, shared)
    if row.valid_from < on:
        row.valid_to = on
        row.save(update_fields=["valid_to"])
    else:
        row.delete()
    if standing is None:
        line.heir_row_id = model.objects.create(member=line.heir, valid_from=start, valid_to=end, **shared).pk


def _refuse_part(
    line: HandOverLine, standing: Any, start: dt.date, end: dt.date | None, shared: dict[str, Any]
) -> None:
    """What the successor holds already stays as it is, if it is at least what she would get."""
    is_whole = standing.valid_from <= start and (
        standing.valid_to is None or (end is not None and standing.valid_to >= end)
    )
    is_wide = not shared.get("covers_descendants") or standing.covers_descendants
    if is_whole and is_wide:
        return
    said = {"name": line.heir, "what": line.words}
    if not is_wide:
        raise DomainError(_("%(name)s has %(what)s already, but without the units below. Change that first.") % said)
    said["since"] = formats.day(max(standing.valid_from, dt.date(1900, 1, 1)), style="long")
    raise DomainError(_("%(name)s has %(what)s for a part of the time, from %(since)s. End that first.") % said)


def put_back(line: HandOverLine, on: dt.date) -> str:
    """Undo `begin`, if everything stands as it left it; else the reason why the line is left alone."""
    if line.kind not in _DATED:
        return ""
    model, same, values = _DATED[line.kind]
    before = line.before
    stood_from, stood_to = _date(before["valid_from"]), _date(before["valid_to"])
    shared = {name: before[name] for name in (*same, *values)}
    giver = model.objects.filter(pk=line.row_id).first()
    was_cut = stood_from is not None and stood_from < on
    is_as_left = giver is not None and giver.valid_to == on if was_cut else giver is None
    if line.heir_row_id is not None:
        heir = model.objects.filter(pk=line.heir_row_id, member=line.heir, valid_to=stood_to).first()
        is_as_left = is_as_left and heir is not None and heir.valid_from == max(stood_from or on, on)
    if not is_as_left:
        return _("Somebody changed it since.")
    if line.heir_row_id is not None:
        model.objects.filter(pk=line.heir_row_id).delete()
    if giver is not None:
        giver.valid_to = stood_to
        giver.save(update_fields=["valid_to"])
    else:
        model.objects.create(
            pk=line.row_id, member=line.hand_over.giver, valid_from=stood_from, valid_to=stood_to, **shared
        )
    return ""


def finish(line: HandOverLine, hand_over: HandOver) -> None:
    """The day has come: what waited for it is done, or left as it is with a reason. Done again, it changes nothing."""
    if line.state != LineState.WAITING:
        return
    doing = _ON_THE_DAY.get(line.kind)
    line.outcome = doing(line, hand_over) if doing else ""
    line.state = LineState.SKIPPED if line.outcome else LineState.DONE


def _relationship(line: HandOverLine, hand_over: HandOver) -> str:
    known = Relationship.objects.filter(pk=line.row_id, member=hand_over.giver).first()
    if known is None:
        return _("It is no longer there.")
    # How strong it will be is not inherited: unknown until it is told.
    Relationship.objects.get_or_create(contact_id=known.contact_id, member=line.heir)
    if hand_over.ends_relationships:
        known.delete()
    return ""


def _deal(line: HandOverLine, hand_over: HandOver) -> str:
    deal = Opportunity.objects.select_for_update(of=("self",)).select_related("stage").filter(pk=line.row_id).first()
    if deal is None:
        return _("It is no longer there.")
    if deal.stage.outcome != Outcome.OPEN:
        return _("It was closed before.")
    if deal.owner_id != hand_over.giver_id:
        return _("It has another owner by now.")
    Opportunity.objects.filter(pk=deal.pk).update(owner=line.heir)
    if hand_over.moves_splits:
        for kind in SplitType.values:
            _move_split(deal.pk, kind, hand_over.giver_id, line.heir_id)
    return ""


def _move_split(deal: int, kind: str, giver: int, heir: int) -> None:
    """One statement, so that the prime shares are whole whenever they are looked at."""
    mine = OpportunitySplit.objects.filter(opportunity=deal, type=kind)
    if not mine.filter(member=heir).exists():
        mine.filter(member=giver).update(member=heir)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (DELETE FROM pipeline_opportunitysplit
                              WHERE opportunity_id = %s AND type = %s AND member_id = %s RETURNING percent)
               UPDATE pipeline_opportunitysplit s SET percent = s.percent + gone.percent FROM gone
                WHERE s.opportunity_id = %s AND s.type = %s AND s.member_id = %s""",
            [deal, kind, giver, deal, kind, heir],
        )


def _lead(line: HandOverLine, hand_over: HandOver) -> str:
    lead = Lead.objects.select_for_update(of=("self",)).filter(pk=line.row_id).first()
    if lead is None:
        return _("It is no longer there.")
    if lead.status in (LeadStatus.CONVERTED, LeadStatus.REJECTED):
        return _("It was closed before.")
    if lead.owner_id != hand_over.giver_id:
        return _("It has another owner by now.")
    Lead.objects.filter(pk=lead.pk).update(owner=line.heir)
    return ""


_ON_THE_DAY: Final[dict[str, Callable[[HandOverLine, HandOver], str]]] = {
    LineKind.RELATIONSHIP: _relationship,
    LineKind.DEAL: _deal,
    LineKind.LEAD: _lead,
}


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
