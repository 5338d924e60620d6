"""Marks of the pages of quotas: `{% load quota_marks %}`."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from revenue.quotas import Period
from workspace.quota_queries import period_words

register = template.Library()


@register.simple_tag
def period(value: Period) -> str:
    """`{% period one.period %}`: by its months, or by its days."""
    return period_words(value)


@register.simple_tag
def chosen(bound: BoundField, value: str) -> SafeString:
    """The control of a field with this value chosen, whatever the address says."""
    return SafeString(bound.field.widget.render(bound.html_name, value, attrs={"class": "form-select"}))
