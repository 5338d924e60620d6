"""A structure on a day as rows from the top down: what is printed, exported and drawn. Deterministic: the same data, the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import OrgUnit
from core.cells import Column
from coverage.nodes import who
from coverage.queries import StructureChart

DEEPEST: Final = 12
"""Rows below this level are indented no further."""


@dataclass(frozen=True)
class OutlineRow:
    """A unit, its level (0: at the top of what is shown), the code of its parent, its value with all below it, who covers it."""

    unit: OrgUnit
    level: int
    parent: str
    below: int
    value: Decimal | None
    state: str
    people: str

    @property
    def indent(self) -> int:
        return min(self.level, DEEPEST)


@dataclass(frozen=True)
class Outline:
    """The rows of a structure, or of one branch of it. `top` is the unit at the head of the branch."""

    chart: StructureChart
    top: OrgUnit | None
    rows: list[OutlineRow]

    def iterator(self, *, chunk_size: int) -> Iterator[OutlineRow]:
        return iter(self.rows)


def outline(chart: StructureChart, *, code: str = "") -> Outline:
    """OrgUnit.DoesNotExist when `code` names no unit that exists on the chart's day."""
    top = next((unit for unit in chart.view.units.values() if unit.code == code), None)
    if code and top is None:
        raise OrgUnit.DoesNotExist
    start = [top.pk] if top else sorted(chart.view.forest.roots, key=lambda pk: _order(chart, pk))
    rows, waiting = [], [(pk, 0) for pk in reversed(start)]
    while waiting:
        pk, level = waiting.pop()
        rows.append(_row(chart, pk, level))
        children = sorted(chart.view.forest.children.get(pk, ()), key=lambda one: _order(chart, one))
        waiting.extend((child, level + 1) for child in reversed(children))
    return Outline(chart, top, rows)


def _order(chart: StructureChart, pk: int) -> tuple[str, str]:
    unit = chart.view.units[pk]
    return unit.name.casefold(), unit.code


def _row(chart: StructureChart, pk: int, level: int) -> OutlineRow:
    parent = chart.view.forest.parents.get(pk)
    return OutlineRow(
        unit=chart.view.units[pk],
        level=level,
        parent=chart.view.units[parent].code if parent else "",
        below=len(chart.view.forest.children.get(pk, ())),
        value=chart.totals.get(pk),
        state=chart.covered.slots.state_of(pk),
        people=", ".join(dict.fromkeys(one["name"] for one in who(chart.covered, pk))),
    )


def export_columns(currency: str) -> tuple[Column, ...]:
    """The columns of the CSV file."""
    return (
        Column(name="code", label=_("Code"), value="unit.code", kind="code"),
        Column(name="name", label=_("Name"), value="unit.name"),
        Column(name="parent", label=_("Parent"), value="parent", kind="code"),
        Column(name="level", label=_("Level"), value="level", kind="number"),
        Column(name="kind", label=_("Kind"), value=_kind),
        Column(name="country", label=_("Country"), value="unit.country.code", kind="code"),
        Column(name="city", label=_("City"), value="unit.city"),
        Column(name="lei", label=_("LEI"), value="unit.lei", kind="code"),
        Column(name="value", label=_("Revenue, 12 months, %(currency)s") % {"currency": currency}, value="value", kind="amount"),
        Column(name="state", label=_("Coverage"), value="state", kind="code"),
        Column(name="people", label=_("Who of us covers it"), value="people"),
    )  # fmt: skip


def _kind(row: Any) -> str:
    return str(row.unit.get_kind_display())
