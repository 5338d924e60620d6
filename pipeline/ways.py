"""The ways to see the same opportunities: as a list, or on the board, under the same filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

#: What belongs to one way only.
_OWN = ("sort", "columns", "size", "after", "before", "format", "column")


@dataclass(frozen=True)
class Way:
    label: str
    url: str
    icon: str
    is_current: bool


def ways(query: QueryDict, current: str) -> dict[str, Any]:
    """What `components/ways.html` reads; `current` is `list` or `board`. Without the room of the board there is nothing to choose."""
    try:
        board = reverse("deals:board")
    except NoReverseMatch:
        return {}
    kept = query.copy()
    for name in _OWN:
        kept.pop(name, None)
    tail = f"?{kept.urlencode()}" if kept else ""
    found = [
        Way(_("List"), reverse("pipeline:list") + tail, icon="list", is_current=current == "list"),
        Way(pgettext("of cards", "Board"), board + tail, icon="layout-kanban", is_current=current == "board"),
    ]
    return {"ways": found, "ways_label": _("Show as")}
