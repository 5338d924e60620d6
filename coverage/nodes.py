"""A structure as the chart's script reads it: a small one whole, of a large one what shows at first; the rest as it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries import StructureView
from core import formats
from coverage.queries import Covered, StructureChart
from coverage.slots import GAP

ALL_AT_ONCE: Final = 300
"""So many units are sent together: folding and searching then ask the server nothing."""
BATCH: Final = 40
_BUDGET: Final = 160
_HITS: Final = 60
TOP: Final = ""


def first_nodes(chart: StructureChart) -> list[dict[str, Any]]:
    """One dictionary a unit; names are escaped by the script, which writes them as text."""
    forest = chart.view.forest
    if len(chart.view.units) <= ALL_AT_ONCE:
        return _nodes(chart, [TOP, *(unit for unit, _depth in forest.walk() if unit in forest.children)], limit=None)
    sent: list[int | str] = []
    waiting: list[int | str] = [TOP, *_ranked(chart, TOP)[:BATCH]]
    left = _BUDGET
    for parent in waiting:
        below = _ranked(chart, parent)[:BATCH]
        left -= len(below)
        if left < 0 and sent:
            break
        sent.append(parent)
        if parent != TOP:
            waiting.extend(below)
    return _nodes(chart, sent, limit=BATCH)


def below(chart: StructureChart, parent: int | str, since: int) -> list[dict[str, Any]]:
    """The next units below a unit, or the next that stand below nothing (TOP), after so many that are there already."""
    chart = _narrowed(chart, _children(chart, parent))
    return _drawn(chart, [(unit, parent, at) for at, unit in enumerate(_ranked(chart, parent))][since : since + BATCH])


def found(chart: StructureChart, text: str) -> dict[str, Any]:
    """Units whose name, code, city or country holds `text`: how many, the first of them in the order of the tree, and the
    nodes that it takes to show them."""
    wanted = text.strip().casefold()
    hits = [unit for unit, _depth in chart.view.forest.walk() if wanted and wanted in _searched(chart, unit)]
    shown = hits[:_HITS]
    parents = chart.view.forest.parents
    needed = dict.fromkeys(one for hit in shown for one in (*reversed([*chart.view.forest.ancestors(hit)]), hit))
    chart = _narrowed(chart, {one for unit in needed for one in _children(chart, parents.get(unit, TOP))})
    places: dict[int | str, dict[int, int]] = {}
    nodes = []
    for unit in needed:
        parent = parents.get(unit, TOP)
        if parent not in places:
            places[parent] = {one: at for at, one in enumerate(_ranked(chart, parent))}
        nodes.append((unit, parent, places[parent][unit]))
    return {"count": len(hits), "hits": [str(hit) for hit in shown], "nodes": _drawn(chart, nodes)}


def _searched(chart: StructureChart, pk: int) -> str:
    unit = chart.view.units[pk]
    return f"{unit.name} {unit.code} {unit.city} {_country_of(unit)}".casefold()


def _country_of(unit: Any) -> str:
    code = unit.country.code
    return formats.country(code) if code else ""


def _nodes(chart: StructureChart, parents: Iterable[int | str], *, limit: int | None) -> list[dict[str, Any]]:
    placed = [(unit, parent, at) for parent in parents for at, unit in enumerate(_ranked(chart, parent)[:limit])]
    return _drawn(chart, placed)


def _drawn(chart: StructureChart, placed: list[tuple[int, int | str, int]]) -> list[dict[str, Any]]:
    """Units with their parents and places among them. Who fits how well is asked for these alone."""
    chart = _narrowed(chart, [unit for unit, _parent, _at in placed])
    panel = panel_path(chart)
    return [_node(chart, unit, parent, at, panel) for unit, parent, at in placed]


def _children(chart: StructureChart, parent: int | str) -> list[int]:
    forest = chart.view.forest
    return forest.roots if isinstance(parent, str) else forest.children.get(parent, [])


def _narrowed(chart: StructureChart, units: Iterable[int]) -> StructureChart:
    """The same chart, whose slots are worked out for these units only, with those above from which they inherit."""
    staffing = chart.covered.staffing
    wanted = {one for unit in units for one in (unit, *staffing.above.ancestors(unit))}
    kept = {pk: staffing.units[pk] for pk in wanted if pk in staffing.units}
    return replace(chart, covered=replace(chart.covered, staffing=replace(staffing, units=kept)))


def _ranked(chart: StructureChart, parent: int | str) -> list[int]:
    """The units below a unit in the order in which they are shown: money in gaps, then value, then name."""
    children = _children(chart, parent)

    def rank(unit: int) -> tuple[float, float, int]:
        value = float(chart.totals.get(unit) or 0)
        return (-value if gaps.gaps_of(unit) else 0, -value, order[unit])

    # Worked out for these alone: of thousands of units a few dozen are ranked before the chart is drawn.
    gaps = _narrowed(chart, children).covered.staffing.gaps
    order = {unit: at for at, unit in enumerate(children)}
    return sorted(children, key=rank)


def choice_of(chart: StructureChart) -> str:
    """The structure and the day that the chart shows, as an address' query."""
    chosen = {"structure": chart.view.structure}
    if chart.view.on != chart.view.today:
        chosen["on"] = chart.view.on.isoformat()
    return urlencode(chosen)


