"""The rows that a restructuring touches: read as an estate, taken before and after, compared and put back when undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.estate import Estate, Place, Unit
from accounts.models import Account, OrgLink, OrgUnit
from accounts.obstacles import Refused
from accounts.resting import put_resting_back, resting_again
from core.footprints import putting_back, restore, rows_of

Footprint = dict[str, Any]
_UNIT = ("id", "code", "name", "opened_on", "closed_on")
_LINK = ("id", "structure", "child_id", "parent_id", "valid_from", "valid_to", "share")


def estate_of(account: Account) -> Estate:
    """All units and dated places of an account, in two statements."""
    rows = OrgUnit.objects.filter(account=account).order_by("code")
    names = ("code", "name", "kind", "country", "city", "opened_on", "closed_on", "lei", "registry_id")
    units = {
        pk: Unit(code, name, kind, str(country), city, opened, closed, lei, registry_id)
        for pk, code, name, kind, country, city, opened, closed, lei, registry_id in rows.values_list("id", *names)
    }
    links = OrgLink.objects.filter(account=account).values_list(
        "structure", "child_id", "parent_id", "valid_from", "valid_to"
    )
    places = (
        Place(structure, units[child].code, units[parent].code, since, until)
        for structure, child, parent, since, until in links
    )
    return Estate({unit.code: unit for unit in units.values()}, tuple(places))


def taken(account: Account, codes: Iterable[str]) -> Footprint:
    """Units by code, and all their own places. Rows are lists of plain values."""
    return _taken(account, Q(code__in=[*codes]))


def taken_again(account: Account, footprint: Footprint) -> Footprint:
    """What an earlier footprint holds, as it stands now."""
    found = _taken(account, Q(pk__in=[row[0] for row in footprint["units"]]))
    return {**found, "resting": resting_again(footprint["resting"])} if "resting" in footprint else found


def _taken(account: Account, which: Q) -> Footprint:
    units = rows_of(OrgUnit, _UNIT, which & Q(account=account))
    links = rows_of(OrgLink, _LINK, Q(account=account, child__in=[row[0] for row in units]))
    return {"units": units, "links": links}


def put_back(account: Account, before: Footprint, after: Footprint) -> None:
    """Make the rows of `after` those of `before` again. Refused when what has been built on them stands in the way."""
    known = {row[0] for row in before["units"]}
    added = [row[0] for row in after["units"] if row[0] not in known]
    circle = _("It can't be taken back: a unit would stand below itself, because of a move made since.")
    changed = _("It can't be taken back: something of it was changed since.")
    with putting_back(circle=Refused(circle), taken=Refused(changed)):
        restore(OrgLink, _LINK, before["links"], after["links"], account=account)
        _restore_units(before["units"], after["units"])
        put_resting_back(account, before.get("resting", {}), after.get("resting", {}))
        _refuse_in_use(added)
        OrgUnit.objects.filter(pk__in=added).delete()


def _restore_units(before: list[list[Any]], after: list[list[Any]]) -> None:
    held = {row[0]: row for row in after}
    for row in before:
        if held.get(row[0]) != row:
            values = dict(zip(_UNIT[1:], row[1:], strict=True))
            OrgUnit.objects.filter(pk=row[0]).update(**values)


def _refuse_in_use(added: list[int]) -> None:
    """A unit that the step opened goes only when nothing else has come to it since."""
    counts: dict[str, int] = {}
    for relation in OrgUnit._meta.related_objects:
        model: Any = relation.related_model
        is_record = any(field.name == "pgh_id" for field in model._meta.concrete_fields)
        if added and not is_record:
            found = model._base_manager.filter(**{f"{relation.field.name}__in": added}).count()  # noqa: SLF001  Django's documented name
            if found:
                noun = str(model._meta.verbose_name_plural)
                counts[noun] = counts.get(noun, 0) + found
    if counts:
        text = _("It can't be taken back: what it opened holds %(what)s by now.")
        raise Refused(text % {"what": ", ".join(f"{number} {noun}" for noun, number in counts.items())})
