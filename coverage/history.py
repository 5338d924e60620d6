"""What happened to an org unit: its dated moves and coverage as one story, and the record of who changed what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import OrgLink, OrgUnit
from accounts.restructured import DeedKind, Restructuring
from core.periods import BEGINNING
from coverage.models import Coverage
from users.models import User

SHOWN = 12


@dataclass(frozen=True)
class Happening:
    """One line of a timeline: on a day (`on`) or at a moment (`at`), by somebody or by nobody who is known."""

    title: str
    on: dt.date | None = None
    at: dt.datetime | None = None
    text: str = ""
    by: str = ""


def story(unit: OrgUnit) -> list[Happening]:
    """The unit's dated facts, the latest first; who may see the account may read them."""
    found = [*_of_itself(unit), *_of_links(unit), *_of_coverage(unit), *_of_steps(unit)]
    return sorted(found, key=lambda one: one.on or BEGINNING, reverse=True)


def _of_itself(unit: OrgUnit) -> Iterator[Happening]:
    if unit.opened_on:
        yield Happening(_("Opened"), on=unit.opened_on)
    if unit.closed_on:
        yield Happening(_("Closed"), on=unit.closed_on)


def _of_links(unit: OrgUnit) -> Iterator[Happening]:
    links = OrgLink.objects.filter(child=unit).select_related("parent").order_by("structure", "valid_from")
    for link in links:
        names = {"structure": link.get_structure_display(), "parent": link.parent.name}
        if link.valid_from > BEGINNING:
            yield Happening(_("Placed under %(parent)s") % names, on=link.valid_from, text=names["structure"])
        if link.valid_to:
            yield Happening(_("Left %(parent)s") % names, on=link.valid_to, text=names["structure"])


def _of_coverage(unit: OrgUnit) -> Iterator[Happening]:
    for row in Coverage.objects.filter(org_unit=unit).select_related("member", "role"):
        who = str(row.member)
        if row.valid_from > BEGINNING:
            yield Happening(_("%(who)s began to cover it") % {"who": who}, on=row.valid_from, text=row.role.name)
        if row.valid_to:
            yield Happening(_("%(who)s ceased to cover it") % {"who": who}, on=row.valid_to, text=row.role.name)


def _of_steps(unit: OrgUnit) -> Iterator[Happening]:
    """Splits, merges and the like as a whole. Its moves, its opening and its end are told by its dates."""
    told = (DeedKind.MOVE, DeedKind.ADD)
    steps = Restructuring.objects.filter(account=unit.account_id, units__contains=[unit.pk], undone_at=None)
    for step in steps.exclude(kind__in=told).select_related("made_by").defer("before", "after"):
        yield Happening(step.words, on=step.on, text=step.reason, by=str(step.made_by or ""))


_VERBS: dict[str, Promise] = {
    "insert": gettext_lazy("Added: %(what)s"),
    "update": gettext_lazy("Changed: %(what)s"),
    "delete": gettext_lazy("Deleted: %(what)s"),
}


def record(unit: OrgUnit) -> list[Happening]:
    """The last changes of the unit, its places and its coverage, as the database wrote them down."""
    sources: tuple[tuple[type[models.Model], str, str], ...] = (
        (OrgUnit, "pgh_obj_id", _("the unit")),
        (OrgLink, "child_id", _("its place in a structure")),
        (Coverage, "org_unit_id", _("coverage")),
    )
    events = [(event, what) for model, column, what in sources for event in _events(model, column, unit.pk)]
    events.sort(key=lambda pair: pair[0]["pgh_created_at"], reverse=True)
    names = _names(event["pgh_context__metadata"] for event, _what in events)
    return [
        Happening(
            str(_VERBS.get(event["pgh_label"], _VERBS["update"])) % {"what": what},
            at=event["pgh_created_at"],
            text=str((event["pgh_context__metadata"] or {}).get("reason") or ""),
            by=names.get((event["pgh_context__metadata"] or {}).get("user"), ""),
        )
        for event, what in events[:SHOWN]
    ]


def _events(model: type[models.Model], column: str, pk: int) -> Iterable[dict[str, Any]]:
    events = model._meta.get_field("events").related_model._default_manager.filter(**{column: pk})  # type: ignore[union-attr]  # pghistory's own
    return events.order_by("-pgh_id").values("pgh_label", "pgh_created_at", "pgh_context__metadata")[:SHOWN]


def _names(contexts: Iterable[dict[str, Any] | None]) -> dict[Any, str]:
    ids = {context["user"] for context in contexts if context and context.get("user")}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}
