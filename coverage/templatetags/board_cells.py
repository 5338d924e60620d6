"""Cells of the alignment board: `{% load board_cells %}`. Each is drawn at once: a board has thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks
from core.last_change import LastChange
from core.templatetags.figures import sparkline
from core.templatetags.parts import face
from coverage.alignment import WeighedSlot
from coverage.board import Board, BoardRow
from coverage.board_lists import slot_state_html
from coverage.board_queries import BoardPage
from coverage.board_screens import Count
from coverage.models import AlignmentScore
from coverage.slots import EMPTY, INHERITED, UNKNOWN
from coverage.stated import decimal_of

register = template.Library()

#: Deeper units stand no further in.
DEEPEST = 8


@dataclass(frozen=True)
class DrawnRow:
    """What a row says of its unit, drawn."""

    name: str
    code: str
    country: str
    depth: int
    value: SafeString
    gap: SafeString


@register.simple_tag
def board_row(page: BoardPage, row: BoardRow) -> DrawnRow:
    """A unit's own columns: its name, its country, its value and what is missing of it."""
    line = page.lines[row.unit]
    value = marks.amount_html(page.money(page.weighing.alignment.values[row.unit]), decimals=0)
    gap = marks.amount_html(page.money(row.gap), decimals=0) if row.shown else marks.absent_html()
    return DrawnRow(line.name, line.code, line.country, min(row.depth, DEEPEST), value, gap)


@register.simple_tag
def board_money(page: BoardPage, minor: int) -> SafeString:
    """An amount of minor units in full."""
    return marks.amount_html(page.money(minor))


@register.simple_tag
def board_short(page: BoardPage, minor: int | None) -> SafeString:
    """The same for a tile; None is not known."""
    return marks.short_amount_html(formats.UNKNOWN if minor is None else page.money(minor), page.currency)


@register.simple_tag
def undo_words(undo: tuple[LastChange, str]) -> str:
    """What would be taken back: whose change, and when it was made."""
    change, by = undo
    at = formats.instant(change.at)
    return (
        _("The last change: %(name)s, %(at)s") % {"name": by, "at": at}
        if by
        else _("The last change: %(at)s") % {"at": at}
    )


@register.simple_tag
def role_name(page: BoardPage, role: str) -> str:
    return page.roles[role]


@register.simple_tag
def role_sum(page: BoardPage, board: Board, role: str) -> SafeString:
    """What is missing in a column."""
    gap = board.by_role[role].gap
    return marks.short_amount_html(page.money(gap)) if gap else marks.absent_html()


@register.simple_tag
def score_line(kept: Sequence[AlignmentScore]) -> SafeString:
    """The scores that were kept as a small line; days of which nothing is known are left out."""
    known = [one for one in kept if one.score is not None]
    if len(known) < 2:
        return SafeString("")
    first, last = known[0], known[-1]
    words = _("%(then)s on %(first)s, %(now)s on %(last)s") % {
        "then": formats.percent(first.score or 0),
        "first": formats.day(first.on),
        "now": formats.percent(last.score or 0),
        "last": formats.day(last.on),
    }
    return sparkline([one.score for one in known], words)


@register.simple_tag
def slot_bar(counts: Sequence[Count]) -> SafeString:
    """How many slots are in each state, as one bar; the numbers stand below it."""
    whole = sum(one.number for one in counts) or 1
    pieces, at = [], 0.0
    for one in counts:
        width = one.number * 100 / whole
        pieces.append((one.state, f"{at:.2f}", f"{width:.2f}"))
        at += width
    drawn = format_html_join("", '<rect class="bar-{}" x="{}" width="{}" height="8"/>', pieces)
    return format_html(
        '<svg class="slot-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>', drawn
    )


@register.simple_tag
def board_cell(page: BoardPage, row: BoardRow, role: str, column: int) -> SafeString:
    """A cell of the grid: who fills the slot and how well, from where, or what its being empty is worth; a link to the slot."""
    one = row.cells.get(role)
    if one is None:
        return format_html('<td class="slot-none"><span class="visually-hidden">{}</span></td>', _("not needed"))
    slot = one.slot
    code = page.lines[slot.unit].code
    return format_html(
        '<td class="slot slot-{0}{1}" data-slot="{2}|{3}" data-role="{7}"><a href="{4}" data-stop="{5}"{6}>{8}</a></td>',
        slot.state,
        "" if role in row.shown else " slot-aside",
        code,
        role,
        f"slot/?{urlencode({'unit': code, 'role': role, **page.day_query})}",
        column,
        _hooks(page, one),
        page.roles[role],
        _inside(page, one),
    )


def _hooks(page: BoardPage, one: WeighedSlot) -> SafeString:
    """What the script reads of a cell: whom it may carry elsewhere, and where an inherited one comes from."""
    slot = one.slot
    held = slot.decisive
    if held is None:
        return SafeString("")
    carried = format_html(' data-drag="{}"', page.members[held.member].email) if page.may_edit else SafeString("")
    if slot.source is None:
        return carried
    return format_html('{} data-from="{}|{}"', carried, page.lines[slot.source].code, slot.role)


def _inside(page: BoardPage, one: WeighedSlot) -> SafeString:
    slot = one.slot
    if slot.state == EMPTY:
        amount = page.money(one.gap or 0)
        full = f"{formats.number(amount)} {page.currency}"
        return format_html(
            '{}<span class="slot-money" title="{}"><bdi aria-hidden="true">{}</bdi><span class="visually-hidden"> {}</span></span>',
            slot_state_html(slot),
            full,
            formats.short(amount),
            full,
        )
    names = [str(page.members[pk]) for pk in slot.members]
    more = format_html(' <span class="soft">+{}</span>', len(names) - 1) if len(names) > 1 else SafeString("")
    who = format_html('{}<bdi class="slot-name">{}</bdi>{}', face(names[0]), names[0], more)
    if slot.state == UNKNOWN:
        return format_html('{}<span class="slot-word">{}</span>', who, _("fill unknown"))
    part = _part(one)
    if slot.state == INHERITED and slot.source is not None:
        source = _("inherited from %(unit)s") % {"unit": page.lines[slot.source].name}
        return format_html(
            '<span class="slot-arrow" aria-hidden="true">↳</span><span class="slot-who" title="{0}">{1}</span>{2}'
            '<span class="visually-hidden"> {0}</span>',
            source,
            who,
            part,
        )
    return format_html("{}{}", who, part)


def _part(one: WeighedSlot) -> SafeString:
    """How well it is filled, where that is not wholly."""
    fill = one.slot.fill
    if fill is None or fill == 1:
        return SafeString("")
    return format_html(' <span class="slot-part num">{}</span>', formats.percent(decimal_of(fill), decimals=0))
