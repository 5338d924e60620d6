"""Changes of the geography as sentences. Pure."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from core import formats
from regions.plan import Change, Estate, Kind


def said(before: Estate, after: Estate, change: Change, on: dt.date) -> str:
    """A change in words, with where the thing stands before it: "Germany moves from Europe to DACH"."""
    where = after.name_of(change.region)
    if change.kind in (Kind.COUNTRY, Kind.MOVE):
        return _moves(before, after, change, on)
    if change.kind is Kind.ADD:
        words = {"what": change.name, "where": after.name_of(change.parent)}
        text = _("%(what)s is added below %(where)s") if change.parent else _("%(what)s is added as a root")
        return text % words
    if change.kind is Kind.RENAME:
        return _("%(what)s is called %(name)s") % {"what": before.name_of(change.region), "name": change.name}
    words = {"who": after.person(change.email), "where": where}
    text = (
        _("%(who)s comes to lead %(where)s") if change.kind is Kind.APPOINT else _("%(who)s ceases to lead %(where)s")
    )
    return text % words


def _moves(before: Estate, after: Estate, change: Change, on: dt.date) -> str:
    snapshot = before.tree.on(on)
    if change.kind is Kind.COUNTRY:
        what, goal = formats.country(change.country), change.region
        stood = snapshot.regions_of_countries.get(change.country)
    else:
        what, goal = after.name_of(change.region), change.parent
        region = before.id_of(change.region)
        stood = snapshot.parents.get(region) if region is not None else None
    words = {"what": what, "from": before.names[stood][1] if stood is not None else "", "to": after.name_of(goal)}
    if not goal:
        text = (
            _("%(what)s leaves %(from)s, unallocated") if change.kind is Kind.COUNTRY else _("%(what)s becomes a root")
        )
    else:
        text = _("%(what)s moves to %(to)s") if stood is None else _("%(what)s moves from %(from)s to %(to)s")
    return text % words
