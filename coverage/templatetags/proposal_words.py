"""Words of proposals: reasons kept as codes, and what is and would be side by side."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, marks
from coverage.proposal_reasons import words_of

register = template.Library()

PARTS = {
    "structure": gettext_lazy("the customer's structure"),
    "coverage": gettext_lazy("who covers what"),
    "teams": gettext_lazy("account teams"),
    "members": gettext_lazy("members' languages, zones or hours"),
    "settings": gettext_lazy("policies, tiers or load settings"),
}


@register.filter
def reasons(codes: list[list[str]]) -> list[str]:
    return words_of(codes)


@register.filter
def ground_parts(names: list[str]) -> str:
    return ", ".join(str(PARTS.get(name, name)) for name in names)


@register.simple_tag
def before_after(before: Any, after: Any, kind: str = "number", decimals: int | None = None) -> SafeString:
    """What is, and what it would be. A score that is not known is unknown."""
    return format_html(
        '<span class="before-after"><span class="soft">{}</span><span class="becomes" aria-hidden="true">→</span>'
        '<span class="visually-hidden">{}</span><b>{}</b></span>',
        _drawn(before, kind, decimals),
        _("would become"),
        _drawn(after, kind, decimals),
    )


def _drawn(value: Any, kind: str, decimals: int | None) -> SafeString | str:
    if value is None:
        return marks.unknown_html()
    if isinstance(value, formats.Unknown):
        return marks.unknown_html(value)
    said = (
        formats.percent(float(value), decimals=1 if decimals is None else decimals)
        if kind == "percent"
        else formats.number(value, decimals=decimals)
    )
    return format_html("<bdi>{}</bdi>", said)


FIT_PARTS = {
    "fill": gettext_lazy("language and hours"),
    "room": gettext_lazy("hours left"),
    "knows": gettext_lazy("contacts known"),
    "country": gettext_lazy("same country"),
}


@register.filter
def part_name(name: str) -> str:
    return str(FIT_PARTS.get(name, name))
