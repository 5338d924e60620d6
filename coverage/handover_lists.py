"""The list of hand-overs: planned, carried out and cancelled."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import formats
from core.cells import Column
from core.lists import ListSpec
from coverage.handover_models import HandOver, HandOverState
from coverage.handover_querysets import HandOverQuerySet


class HandOverFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows the hand-overs that a viewer sees."""

    search = django_filters.CharFilter(label=_("Search hand-overs"), method="named")
    state = django_filters.ChoiceFilter(label=_("State"), choices=HandOverState.choices, empty_label=_("Any"))

    class Meta:
        model = HandOver
        fields: list[str] = []

    def named(self, rows: HandOverQuerySet, name: str, text: str) -> HandOverQuerySet:
        for word in text.split()[:10]:
            rows = rows.filter(
                Q(giver__given_name__icontains=word)
                | Q(giver__family_name__icontains=word)
                | Q(giver__email__icontains=word)
            )
        return rows


def _heirs(row: Any) -> str:
    """The successors whose lines the reader may see."""
    return ", ".join(dict.fromkeys(str(line.heir) for line in row.lines_seen))


def _steps(row: Any) -> str:
    done = row.steps - row.steps_open
    return f"{formats.number(done)} / {formats.number(row.steps)}" if row.steps else ""


HAND_OVERS = ListSpec(
    name="handovers",
    sort="-on",
    filterset=HandOverFilter,
    caption=_("Hand-overs"),
    empty_title=_("No hand-over yet"),
    empty_text=_(
        "When a member passes accounts, coverage, contacts or deals on to others, it stands here with its checklist."
    ),
    columns=(
        Column(
            name="giver",
            label=_("Who hands over"),
            value=lambda row: str(row.giver),
            href=lambda row: reverse("handovers:detail", args=[row.pk]),
            heads_row=True,
        ),
        Column(name="heirs", label=_("Successors"), value=_heirs),
        Column(
            name="account",
            label=_("Account"),
            value=lambda row: row.account.name if row.account else str(_("All accounts")),
        ),
        Column(name="on", label=_("From"), value="on", kind="date", sort="on"),
        Column(name="state", label=_("State"), value=lambda row: row.get_state_display(), sort="state"),
        Column(name="steps", label=_("Checklist done"), value=_steps),
        Column(name="lines", label=_("Lines"), value=lambda row: len(row.lines_seen), kind="number"),
        Column(name="by", label=_("Planned by"), value="created_by", shown=False),
    ),
)
