"""What the templates of scores read."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core import formats, marks
from core.charts import Chart, Series
from pipeline.score_models import ScoreKind
from pipeline.scores import DEFINITIONS
from users.models import User
from users.permissions import Permission
from workspace.score_queries import Desk, ScorePage
from workspace.score_words import PARTS
from workspace.scoring import DAYS_BEFORE


def page(found: ScorePage, viewer: User) -> dict[str, Any]:
    """The context of a score's page."""
    words = PARTS[found.subject.kind]
    rows = [
        {
            "words": words[part.code][0],
            "about": words[part.code][1],
            "value": formats.UNKNOWN if part.value is None else Fraction(part.value),
            "weight": part.weight,
            "points": points,
        }
        for part, points in found.rows
        if part.code in words
    ]
    title = _("%(score)s of %(name)s") % {"score": ScoreKind(found.subject.kind).label, "name": found.subject.name}
    return {
        "found": found,
        "title": title,
        "rows": rows,
        "value": found.score.value if found.score else None,
        "known": found.score.known_weight if found.score else None,
        "chart": _chart(found),
        "definition": DEFINITIONS[found.subject.kind],
        "weights_url": _weights_url(found.subject.kind) if viewer.may(Permission.CONFIGURE_PIPELINE) else "",
        "trail": [(found.subject.name, found.subject.url), (str(ScoreKind(found.subject.kind).label), "")],
    }


def _weights_url(kind: str) -> str:
    return f"{reverse('scores:weights')}?kind={kind}"


def _chart(found: ScorePage) -> Chart | None:
    """Past nights, where there are two of them."""
    if len(found.past) < 2:
        return None
    return Chart(
        id="score-past",
        kind="lines",
        title=_("How has it changed?"),
        labels=[formats.day(on) for on, _value in found.past],
        series=[Series(str(ScoreKind(found.subject.kind).label), [_hundredth(value) for _on, value in found.past])],
        unit="%",
        head=_("Night"),
        size="short",
    )


def _hundredth(value: Any) -> Any:
    return None if value is None else round(value * 100, 1)


def tile(found: ScorePage) -> dict[str, Any]:
    """A score as a tile: its value, beside how much of its weight is known."""
    figure: Any = marks.unknown_html()
    if found.score and found.score.value is not None:
        figure = format_html('<bdi class="num">{}</bdi>', formats.percent(found.score.value, decimals=0))
    if found.kept is None or found.score is None:
        note = _("computed tonight")
    else:
        known = formats.percent(found.score.known_weight, decimals=0)
        note = _("known weight %(known)s, night of %(day)s") % {"known": known, "day": formats.day(found.kept.on)}
    return {"label": ScoreKind(found.subject.kind).label, "figure": figure, "note": note}


def desk(found: Desk) -> dict[str, Any]:
    """The context of the page of weights."""
    kinds = [(kind.label, f"?kind={kind.value}", kind.value == found.kind) for kind in ScoreKind]
    return {
        "desk": found,
        "kind_words": ScoreKind(found.kind).label,
        "tabs": kinds,
        "tabs_label": _("Kinds of score"),
        "address": _weights_url(found.kind),
        "test": found.test,
        "days_before": DAYS_BEFORE,
        "definition": DEFINITIONS[found.kind],
        "trail": [(_("Scores"), "")],
    }
