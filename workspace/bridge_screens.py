"""The bridge page: the waterfall, the table with the same numbers, and the links from part to part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.charts import Chart, Series
from core.lists import Table
from rollups.bridge import DIFFERENCES, PARTS, BridgeFigure, BridgePart
from workspace import bridging, tables
from workspace.bridging import Asked

Amounts = dict[str, Decimal]
Link = Callable[[BridgePart], str]


@dataclass(frozen=True)
class _Row:
    name: str
    url: str
    amounts: Amounts


def page(found: BridgeFigure | None, asked: Asked, name: str, link: Link) -> dict[str, Any]:
    """The context of a bridge's page; `found` is None while no whole month has passed."""
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "name": name,
        "sentence": bridging.sentence(asked),
        "meanings": bridging.meanings(),
    }
    if found is not None:
        ends = dict(zip(("before", "after"), found.unpriced, strict=True))
        context |= {
            "picture": _waterfall(found, asked),
            "table": _table(found, asked, name, link),
            "unpriced": [(_end_words(asked)[end], held) for end, held in ends.items() if held.facts],
        }
    return context


def bar(found: BridgeFigure, asked: Asked) -> dict[str, Any]:
    """The thin bar of a tile, with its words in the order of size."""
    words = bridging.difference_words()
    told = sorted(found.bridge.differences.items(), key=lambda item: -abs(item[1]))
    return {
        "segments": bridging.segments(found.bridge),
        "told": [(words[name], _signed(amount)) for name, amount in told if amount][:2],
        "spoken": ", ".join(
            f"{words[name]} {formats.number(amount)}" for name, amount in found.bridge.differences.items()
        ),
        "span": bridging.span_words(asked.later) if asked.later else "",
        "partial": asked.partial_words,
    }


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{formats.short(amount)}"


def _end_words(asked: Asked) -> dict[str, str]:
    assert asked.later is not None
    assert asked.earlier is not None
    return {"before": bridging.span_words(asked.earlier), "after": bridging.span_words(asked.later)}


def _labels(asked: Asked) -> dict[str, str]:
    words = {**_end_words(asked), **bridging.difference_words()}
    return {name: words[name] for name in PARTS}


def _waterfall(found: BridgeFigure, asked: Asked) -> Chart:
    labels = _labels(asked)
    return Chart(
        id="bridge",
        kind="waterfall",
        title=_("Where does the difference come from?"),
        labels=list(labels.values()),
        series=[Series(_("Revenue"), [found.bridge.amounts[name] for name in labels])],
        totals=(0, len(PARTS) - 1),
        unit=asked.lens.currency,
        head=_("Step"),
        note=asked.partial_words,
        size="tall",
    )


def _table(found: BridgeFigure, asked: Asked, name: str, link: Link) -> Table:
    parts = sorted(found.parts, key=lambda part: -abs(part.bridge.after - part.bridge.before))
    rows = [_Row(part.name, link(part), part.bridge.amounts) for part in parts]
    if found.own is not None:
        rows.insert(0, _Row(_("The unit itself"), "", found.own.amounts))
    labels = _labels(asked)
    return Table(
        columns=(
            Column(name="name", label=_("Part"), value="name", html=_name_html, heads_row=True),
            *(_amount_column(part, labels[part]) for part in PARTS),
        ),
        source=rows,
        caption=_("Where the difference comes from, in %(currency)s") % {"currency": asked.lens.currency},
        foot=_Row(name, "", found.bridge.amounts),
        empty_text=_("Nothing that you may see stands below here in either period."),
    )


def _name_html(row: _Row) -> SafeString:
    if not row.url:
        return format_html("<bdi>{}</bdi>", row.name)
    return format_html('<a href="{}"><bdi>{}</bdi></a>', row.url, row.name)


def _amount_column(name: str, label: str) -> Column:
    def drawn(row: _Row) -> SafeString:
        amount = row.amounts[name]
        shown = tables.exact_html(amount)
        return format_html("+{}", shown) if name in DIFFERENCES and amount > 0 else shown

    return Column(name=name, label=label, value=lambda row: row.amounts[name], kind="amount", html=drawn)
