"""Cells of the alignment board: `{% load board_cells %}`. Each is drawn at once: a board has thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks
from core.last_change import LastChange
from core.templatetags.figures import sparkline
from coverage.board import Board, BoardRow
from coverage.board_pen import Pen
from coverage.board_queries import BoardPage
from coverage.board_screens import Count
from coverage.models import AlignmentScore

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
    return marks.short_amount_html(page.money(gap)) if gap and page.has_money else marks.absent_html()


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
def board_pen(page: BoardPage) -> Pen:
    """What draws the cells of a board."""
    return Pen(page)


@register.simple_tag
def board_cells(pen: Pen, row: BoardRow, roles: Sequence[str]) -> SafeString:
    """The cells of a row: who fills each slot and how well, from where, or what its being empty is worth; links to the slots."""
    return pen.row(row, roles)
