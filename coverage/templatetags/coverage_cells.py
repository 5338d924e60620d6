"""Cells of the coverage table: `{% load coverage_cells %}`."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import marks
from coverage.queries import SlotRow
from coverage.slots import EMPTY, INHERITED, UNKNOWN

register = template.Library()


@register.simple_tag
def slot_cell(slots: Mapping[str, SlotRow], role: str) -> SafeString:
    """Who fills a slot, from where, or that nobody does; "not needed" where the policy asks for nobody."""
    slot = slots.get(role)
    if slot is None:
        return format_html('<span class="visually-hidden">{}</span>', _("not needed"))
    if slot.state == EMPTY:
        return marks.state_html(EMPTY)
    names = format_html_join(", ", "<bdi>{}</bdi>", ((str(member),) for member in slot.members))
    if slot.state == INHERITED:
        source = slot.source.name if slot.source else ""
        title = _("inherited from %(unit)s") % {"unit": source}
        return format_html(
            '<span class="cell-inherited" title="{0}"><span aria-hidden="true">↳ </span>{1}<span class="visually-hidden"> {0}</span>'
            "</span>",
            title,
            names,
        )
    if slot.state == UNKNOWN:
        return format_html('{} <span class="soft">{}</span>', names, _("fill unknown"))
    return names
