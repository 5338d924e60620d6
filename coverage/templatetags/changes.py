"""A figure before and after a change that is not made yet: `{% load changes %}`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats, marks
from core.templatetags.parts import icon

register = template.Library()


@register.simple_tag
def count_change(before: Decimal | int, after: Decimal | int) -> SafeString:
    return _change(marks.amount_html(before), marks.amount_html(after))


@register.simple_tag
def ratio_change(before: Fraction | None, after: Fraction | None) -> SafeString:
    """Shares of 1; one that nobody knows is said to be unknown."""
    return _change(_ratio(before), _ratio(after))


@register.simple_tag
def minor_change(before: int, after: int, exponent: int) -> SafeString:
    """Money in minor units."""
    return _change(*(marks.amount_html(Decimal(minor).scaleb(-exponent)) for minor in (before, after)))


def _ratio(value: Fraction | None) -> SafeString:
    if value is None:
        return marks.unknown_html()
    return format_html("{}", formats.percent(Decimal(value.numerator) / Decimal(value.denominator)))


def _change(before: SafeString, after: SafeString) -> SafeString:
    if before == after:
        return before
    arrow = icon("arrow-right", css="icon-directed")
    return format_html(
        '<span class="soft">{}</span> {}<span class="visually-hidden">{}</span> <b>{}</b>',
        before,
        arrow,
        _("becomes"),
        after,
    )
