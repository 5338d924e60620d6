"""The parts of a page: `{% load parts %}`. Blocks (`{% panel %}…{% endpanel %}`) take content, tags take values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, Form, RadioSelect, Select
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import marks
from core.charts import Chart, MapCountry
from core.sentences import Menu, Sentence

register = template.Library()

# Icons that point along the line of reading turn round with it.
_DIRECTED = {"arrow-right", "arrow-left", "chevron-right", "chevron-left", "logout", "list-details"}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "search" %}`: an icon of the sprite. Without a label it is decoration beside a word."""
    classes = " ".join(part for part in ("icon", "icon-directed" if name in _DIRECTED else "", css) if part)
    target = f"{static('gam/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, target
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, target)


@register.simple_tag
def state(name: str, word: str = "") -> SafeString:
    """`{% state "gap" %}`: covered, inherited, gap, unknown or risk, as a shape with its word."""
    return marks.state_html(name, word=word)


@register.simple_tag
def tag(text: str, tone: str = "") -> SafeString:
    """`{% tag "strategic" %}`: a quiet word; tone accent, covered, gap or risk."""
    return marks.tag_html(str(text), tone=tone)


#: From here on a letter is as wide as it is high (Han, kana, Hangul): two of them don't fit.
_WIDE = "\u2e80"


@register.simple_tag
def face(name: str, small: bool = True) -> SafeString:
    """The initials of a person, beside whom the name stands."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")) if words else "?"
    if initials[0] >= _WIDE:
        initials = initials[0]
    return format_html(
        '<span class="user-face{}" aria-hidden="true">{}</span>', " small-face" if small else "", initials.upper()
    )


@register.simple_tag(takes_context=True)
def tile(
    context: Context, label: Any, figure: Any = "", *, note: Any = "", url: str = "", unit: str = "", more: str = ""
) -> SafeString:
    """`{% money_short x "EUR" as figure %}{% tile "Revenue" figure note=… url=… %}` inside `<div class="tiles">`.

    `more` is the address of something small that is loaded beneath, in a room kept for it."""
    values = {"label": label, "figure": figure, "note": note, "url": url, "unit": unit, "more": more}
    return mark_safe(render_to_string("components/tile.html", values))  # noqa: S308  a template's output


@register.inclusion_tag("components/later.html")
def later(url: str, *, css: str = "", shape: str = "") -> dict[str, Any]:
    """`{% later url css="tile-parts" %}`: a part that a page loads after itself, and again some time after its figures changed.

    What it showed stays until then, also when all around it is drawn anew. `shape` is what stands there at first: see
    `components/waiting.html`.
    """
    name = hashlib.sha256(url.encode()).hexdigest()[:12]
    return {"url": url, "css": css, "shape": shape, "id": f"later-{name}"}


@register.simple_tag
def chart(picture: Chart) -> SafeString:
    """A `core.charts.Chart` with its title, its table and its data."""
    return mark_safe(render_to_string("components/chart.html", {"chart": picture}))  # noqa: S308  a template's output


@register.simple_tag
def world_map(
    countries: Iterable[MapCountry],
    title: Any,
    *,
    id: str = "map",  # noqa: A002  the word of HTML
    unit: str = "",
    note: Any = "",
    zoom: bool = False,
) -> SafeString:
    """The map of `countries`; `zoom` shows their part of the world only."""
    values = {
        "id": id,
        "title": title,
        "unit": unit,
        "note": note,
        "zoom": zoom,
        "countries": [c.source for c in countries],
    }
    return mark_safe(render_to_string("components/map.html", values))  # noqa: S308  a template's output


@register.simple_tag
def structure_chart(
    nodes: Sequence[dict[str, Any]],
    *,
    id: str = "structure",  # noqa: A002  the word of HTML
    unit: str = "",
    panel: str = "",
    label: Any = "",
    **asked: Any,
) -> SafeString:
    """The tree of org units; `panel` is the selector that a chosen unit's `url` is loaded into.

    `asked`: of a tree that comes in parts, the addresses `branch` and `search` and the numbers `total` and `roots`; `move` is
    the address of the form that a unit dropped on another opens.
    """
    values = {"id": id, "nodes": list(nodes), "unit": unit, "panel": panel, "label": label, **asked}
    return mark_safe(render_to_string("components/structure.html", values))  # noqa: S308  a template's output


@register.inclusion_tag("components/lens.html", takes_context=True)
def lens_bar(context: Context, sentence: Sentence) -> dict[str, Any]:
    """The lens as a sentence of menus."""
    request = context["request"]
    parts = [
        {"menu": part} if isinstance(part, Menu) else {"text": part}
        for part in sentence.parts(request.path, request.GET)
    ]
    return {"parts": parts, "note": sentence.note, "path": request.path}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, css: str = "", label: Any = None) -> dict[str, Any]:
    """A form field with its label, help and errors tied to it for screen readers; the label makes hints needless."""
    widget = bound.field.widget
    base = "form-control"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        base = ""
    elif isinstance(widget, Select):
        base = "form-select"
    elif isinstance(widget, CheckboxInput):
        base = "form-check-input"
    attributes: dict[str, Any] = {"class": f"{base} {widget.attrs.get('class', '')}".strip(), "placeholder": False}
    described = [
        f"{bound.id_for_label}-{part}" for part, there in (("help", bound.help_text), ("error", bound.errors)) if there
    ]
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    is_check = isinstance(widget, CheckboxInput)
    return {
        "field": bound,
        "label": bound.label if label is None else label,
        "control": bound.as_widget(attrs=attributes),
        "css": css,
        "is_check": is_check,
        "is_group": isinstance(widget, (RadioSelect, CheckboxSelectMultiple)),
        "is_file": isinstance(widget, FileInput),
    }


@register.inclusion_tag("components/fields.html")
def fields(form: Form) -> dict[str, Any]:
    """All fields of a form in two columns, with the errors of the form as a whole above."""
    return {"form": form}


@register.simple_block_tag(takes_context=True)
def blank(context: Context, content: str, title: Any, icon_name: str = "inbox", kind: str = "empty") -> SafeString:
    """An empty, refused or failed state: `{% blank "No accounts yet" %}<p>…</p>{% endblank %}`; `page` when it is all of it."""
    values = {"title": title, "icon_name": icon_name, "kind": kind, "content": content}
    return mark_safe(render_to_string("components/blank.html", values))  # noqa: S308  a template's output


@register.simple_block_tag
def note(content: str, kind: str = "info") -> SafeString:
    """A remark in the page: `kind` is info, partial (what is missing and why), failed or done."""
    values = {"kind": kind, "content": content}
    return mark_safe(render_to_string("components/note.html", values))  # noqa: S308  a template's output


@register.simple_block_tag
def menu(content: str, label: Any, icon_name: str = "", css: str = "btn", side: str = "") -> SafeString:
    """A menu: `{% menu "Columns" %}<a class="menu-item" …>{% endmenu %}`; `side="from-end"` opens it the other way."""
    values = {"label": label, "icon_name": icon_name, "css": css, "side": side, "content": content}
    return mark_safe(render_to_string("components/menu.html", values))  # noqa: S308  a template's output
