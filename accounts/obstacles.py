"""What stands in the way of a restructuring, in words. Pure."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from accounts.estate import Estate, Plan
from core import formats
from core.errors import DomainError
from core.periods import BEGINNING


class Refused(DomainError):
    """A restructuring that can't be carried out; nothing of it was."""


class PeriodInTheWay(Refused):
    """A place is settled from the day that was asked for, or from a later one: a later day must be chosen."""


def named(estate: Estate, code: str) -> str:
    return estate.name_of(code)


def _day(day: dt.date) -> str:
    return formats.day(day, style="long")


def exists(estate: Estate, code: str, on: dt.date, field: str, *, is_closing: bool = False) -> None:
    """Refuse a unit that there is none of on the day; one that closes must have been there the day before."""
    unit = estate.units.get(code)
    if unit is None:
        raise Refused(_("There is no org unit “%(code)s”.") % {"code": code}, field=field)
    told = {"what": unit.name, "day": _day(unit.closed or on)}
    if unit.closed is not None and unit.closed <= on:
        raise Refused(_("%(what)s is closed since %(day)s. Choose an earlier date.") % told, field="on")
    if unit.opened is not None and (unit.opened > on or (is_closing and unit.opened == on)):
        told["day"] = _day(unit.opened)
        raise Refused(_("%(what)s opens on %(day)s. Choose a later date.") % told, field="on")


def stays(estate: Estate, code: str, on: dt.date, field: str) -> None:
    """Refuse a unit as a parent that does not exist from the day on for good."""
    exists(estate, code, on, field)
    unit = estate.units[code]
    if unit.closed is not None:
        text = _("%(what)s closes on %(day)s: nothing can come under it. Choose another unit.")
        raise Refused(text % {"what": unit.name, "day": _day(unit.closed)}, field=field)


def goes_on(estate: Estate, code: str) -> None:
    """Refuse a unit whose end is planned: its places end with it."""
    unit = estate.units[code]
    if unit.closed is not None:
        text = _("%(what)s closes on %(day)s. Take that back first.")
        raise Refused(text % {"what": unit.name, "day": _day(unit.closed)}, field="on")


def nothing_later(estate: Estate, structure: str, code: str, on: dt.date) -> None:
    """Refuse a day on which the place of a unit is settled already, or from a later one on."""
    later = estate.later(structure, code, on)
    if later is not None:
        told = {"what": named(estate, code), "where": named(estate, later.parent), "day": _day(later.since)}
        if later.since == BEGINNING:
            raise PeriodInTheWay(
                _("%(what)s has always belonged to %(where)s. Choose a later date.") % told, field="on"
            )
        text = _("%(what)s has belonged to %(where)s since %(day)s. Choose a later date.")
        raise PeriodInTheWay(text % told, field="on")
    standing = estate.standing(structure, code, on)
    if standing is not None and standing.until is not None:
        told = {"what": named(estate, code), "where": named(estate, standing.parent), "day": _day(standing.until)}
        text = _("%(what)s belongs to %(where)s until %(day)s. Choose that day or a later one.")
        raise PeriodInTheWay(text % told, field="on")


def refuse_circles(estate: Estate, plan: Plan, on: dt.date) -> None:
    """Refuse a plan under which a unit would stand below itself on the day; the database looks at every other day."""
    for (structure, child), parent in plan.placed.items():
        if parent and (parent == child or child in estate.ancestors(structure, parent, on)):
            raise Refused(_("%(what)s would stand below itself.") % {"what": named(estate, child)}, field="parent")
