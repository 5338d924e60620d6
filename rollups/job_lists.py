"""The tables of the job page, and the work that its buttons start."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, marks
from core.cells import Column
from core.lists import Table
from core.templatetags.figures import ago
from rollups.jobs import JobHealth, RunRow
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
    "drain": ("rollups.tasks.drain", gettext_lazy("What waits will be tried again at once.")),
}


def context(health: JobHealth, *, may_run: bool) -> dict[str, Any]:
    return {"health": health, "may_run": may_run, "runs": _runs(health), "failures": _failures(health)}


def _runs(health: JobHealth) -> Table:
    return Table(
        columns=(
            Column(name="run", label=_("Run"), value="id", kind="code", heads_row=True),
            Column(name="kind", label=_("Kind"), value="kind_label"),
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


def _failures(health: JobHealth) -> Table:
    return Table(
        columns=(
            Column(name="run", label=_("Run"), value="id", kind="code", heads_row=True),
            Column(name="kind", label=_("Kind"), value="kind_label"),
            Column(name="started", label=_("Started"), value="started_at", html=lambda run: ago(run.started_at)),
            Column(name="error", label=_("What happened"), value="error", html=_error),
        ),
        source=health.failures,
        caption=_("Failures"),
        empty_text=_("No run has failed."),
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
