"""The cells of the alignment board as HTML. A board has thousands of them: what many share is drawn and escaped once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, cached_property
from urllib.parse import urlencode

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.templatetags.parts import face
from coverage.alignment import WeighedSlot
from coverage.board import BoardRow
from coverage.board_lists import slot_state_html
from coverage.board_queries import BoardPage
from coverage.slots import EMPTY, INHERITED, UNKNOWN, Slot
from coverage.stated import decimal_of


class Pen:
    """Draws the cells of one page. Everything that comes from people or tables is escaped where it is first drawn."""

    def __init__(self, page: BoardPage) -> None:
        self.page = page
        self.codes = {pk: escape(line.code) for pk, line in page.lines.items()}
        self.roles = {code: (escape(code), escape(name)) for code, name in page.roles.items()}
        self.person, self.source, self.percent = cache(self._person), cache(self._source), cache(self._percent)

    def row(self, row: BoardRow, roles: Sequence[str]) -> SafeString:
        """The cells of a unit, one for each of `roles`."""
        address = escape(f"slot/?{urlencode({**self.page.day_query, 'unit': self.page.lines[row.unit].code})}&role=")
        cells = [self._cell(row, role, column, address) for column, role in enumerate(roles, start=1)]
        return SafeString("".join(cells))

    @cached_property
    def _nobody_needed(self) -> str:
        return f'<td class="slot-none"><span class="visually-hidden">{escape(_("not needed"))}</span></td>'

    def _cell(self, row: BoardRow, role: str, column: int, address: str) -> str:
        one = row.cells.get(role)
        if one is None:
            return self._nobody_needed
        code, name = self.roles[role]
        aside = "" if role in row.shown else " slot-aside"
        return (
            f'<td class="slot slot-{one.slot.state}{aside}" data-slot="{self.codes[row.unit]}|{code}" data-role="{name}">'
            f'<a href="{address}{code}" data-stop="{column}"{self._hooks(one.slot, code)}>{self._inside(one)}</a></td>'
        )

    def _hooks(self, slot: Slot, role: str) -> str:
        """What the script reads of a cell: whom it may carry elsewhere, and where an inherited one comes from."""
        held = slot.decisive
        if held is None:
            return ""
        carried = f' data-drag="{escape(self.page.members[held.member].email)}"' if self.page.may_edit else ""
        return carried if slot.source is None else f'{carried} data-from="{self.codes[slot.source]}|{role}"'

    def _inside(self, one: WeighedSlot) -> str:
        slot = one.slot
        if slot.state == EMPTY:
            return self._money(one)
        names = slot.members
        who = self.person(names[0]) + (f' <span class="soft">+{len(names) - 1}</span>' if len(names) > 1 else "")
        if slot.state == UNKNOWN:
            return who + self._fill_unknown
        part = "" if slot.fill is None or slot.fill == 1 else self.percent(slot.fill)
        if slot.state == INHERITED and slot.source is not None:
            source = self.source(slot.source)
            return (
                f'<span class="slot-arrow" aria-hidden="true">↳</span><span class="slot-who" title="{source}">{who}</span>'
                f'{part}<span class="visually-hidden"> {source}</span>'
            )
        return who + part

    def _money(self, one: WeighedSlot) -> str:
        amount = self.page.money(one.gap or 0)
        if isinstance(amount, formats.Unknown):
            return self._empty
        full = escape(f"{formats.number(amount)} {self.page.currency}")
        return (
            f'{self._empty}<span class="slot-money" title="{full}"><bdi aria-hidden="true">{formats.short(amount)}</bdi>'
            f'<span class="visually-hidden"> {full}</span></span>'
        )

    @cached_property
    def _empty(self) -> str:
        return slot_state_html(EMPTY)

    @cached_property
    def _fill_unknown(self) -> str:
        return f'<span class="slot-word">{escape(_("fill unknown"))}</span>'

    def _person(self, pk: int) -> str:
        name = str(self.page.members[pk])
        return f'{face(name)}<bdi class="slot-name">{escape(name)}</bdi>'

    def _source(self, unit: int) -> str:
        return escape(_("inherited from %(unit)s") % {"unit": self.page.lines[unit].name})

    def _percent(self, fill: Fraction) -> str:
        """How well it is filled, where that is not wholly."""
        return f' <span class="slot-part num">{formats.percent(decimal_of(fill), decimals=0)}</span>'
