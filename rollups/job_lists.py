"""The tables of the job page, and the work that its buttons start."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, marks
from core.cells import Column
from core.lists import Table
from core.templatetags.figures import ago
from rollups.jobs import BucketRow, JobHealth, RunRow
from rollups.measures import BUCKETS
from users.permissions import Permission

#: Starting work changes no figure: who may bring data in may also have it counted again.
RUN: Final = Permission.IMPORT_DATA

#: What a button starts: the task's name, and what the page says then.
TASKS: Final[dict[str, tuple[str, Promise]]] = {
    "verify": (
        "rollups.tasks.verify",
        gettext_lazy("A check has been asked for. It appears below when a worker takes it."),
    ),
    "rebuild": (
        "rollups.tasks.rebuild",
        gettext_lazy("A rebuild has been asked for. Figures stay readable meanwhile."),
    ),
    "alignment": (
        "coverage.tasks.keep_scores",
        gettext_lazy("Today’s alignment scores have been asked for. They appear when a worker has computed them."),
    ),
    "scores": (
        "workspace.tasks.keep_scores",
        gettext_lazy("Today’s scores have been asked for. They appear when a worker has computed them."),
    ),
    "forecast": (
        "rollups.tasks.freeze_forecast",
        gettext_lazy("This week’s forecast snapshot has been asked for. A week that has one keeps it."),
    ),
    "drain": ("rollups.tasks.drain_again", gettext_lazy("What waits is being tried again.")),
}

#: What trying a failed run again starts.
AGAIN: Final[dict[str, str]] = {
    "drain": "drain",
    "as_of": "drain",
    "rebuild": "rebuild",
    "verify": "verify",
    "alignment": "alignment",
    "scores": "scores",
    "forecast": "forecast",
}


def context(health: JobHealth, *, may_run: bool, token: str) -> dict[str, Any]:
    """`token` is what forms inside the tables are sent with."""
    return {
        "health": health,
        "may_run": may_run,
        "buckets": BUCKETS,
        "runs": _runs(health),
        "failures": _failures(health, token if may_run else ""),
        "waiting": _waiting(health),
    }


def _waiting(health: JobHealth) -> Table:
    return Table(
        columns=(
            Column(name="bucket", label=_("Bucket"), value="bucket", kind="code", heads_row=True),
            Column(name="waiting", label=_("Changes waiting"), value="waiting", kind="number"),
            Column(name="oldest", label=_("Oldest"), value="oldest", html=lambda row: ago(row.oldest)),
            Column(name="last", label=_("Last done"), value="last_done", html=lambda row: ago(row.last_done)),
            Column(name="state", label=_("State"), value="is_failing", html=_bucket_state, kind="state"),
        ),
        source=health.waiting,
        caption=_("What waits"),
        empty_text=_("No change waits: every figure holds every fact."),
    )


def _bucket_state(row: BucketRow) -> SafeString:
    if row.is_failing:
        return marks.state_html("risk", word=_("Failing; tried every half minute"))
    return marks.state_html("unknown", word=_("Waiting"))


def _runs(health: JobHealth) -> Table:
    return Table(
        columns=(
            Column(name="run", label=_("Run"), value="id", kind="code", heads_row=True),
            Column(name="kind", label=_("Kind"), value="kind_label"),
            Column(name="bucket", label=_("Bucket"), value="bucket", kind="code"),
            Column(name="state", label=_("State"), value="state_label", html=_state, kind="state"),
            Column(name="started", label=_("Started"), value="started_at", html=lambda run: ago(run.started_at)),
            Column(name="seconds", label=_("Duration"), value="seconds", kind="number", html=_duration),
            Column(name="keys", label=_("Keys"), value="keys", kind="number"),
            Column(name="facts", label=_("Facts"), value="facts", kind="number"),
            Column(name="cells", label=_("Cells written"), value="cells", kind="number"),
            Column(name="drift", label=_("Drift"), value="drift", kind="number"),
        ),
        source=health.runs,
        caption=_("Latest runs"),
        empty_text=_("Nothing has run yet. The first change of a fact, or a rebuild, appears here."),
    )


def _failures(health: JobHealth, token: str) -> Table:
    return Table(
        columns=(
            Column(name="run", label=_("Run"), value="id", kind="code", heads_row=True),
            Column(name="kind", label=_("Kind"), value="kind_label"),
            Column(name="bucket", label=_("Bucket"), value="bucket", kind="code"),
            Column(name="started", label=_("Started"), value="started_at", html=lambda run: ago(run.started_at)),
            Column(name="error", label=_("What happened"), value="error", html=_error),
            Column(name="since", label=_("Since then"), value="is_settled", html=lambda run: _since(run, token)),
        ),
        source=health.failures,
        caption=_("Failures"),
        empty_text=_("No run has failed."),
    )


def _since(run: RunRow, token: str) -> SafeString:
    """What became of a failure; who may, tries it again."""
    if run.is_settled:
        return marks.state_html("covered", word=_("Done by a later run"))
    if not token:
        return marks.state_html("risk", word=_("Not done yet"))
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="btn btn-quiet">{}<span class="visually-hidden"> {}</span></button></form>',
        reverse("rollups:again", args=[run.id]),
        token,
        _("Try again"),
        run.id,
    )


def _state(run: RunRow) -> SafeString:
    mark = {"done": "covered", "running": "unknown"}.get(run.state, "risk")
    return marks.state_html(mark, word=run.state_label)


def _duration(run: RunRow) -> SafeString:
    if run.seconds is None:
        return marks.absent_html()
    if run.seconds < 1:
        return format_html("<bdi>{} ms</bdi>", formats.number(run.seconds * 1000, decimals=0))
    return format_html("<bdi>{} s</bdi>", formats.number(run.seconds, decimals=1))


def _error(run: RunRow) -> SafeString:
    """The last line, and the whole on demand; a run without one was lost with its process."""
    lines = run.error.strip().splitlines()
    if not lines:
        return format_html(
            '<span class="soft">{}</span>',
            _("Its process ended without a word; what it had not done waits in the queue."),
        )
    return format_html(
        '<details class="unfold"><summary><code>{}</code></summary><pre class="code">{}</pre></details>',
        lines[-1],
        run.error,
    )
