"""The accuracy's page: what was said week by week, of each part and by whom, against what came."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats
from core.cells import Column
from core.charts import Chart, Series
from core.lists import Table
from rollups.forecast_accuracy import AccuracyFigure, Guess, PartGuess, Submitted
from workspace import tables


def page(found: AccuracyFigure) -> dict[str, Any]:
    return {
        "found": found,
        "picture": _guesses_chart(found) if len(found.guesses) > 1 else None,
        "weeks": _weeks(found),
        "parts": _parts(found),
        "submitted": _submitted(found) if found.submitted else None,
        "by_person": _people(found) if found.by_person else None,
        "spoken": spoken(found),
    }


def spoken(found: AccuracyFigure) -> str:
    """What the weeks come to together."""
    together = found.together
    if together.bias_share is None or together.error_share is None:
        return ""
    words = ngettext(
        "Over %(n)d week the forecast was %(bias)s off what came; in size it missed by %(error)s.",
        "Over %(n)d weeks the forecast was %(bias)s off what came; in size it missed by %(error)s.",
        together.forecasts,
    )
    return words % {
        "n": together.forecasts,
        "bias": formats.percent(together.bias_share, signed=True),
        "error": formats.percent(together.error_share),
    }


def _guesses_chart(found: AccuracyFigure) -> Chart:
    return Chart(
        id="guesses",
        kind="lines",
        title=_("How near was the forecast to what came?"),
        labels=[formats.day(guess.on) for guess in found.guesses],
        series=[
            Series(_("Forecast"), [guess.said for guess in found.guesses]),
            Series(_("What came"), [found.came for _guess in found.guesses]),
        ],
        unit=found.currency,
        head=_("Snapshot"),
    )


def _difference(row: Guess | PartGuess | Submitted) -> SafeString:
    shown = tables.exact_html(row.error)
    return format_html("+{}", shown) if row.error > 0 else shown


def _said_columns(currency: str) -> tuple[Column, ...]:
    said = _("Forecast, %(currency)s") % {"currency": currency}
    return (
        Column(name="said", label=said, value="said", kind="amount", html=lambda row: tables.exact_html(row.said)),
        Column(name="came", label=_("What came"), value="came", kind="amount", html=lambda row: tables.exact_html(row.came)),
        Column(name="error", label=_("Difference"), value="error", kind="amount", html=_difference),
        Column(name="share", label=_("of what came"), value=lambda row: row.error / row.came if row.came > 0 else None, kind="percent"),
    )  # fmt: skip


def _weeks(found: AccuracyFigure) -> Table:
    return Table(
        columns=(
            Column(name="on", label=_("Snapshot"), value="on", kind="date", heads_row=True),
            Column(name="week", label=_("Weeks before the end"), value="week", kind="number"),
            *_said_columns(found.currency),
        ),
        source=found.guesses,
        caption=_("What each snapshot said"),
        empty_text=_("No snapshot was taken in the twelve weeks before the end of this period."),
    )


def _parts(found: AccuracyFigure) -> Table:
    return Table(
        columns=(
            Column(name="name", label=_("Part"), value=lambda row: _("Own deals") if row.code == "own" else row.name, heads_row=True),
            *_said_columns(found.currency),
        ),
        source=found.parts,
        caption=_("What one snapshot said of each part"),
        empty_text=_("Nothing was said, and nothing came."),
    )  # fmt: skip


def _submitted(found: AccuracyFigure) -> Table:
    return Table(
        columns=(
            Column(name="by", label=_("Submitted by"), value="by", heads_row=True),
            Column(name="at", label=_("At"), value="at", kind="instant"),
            Column(name="period", label=_("Period"), value=lambda row: row.period.code),
            *_said_columns(found.currency),
        ),
        source=found.submitted,
        caption=_("What was submitted"),
    )


def _people(found: AccuracyFigure) -> Table:
    said = _("Forecast, %(currency)s") % {"currency": found.currency}
    return Table(
        columns=(
            Column(name="by", label=_("Submitted by"), value=lambda row: row[0], heads_row=True),
            Column(name="n", label=_("Forecasts"), value=lambda row: row[1].forecasts, kind="number"),
            Column(name="said", label=said, value=lambda row: row[1].said, kind="amount"),
            Column(name="came", label=_("What came"), value=lambda row: row[1].came, kind="amount"),
            Column(name="bias", label=_("Bias"), value=lambda row: row[1].bias_share, kind="percent", decimals=1),
            Column(name="missed", label=_("Missed by"), value=lambda row: row[1].error_share, kind="percent", decimals=1),
        ),
        source=found.by_person,
        caption=_("By who submitted"),
    )  # fmt: skip
