"""Slots one a line: the columns of the gap list, and those of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.lists import Table
from core.marks import state_html
from coverage.alignment import WeighedSlot
from coverage.board_forms import STATES
from coverage.board_queries import BoardPage, SlotLine


def _slot_url(line: SlotLine) -> str:
    return f"slot/?{urlencode({'unit': line.unit.code, 'role': line.one.slot.role, **line.page.day_query})}"


def _state(line: SlotLine) -> SafeString:
    """The state, and of a slot that is filled in part how far."""
    slot = line.one.slot
    if slot.fill is None or slot.fill in (0, 1):
        return slot_state_html(slot.state)
    return format_html(
        '{} <span class="num">{}</span>', slot_state_html(slot.state), formats.percent(_fill(line), decimals=0)
    )


def slot_state_html(state: str) -> SafeString:
    """The state of a slot as its shape and its word."""
    return state_html(state, word=str(dict(STATES)[state]))


def _reasons(line: SlotLine) -> SafeString:
    return format_html_join(" ", "<span>{}</span>", ((text,) for text in line.reasons))


def _fill(line: SlotLine) -> Any:
    fill = line.one.slot.fill
    return formats.UNKNOWN if fill is None else Decimal(fill.numerator) / fill.denominator


def _unit(line: SlotLine) -> SafeString:
    place = formats.country(line.unit.country) if line.unit.country else ""
    return format_html(
        '<a href="{}" data-slot-link><bdi>{}</bdi></a><div class="soft small">{}</div>',
        _slot_url(line),
        line.unit.name,
        place,
    )


def slot_columns(currency: str) -> tuple[Column, ...]:
    """Everything that is said of a slot; the page shows a part of it, the file all."""
    in_currency = {"currency": currency}
    return (
        Column(name="org_unit_code", label=_("Code"), value="unit.code", kind="code", shown=False),
        Column(name="org_unit", label=_("Org unit"), value="unit.name", html=_unit, heads_row=True),
        Column(name="country", label=_("Country"), value="unit.country", kind="country", shown=False),
        Column(name="role", label=_("Role"), value="role"),
        Column(name="weight", label=_("Weight"), value="one.slot.weight", kind="number", shown=False),
        Column(name="state", label=_("State"), value="one.slot.state", html=_state),
        Column(name="members", label=_("Covered by"), value="names"),
        Column(name="source", label=_("Inherited from"), value="source.name", shown=False),
        Column(name="fill", label=_("Fill"), value=_fill, kind="percent", shown=False),
        Column(name="value", label=_("Worth, %(currency)s") % in_currency, value="value", kind="amount", shown=False),
        Column(
            name="gap",
            label=_("Gap, %(currency)s") % in_currency,
            value=lambda line: formats.UNKNOWN if line.gap is None else line.gap,
            kind="amount",
        ),
        Column(name="reasons", label=_("Why"), value=lambda line: " ".join(line.reasons), html=_reasons),
    )


def gap_table(page: BoardPage, gaps: Sequence[WeighedSlot]) -> Table:
    """Slots that lack something, one a line."""
    columns = tuple(
        column for column in slot_columns(page.currency) if column.shown and (page.has_money or column.name != "gap")
    )
    lines = [page.line(one) for one in gaps]
    return Table(columns, lines, caption=_("Gaps in money"))


@dataclass(frozen=True)
class Lines:
    """The slots that a page shows, as the rows of a file."""

    page: BoardPage
    slots: Sequence[WeighedSlot]

    def iterator(self, *, chunk_size: int) -> Iterator[SlotLine]:
        return map(self.page.line, self.slots)
