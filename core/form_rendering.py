"""How form widgets become HTML: as Django's templates draw them, but a list of choices without a template for each option.

A filter over regions and countries has some seven hundred options; drawn one template each they cost more than the rest of
the page. The markup is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe

_SELECT = "django/forms/widgets/select.html"


class Renderer(DjangoTemplates):
    """Django's own, with selects drawn at once."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name == _SELECT:
            return _select(context["widget"])
        return str(super().render(template_name, context, request))


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    # Every part is escaped where it is made.
    return mark_safe(f'<select name="{_escaped(widget["name"])}"{flatatt(widget["attrs"])}>{groups}</select>')  # noqa: S308


def _group(name: str | None, options: Iterable[Mapping[str, Any]]) -> str:
    drawn = "".join(
        f'<option value="{_escaped(option["value"])}"{flatatt(option["attrs"]) if option["attrs"] else ""}>'
        f"{_escaped(option['label'])}</option>"
        for option in options
    )
    return f'<optgroup label="{_escaped(name)}">{drawn}</optgroup>' if name else drawn


def _escaped(value: Any) -> str:
    """As `conditional_escape` does, which asks of every text whether it is a lazy one."""
    text = str(value)
    return text if hasattr(text, "__html__") else escape(text)
