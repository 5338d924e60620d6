"""The history of proposals as a list."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import formats
from core.cells import Column
from core.lists import ListSpec
from coverage.proposal_models import Proposal


def _score(name: str) -> Any:
    def value(row: Proposal) -> Any:
        found = row.outcome.get(name)
        return formats.UNKNOWN if found is None and row.outcome else None if found is None else float(found)

    return value


def _lines(row: Proposal) -> Any:
    return row.outcome.get("filled")


PROPOSALS = ListSpec(
    name="proposals",
    caption=_("Proposals"),
    sort="-number",
    empty_title=_("No proposal yet"),
    empty_text=_(
        "The best assignment of members to empty slots, for an account or a region, stands here to be accepted."
    ),
    columns=(
        Column(
            name="number",
            label=_("Number"),
            value="pk",
            kind="number",
            sort="pk",
            heads_row=True,
            href=lambda row: reverse("coverage:proposal", args=[row.pk]),
        ),
        Column(name="what", label=_("For"), value=lambda row: (row.account or row.region).name),
        Column(name="on", label=_("From the day"), value="on", kind="date", sort="on"),
        Column(name="state", label=_("State"), value=lambda row: row.get_state_display(), sort="state"),
        Column(name="lines", label=_("Lines"), value=_lines, kind="number"),
        Column(name="before", label=_("Alignment before"), value=_score("score_before"), kind="percent", decimals=1),
        Column(name="after", label=_("Alignment after"), value=_score("score_after"), kind="percent", decimals=1),
        Column(name="by", label=_("By"), value="by"),
        Column(name="created", label=_("Asked for"), value="created_at", kind="instant", sort="created_at"),
    ),
)
