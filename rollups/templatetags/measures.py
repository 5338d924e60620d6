"""Measures in templates: `{% load measures %}`."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import marks
from rollups.account_columns import more_mark
from rollups.figures import Unpriced

register = template.Library()


@register.simple_tag
def figure(amount: Decimal | dict[str, Decimal], unpriced: Unpriced | Literal[""] | None = None) -> SafeString:
    """A measure in full; under the native lens its sums by currency, one below the other. Nothing is a dash.

    `unpriced` is empty in a template where the measure has none. With facts that have no price: unknown when there is
    nothing else, else the amount with a plus.
    """
    if isinstance(amount, dict):
        parts = ((marks.amount_html(value, code),) for code, value in sorted(amount.items()))
        return format_html_join("", "<div>{}</div>", parts) if amount else marks.absent_html()
    missing = unpriced.facts if unpriced else 0
    if not amount:
        return marks.unknown_html() if missing else marks.absent_html()
    return format_html("{}{}", marks.amount_html(amount), more_mark(missing))
