"""What stands in the way of a plan, in words. Pure; the services that carry a plan out say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from core import formats
from core.periods import BEGINNING
from regions.plan import Change, Estate, Kind, cycle_in, planned
from regions.tree import Edge


def belongs_since(what: str, where: str, since: dt.date) -> str:
    """A later period begins on or after the day that was asked for."""
    words = {"what": what, "where": where, "day": formats.day(since, style="long")}
    if since == BEGINNING:
        return _("%(what)s has always belonged to %(where)s. Choose a later date.") % words
    return _("%(what)s has belonged to %(where)s since %(day)s. Choose a later date, or end that period first.") % words


def _belongs_until(what: str, where: str, until: dt.date) -> str:
    words = {"what": what, "where": where, "day": formats.day(until, style="long")}
    return _("%(what)s belongs to %(where)s until %(day)s. Choose that day or a later one.") % words


def conflicts(estate: Estate, changes: Sequence[Change], on: dt.date) -> dict[tuple[str, ...], str]:
    """By the thing that a change is about, why it can't be carried out from the day `on`; empty when all can."""
    after = planned(estate, changes, on)
    found = {change.thing: said for change in changes if (said := _conflict(estate, after, change, on))}
    return found or _cycles(after, changes, on)


def _conflict(estate: Estate, after: Estate, change: Change, on: dt.date) -> str:
    for code in filter(None, (change.region, change.parent)):
        if after.id_of(code) is None:
            return _("There is no region “%(code)s”.") % {"code": code}
    if change.kind is Kind.ADD:
        known = estate.id_of(change.region) is not None
        return _("There is a region “%(code)s” already.") % {"code": change.region} if known else ""
    if change.kind is Kind.RENAME:
        same = estate.name_of(change.region) == change.name
        return _("%(what)s has this name already.") % {"what": change.name} if same else ""
    if change.kind in (Kind.APPOINT, Kind.END):
        return _lead_conflict(estate, change, on)
    child = change.country if change.kind is Kind.COUNTRY else estate.id_of(change.region)
    goes_to = estate.id_of(change.region if change.kind is Kind.COUNTRY else change.parent)
    edges = estate.tree.countries if change.kind is Kind.COUNTRY else estate.tree.links
    to_nothing = not (change.region if change.kind is Kind.COUNTRY else change.parent)
    return _place_conflict(estate, [e for e in edges if e.child == child], change, (goes_to, to_nothing), on)


def _place_conflict(
    estate: Estate, edges: list[Edge], change: Change, goal: tuple[int | None, bool], on: dt.date
) -> str:
    """`edges` are all periods of the region or country; `goal` its new parent, and whether it comes to none."""
    is_country = change.kind is Kind.COUNTRY
    what = formats.country(change.country) if is_country else estate.name_of(change.region)
    later = sorted((e for e in edges if e.since >= on), key=lambda e: e.since)
    if later:
        return belongs_since(what, estate.names[later[-1].parent][1], later[-1].since)
    standing = next((e for e in edges if e.holds_on(on)), None)
    goes_to, to_nothing = goal
    if standing is None and to_nothing:
        if is_country:
            return _("%(what)s belongs to no region on that day.") % {"what": what}
        return _("%(what)s is a root on that day already.") % {"what": what}
    if standing is not None and standing.parent == goes_to:
        words = {"what": what, "where": estate.names[standing.parent][1]}
        return _("%(what)s belongs to %(where)s already on that day.") % words
    if standing is not None and standing.until is not None and not to_nothing:
        return _belongs_until(what, estate.names[standing.parent][1], standing.until)
    return ""


def _lead_conflict(estate: Estate, change: Change, on: dt.date) -> str:
    region = estate.id_of(change.region)
    stints = [s for s in estate.stints if (s.region, s.email) == (region, change.email)]
    words = {"who": estate.person(change.email), "where": estate.name_of(change.region)}
    if change.kind is Kind.APPOINT:
        if any(s.until is None or s.until > on for s in stints):
            return _("%(who)s leads %(where)s already on that day, or from a later one.") % words
        return ""
    if any(s.since < on and s.holds_on(on) for s in stints):
        return ""
    return _("%(who)s does not lead %(where)s before that day.") % words


def _cycles(after: Estate, changes: Sequence[Change], on: dt.date) -> dict[tuple[str, ...], str]:
    caught = cycle_in(after.tree, on)
    if caught is None:
        return {}
    day, regions = caught
    said = _("%(what)s would stand below itself on %(day)s.")
    return {
        change.thing: said % {"what": after.name_of(change.region), "day": formats.day(day, style="long")}
        for change in changes
        if change.kind in (Kind.ADD, Kind.MOVE) and after.id_of(change.region) in regions
    }
