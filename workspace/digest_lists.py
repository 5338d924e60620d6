"""What became of digests, as administrators see it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import marks
from core.cells import Column
from core.lists import ListSpec
from workspace.models import Digest, DigestState

_MARKS = {
    DigestState.SENT: "covered",
    DigestState.EMPTY: "covered",
    DigestState.FAILED: "gap",
    DigestState.GIVEN_UP: "risk",
    DigestState.UNCLEAR: "risk",
}
MAY_AGAIN = (DigestState.FAILED, DigestState.GIVEN_UP, DigestState.UNCLEAR)


def _state(row: Digest) -> SafeString:
    state = DigestState(row.state)
    return marks.state_html(_MARKS.get(state, "unknown"), word=str(state.label))


def _again(row: Digest) -> SafeString:
    """A link to the row's own page part would be one click more: the button is a form of the page (`form=`)."""
    if row.state not in MAY_AGAIN:
        return marks.absent_html()
    return format_html(
        '<button class="btn btn-quiet" form="again" formaction="{}">{}<span class="visually-hidden"> {}</span></button>',
        reverse("work:again", args=[row.pk]),
        gettext("Send it again"),
        row.user,
    )


def digest_list(*, may_run: bool) -> ListSpec:
    columns: tuple[Column, ...] = (
        Column(name="day", label=_("Day"), value="day", kind="date", sort="day"),
        Column(name="reader", label=_("Reader"), value=lambda row: str(row.user), sort="user__email", heads_row=True),
        Column(name="email", label=_("E-mail address"), value="user.email", shown=False),
        Column(name="state", label=_("State"), value="state", kind="state", html=_state, sort="state"),
        Column(name="items", label=_("Things"), value="items", kind="number"),
        Column(name="attempts", label=_("Attempts"), value="attempts", kind="number", sort="attempts"),
        Column(name="sent", label=_("Sent at"), value="sent_at", kind="instant"),
        Column(name="try", label=_("Next attempt"), value=_next, kind="instant"),
        Column(name="error", label=_("What happened"), value="error"),
    )
    if may_run:
        columns += (Column(name="again", label=_("Again"), value=lambda row: "", html=_again),)
    return ListSpec(
        name="digests",
        caption=_("Digests"),
        columns=columns,
        sort="-day",
        empty_title=_("No digest was due yet"),
        empty_text=_(
            "Readers who ask for the digest in their settings get it on their working days, and it stands here."
        ),
    )


def _next(row: Digest) -> object:
    return row.try_at if row.state in (DigestState.DUE, DigestState.FAILED) else None
