"""What is said of one slot beside the board, and of what somebody's coming would change: `{% load board_words %}`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks, months
from core.periods import BEGINNING
from coverage.alignment import WeighedSlot
from coverage.board_lists import slot_state_html
from coverage.board_queries import BoardPage, SlotLine
from coverage.board_slots import Candidate, LoadChange, SlotPanel
from coverage.load import ABOVE
from coverage.models import Coverage
from coverage.slots import Slot
from coverage.stated import decimal_of
from coverage.templatetags.board_cells import board_money
from rollups.account_queries import last_year

register = template.Library()


@register.simple_tag
def slot_url(panel: SlotPanel) -> str:
    chosen = {"unit": panel.unit.code, "role": panel.role, **panel.page.day_query}
    return f"{reverse('coverage:board_slot', args=[panel.page.account.code])}?{urlencode(chosen)}"


@register.simple_tag
def cover_url(panel: SlotPanel, email: str) -> str:
    """The form by which somebody, or whoever is chosen there, comes to the slot."""
    chosen = {"unit": panel.unit.code, "role": panel.role, **panel.page.day_query}
    named = {"member": email} if email else {}
    return f"{reverse('coverage:board_cover', args=[panel.page.account.code])}?{urlencode(chosen | named)}"


@register.simple_tag
def suggestions_url(panel: SlotPanel) -> str:
    """Where everybody who fits the slot is read."""
    chosen = {"unit": panel.unit.code, "role": panel.role, **panel.page.day_query}
    return f"{reverse('coverage:suggestions', args=[panel.page.account.code])}?{urlencode(chosen)}"


@register.simple_tag
def proof_link(panel: SlotPanel, measure: str, minor: int) -> SafeString:
    """An amount of the unit's own facts, as a link to its proof."""
    page = panel.page
    first, last = (months.label(max(month, months.FIRST)) for month in last_year(months.month_of(page.on)))
    place = {"of": "unit", "account": page.account.code, "unit": panel.unit.code, "measure": measure}
    query = urlencode({**place, "from": first, "to": last, "currency": page.currency})
    return format_html(
        '<a class="proves" href="{0}" hx-get="{0}" hx-target="#sheet-content" hx-swap="innerHTML" aria-haspopup="dialog">{1}</a>',
        f"{reverse('workspace:proof')}?{query}",
        board_money(page, minor),
    )


@register.simple_tag
def bridge_words(panel: SlotPanel) -> SafeString:
    """On how many people the unit's relationships rest, and the revenue behind one."""
    found = panel.bridges
    if found is None or found.effective is None:
        return marks.unknown_html()
    number = formats.number(decimal_of(found.effective), decimals=1)
    if not found.is_bow_tie:
        return format_html("{}", number)
    risk = marks.short_amount_html(panel.page.money(found.at_risk(panel.facts.revenue)), panel.page.currency)
    return format_html("{} · {} · {}", number, risk, _("behind one person: a bow-tie"))


@register.simple_tag
def slot_state(slot: Slot) -> SafeString:
    return slot_state_html(slot.state)


@register.simple_tag
def fill_words(line: SlotLine) -> str:
    fill = line.one.slot.fill
    return (
        _("fill unknown")
        if fill is None
        else _("filled to %(share)s") % {"share": formats.percent(decimal_of(fill), decimals=0)}
    )


@register.simple_tag
def candidate_words(one: Candidate) -> str:
    """How well somebody would fill the slot, and what is missing."""
    fill = one.fill
    first = (
        _("would fill an unknown part")
        if fill is None
        else _("would fill %(share)s") % {"share": formats.percent(decimal_of(fill), decimals=0)}
    )
    said = [first, *one.reasons] if not one.is_here else [_("covers it"), *one.reasons]
    return " · ".join(said)


@register.simple_tag
def coverage_period(row: Coverage, on: dt.date) -> str:
    """From when to when somebody covers a slot, as far as it has an edge."""
    said = []
    if row.valid_from > on or row.valid_from > BEGINNING:
        said.append(_("from %(day)s") % {"day": formats.day(row.valid_from)})
    if row.valid_to:
        said.append(_("until before %(day)s") % {"day": formats.day(row.valid_to)})
    return ", ".join(said) or _("since ever")


@register.simple_tag
def before_after(before: Fraction | None, after: Fraction | None) -> SafeString:
    """A share now, and as it would be."""
    return _turn(_percent(before), _percent(after), after is not None and before is not None and after > before)


@register.simple_tag
def gap_before_after(page: BoardPage, before: int, after: int) -> SafeString:
    return _turn(board_money(page, before), board_money(page, after), after < before)


@register.simple_tag
def fill_before_after(before: WeighedSlot | None, after: WeighedSlot | None) -> SafeString:
    if before is None or after is None:
        return format_html("{}", _("not asked for by the policy"))
    gains = (after.slot.fill or 0) > (before.slot.fill or 0)
    return _turn(_percent(before.slot.fill), _percent(after.slot.fill), gains)


@register.simple_tag
def hours_before_after(one: LoadChange) -> SafeString:
    """Hours a week against capacity; what is too many is said."""
    capacity = one.after.capacity
    of = _("of unknown capacity") if capacity is None else _("of %(hours)s") % {"hours": formats.number(capacity)}
    over = format_html(' <span class="gap-words">{}</span>', _("more than capacity")) if one.after.is_over else ""
    return format_html("{} {}{}", _turn(*_numbers(one.before.hours, one.after.hours), gains=False), of, over)


@register.simple_tag
def accounts_before_after(one: LoadChange) -> SafeString:
    """How many accounts somebody manages, and whether that is more than the band."""
    turned = _turn(*_numbers(one.before.accounts, one.after.accounts), gains=False)
    if one.band != ABOVE:
        return turned
    return format_html('{} <span class="gap-words">{}</span>', turned, _("above the band"))


def _numbers(before: Decimal | int, after: Decimal | int) -> tuple[SafeString, SafeString]:
    return marks.amount_html(before), marks.amount_html(after)


def _percent(value: Fraction | None) -> SafeString:
    if value is None:
        return marks.unknown_html()
    return format_html('<bdi class="num">{}</bdi>', formats.percent(decimal_of(value), decimals=1))


def _turn(before: SafeString, after: SafeString, gains: bool) -> SafeString:
    return format_html(
        '{} <span class="turn" aria-hidden="true">→</span><span class="visually-hidden"> {} </span><b class="{}">{}</b>',
        before,
        _("becomes"),
        "gains" if gains else "",
        after,
    )
