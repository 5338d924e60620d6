"""The smallest drawn things: a figure, a date, a state, an absent value. Everything is escaped here."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats

STATE_WORDS: Final[dict[str, Promise]] = {
    "covered": _("Covered"),
    "inherited": _("Inherited"),
    "gap": _("Gap"),
    "unknown": _("Unknown"),
    "risk": _("At risk"),
}
# The contract's words for the same states.
_ALIASES: Final = {"filled": "covered", "empty": "gap"}

# One shape each, so that no state is told by colour alone.
_SHAPES: Final = {
    "covered": '<circle class="mark-covered" cx="6" cy="6" r="5"/>',
    "inherited": (
        '<circle class="mark-inherited-ring" cx="6" cy="6" r="4.5"/>'
        '<path class="mark-inherited-fill" d="M6 1.5a4.5 4.5 0 0 1 0 9z"/>'
    ),
    "gap": '<path class="mark-gap" d="M6 .8 11.6 11H.4z"/>',
    "unknown": '<circle class="mark-unknown" cx="6" cy="6" r="4.5"/>',
    "risk": '<path class="mark-risk" d="M6 .5 11.5 6 6 11.5.5 6z"/>',
}


def absent_html() -> SafeString:
    """None: a dash that a screen reader reads as a word."""
    return format_html(
        '<span class="absent"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>',
        formats.NONE_SIGN,
        gettext("none"),
    )


def unknown_html(value: formats.Unknown = formats.UNKNOWN) -> SafeString:
    """What is not known, or not for this reader, as its word."""
    return format_html('<span class="unknown-word">{}</span>', value)


def amount_html(
    value: formats.Figure | formats.Unknown | None, currency: str = "", *, decimals: int | None = None
) -> SafeString:
    """Money or a quantity in full; the decimals are there but quieter than the rest."""
    if isinstance(value, formats.Unknown):
        return unknown_html(value)
    if value is None or value == "":
        return absent_html()
    whole, rest = formats.split_decimals(formats.number(value, decimals=decimals))
    cents = format_html('<span class="cents">{}</span>', rest) if rest else SafeString("")
    unit = format_html(' <span class="soft">{}</span>', currency) if currency else SafeString("")
    return format_html('<bdi class="num">{}{}{}</bdi>', whole, cents, unit)


def short_amount_html(value: formats.Figure | formats.Unknown | None, currency: str = "") -> SafeString:
    """12.3 m EUR, with the full figure on hover and for screen readers."""
    if isinstance(value, formats.Unknown):
        return unknown_html(value)
    if value is None or value == "":
        return absent_html()
    full = f"{formats.number(value)} {currency}".strip()
    unit = format_html(' <span class="unit">{}</span>', currency) if currency else SafeString("")
    return format_html(
        '<span title="{0}"><bdi class="num" aria-hidden="true">{1}{2}</bdi><span class="visually-hidden">{0}</span></span>',
        full,
        formats.short(value),
        unit,
    )


def day_html(value: dt.date, *, style: str = "medium") -> SafeString:
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', value.isoformat(), formats.day(value, style=style))


def instant_html(value: dt.datetime) -> SafeString:
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', value.isoformat(), formats.instant(value))


def state_html(state: str, *, word: str = "") -> SafeString:
    """A state of coverage: its shape and its word."""
    name = _ALIASES.get(state, state)
    # The shapes are constants of this module.
    shape = mark_safe(_SHAPES.get(name, _SHAPES["unknown"]))  # noqa: S308
    return format_html(
        '<span class="state state-{}"><svg class="state-mark" viewBox="0 0 12 12" aria-hidden="true">{}</svg>{}</span>',
        name,
        shape,
        word or STATE_WORDS.get(name, STATE_WORDS["unknown"]),
    )


def tag_html(text: str, *, tone: str = "") -> SafeString:
    """A quiet word in a badge; `tone` is accent, covered, gap or risk."""
    return format_html('<span class="tag{}"><bdi>{}</bdi></span>', f" tag-{tone}" if tone else "", text)
