"""A structure as the chart's script reads it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core import formats
from coverage.queries import Covered, StructureChart
from coverage.slots import GAP


def nodes(chart: StructureChart) -> list[dict[str, Any]]:
    """One dictionary a unit; names are escaped by the script, which writes them as text."""
    return [
        _node(chart, unit, panel_url(chart, chart.view.units[unit].code)) for unit, _depth in chart.view.forest.walk()
    ]


def panel_url(chart: StructureChart, code: str) -> str:
    """Where the panel of a unit is read, on the day that the chart shows."""
    chosen = {"unit": code}
    if chart.view.on != chart.view.today:
        chosen["on"] = chart.view.on.isoformat()
    return f"{reverse('coverage:unit', args=[chart.account.code])}?{urlencode(chosen)}"


def _node(chart: StructureChart, pk: int, url: str) -> dict[str, Any]:
    unit, value = chart.view.units[pk], chart.totals.get(pk)
    state = chart.covered.slots.state_of(pk)
    missing = [chart.covered.roles[role] for role in chart.covered.slots.gaps_of(pk)]
    parent = chart.view.forest.parents.get(pk)
    return {
        "id": str(pk),
        "parent": None if parent is None else str(parent),
        "name": unit.name,
        "country": unit.country.code or "",
        "countryName": formats.country(unit.country.code) if unit.country.code else "",
        "city": unit.city,
        "value": None if value is None else float(value),
        "valueText": "" if value is None else formats.short(value),
        "state": state,
        "coverage": who(chart.covered, pk),
        "gap": float(value or 0) if state == GAP else 0,
        "gapText": _("%(role)s +%(more)d") % {"role": missing[0], "more": len(missing) - 1}
        if len(missing) > 1
        else "".join(missing),
        "url": url,
    }


def who(covered: Covered, unit: int) -> list[dict[str, str]]:
    """Who of us covers a unit: those on it first, then those whom it inherits."""
    here = [(post.role, post.member) for post in covered.slots.posts.get(unit, ())]
    inherited = [(s.role, member) for s in covered.slots.by_unit.get(unit, ()) if s.source for member in s.members]
    return [{"name": str(covered.members[member]), "role": covered.roles[role]} for role, member in [*here, *inherited]]
