"""Native amounts in templates: `{% load amounts %}`."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from core import marks
from money.amounts import trimmed
from money.models import Currency

register = template.Library()


@register.simple_tag
def native(amount: Decimal | None, currency: Currency, code: bool = True) -> SafeString:
    """An amount in its own currency, with that currency's decimals; an amount that nobody has told is unknown."""
    if amount is None:
        return marks.unknown_html()
    return marks.amount_html(trimmed(amount, currency.exponent), currency.code if code else "")
