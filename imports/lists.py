"""The list of past imports."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.cells import Column
from core.lists import ListSpec
from core.marks import tag_html
from imports.models import State

_TONES = {State.DONE: "covered", State.REFUSED: "gap", State.FAILED: "risk"}


def _state(batch: Any) -> str:
    return tag_html(batch.get_state_display(), tone=_TONES.get(batch.state, "accent"))


def _files(batch: Any) -> str:
    names = [str(path).rsplit("/", 1)[-1] for path in batch.paths]
    more = gettext(" and %(number)d more") % {"number": len(names) - 3} if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


BATCHES = ListSpec(
    name="imports",
    sort="-id",
    caption=_("Past imports"),
    page_size=25,
    empty_title=_("Nothing imported yet"),
    empty_text=_("Every import stands here with what it wrote and what it refused. Choose files above to begin."),
    columns=(
        Column(
            name="id",
            label=_("Import"),
            value="pk",
            sort="id",
            href=lambda batch: reverse("imports:detail", args=[batch.pk]),
            heads_row=True,
        ),
        Column(name="files", label=_("Files"), value=_files),
        Column(name="state", label=_("State"), value=lambda b: b.get_state_display(), html=_state, sort="state"),
        Column(
            name="kind",
            label=_("Kind"),
            value=lambda batch: gettext("Preview") if batch.dry_run else gettext("Import"),
        ),
        Column(name="rows", label=_("Rows"), value="rows_total", kind="number", sort="rows_total"),
        Column(name="errors", label=_("Rejected"), value="error_count", kind="number", sort="error_count"),
        Column(name="by", label=_("By"), value=lambda batch: batch.by or gettext("the console")),
        Column(name="at", label=_("When"), value="created_at", kind="instant", sort="created_at"),
    ),
)

ERRORS = (
    Column(name="file", label=_("File"), value="file"),
    Column(name="line", label=_("Line"), value="line", kind="number"),
    Column(name="column", label=_("Column"), value="column"),
    Column(name="reason", label=_("Reason"), value="reason"),
)
