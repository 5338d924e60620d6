"""Members in templates: `{% load members %}`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats

register = template.Library()


@register.simple_tag
def mastery(code: str) -> SafeString:
    """`de:B1` as "German B1"; without a level the language alone."""
    language, _sign, level = code.partition(":")
    return format_html("<bdi>{}{}</bdi>", formats.language_name(language), f" {level}" if level else "")