def addresses(chart: StructureChart, *, may_restructure: bool) -> dict[str, str]:
    """Where the chart's script and its files are read; "" where there is nothing to ask."""
    is_large = len(chart.view.units) > ALL_AT_ONCE
    asked = ["outline", "csv", "svg", *(["branch", "search"] if is_large else [])]
    found = {name: f"{reverse(f'coverage:{name}', args=[chart.account.code])}?{choice_of(chart)}" for name in asked}
    move = reverse("coverage:restructure", args=[chart.account.code, "move"])
    return {**found, "move": f"{move}?{deed_choice(chart.view)}" if may_restructure else ""}


def deed_choice(view: StructureView) -> str:
    """The structure and the day that a deed begins with, as an address' query."""
    return urlencode({"structure": view.structure, "day": view.on.isoformat()})


def panel_path(chart: StructureChart) -> str:
    """Where panels are read, on the day that the chart shows; what follows is the unit's code."""
    return f"{reverse('coverage:unit', args=[chart.account.code])}?{choice_of(chart)}&unit="


def panel_url(chart: StructureChart, code: str) -> str:
    """Where the panel of a unit is read."""
    return panel_path(chart) + quote_plus(code)


def _node(chart: StructureChart, pk: int, parent: int | str, at: int, panel: str) -> dict[str, Any]:
    unit, value = chart.view.units[pk], chart.totals.get(pk)
    state = chart.covered.slots.state_of(pk)
    missing = [chart.covered.roles[role] for role in chart.covered.slots.gaps_of(pk)]
    return {
        "id": str(pk),
        "parent": str(parent) or None,
        "at": at,
        "count": len(chart.view.forest.children.get(pk, ())),
        "code": unit.code,
        "name": unit.name,
        "country": unit.country.code or "",
        "countryName": _country_of(unit),
        "city": unit.city,
        "value": None if value is None else float(value),
        "valueText": "" if value is None else formats.short(value),
        "state": state,
        "coverage": who(chart.covered, pk),
        "gap": float(value or 0) if state == GAP else 0,
        "gapText": _("%(role)s +%(more)d") % {"role": missing[0], "more": len(missing) - 1}
        if len(missing) > 1
        else "".join(missing),
        "url": panel + quote_plus(unit.code),
    }


def who(covered: Covered, unit: int) -> list[dict[str, str]]:
    """Who of us covers a unit: those on it first, then those whom it inherits."""
    here = [(post.role, post.member) for post in covered.slots.posts.get(unit, ())]
    inherited = [(s.role, member) for s in covered.slots.by_unit.get(unit, ()) if s.source for member in s.members]
    return [{"name": str(covered.members[member]), "role": covered.roles[role]} for role, member in [*here, *inherited]]
