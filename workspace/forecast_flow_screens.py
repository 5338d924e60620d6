"""The flow's page: the picture and the table with the same numbers, and the deals of a movement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import formats
from core.cells import Column
from core.lists import Table
from core.sentences import Choice, Sentence
from money.conversion import from_minor
from rollups.forecast_categories import ADJUSTABLE, category_words
from rollups.forecast_flow import FX, MOVEMENTS
from rollups.forecast_flows import NOW, FlowFigure, FlowLine
from rollups.forecast_models import ForecastSnapshot
from workspace import lenses, sankey, tables
from workspace.forecast_lens import AskedForecast, period_choice

#: How many lines of a movement stand on the page, the largest first.
SHOWN = 200
_ORDER = {name: place for place, name in enumerate(("pipeline", "best_case", "commit"))}


def movement_words() -> dict[str, str]:
    return {
        "new": _("New"),
        "grown": _("Grown"),
        "pulled": _("Pulled in"),
        "moved": _("Moved by structure"),
        "omitted": _("Omitted or taken back in"),
        "shrunk": _("Shrunk"),
        "pushed": _("Pushed out"),
        "won": _("Won"),
        "lost": _("Lost"),
        FX: _("Exchange rates"),
    }


def meanings() -> list[tuple[str, str]]:
    words = movement_words()
    return [
        (words["new"], _("opportunities that were not in the open pipeline at all")),
        (
            words["grown"] + ", " + words["shrunk"],
            _("amounts and lines that changed, told at the rates of the earlier day"),
        ),
        (words["pulled"] + ", " + words["pushed"], _("close dates that moved into the period or out of it")),
        (
            words["won"] + ", " + words["lost"],
            _("what closed, by what it was worth at the earlier day; a deleted opportunity is lost"),
        ),
        (words["moved"], _("countries, regions, shares or managers that changed")),
        (words[FX], _("the same amounts at the rates of the later day")),
    ]


def week_choice(
    param: str, label: str, chosen: ForecastSnapshot | None, known: list[ForecastSnapshot], *, with_now: bool
) -> Choice:
    """A menu of snapshots; `now` too where a flow may end there."""
    options = [(one.week.isoformat(), formats.day(one.taken_on)) for one in known[:26]]
    if with_now:
        options.insert(0, (NOW, _("now")))
    return Choice(
        param=param,
        label=label,
        value=chosen.week.isoformat() if chosen else NOW,
        word=formats.day(chosen.taken_on) if chosen else _("now"),
        options=tuple(options),
    )


def sentence(asked: AskedForecast, since: Choice, until: Choice) -> Sentence:
    currency = lenses.choices(asked.lens)["currency"]
    options = tuple(one for one in currency.options if one[0] != lenses.NATIVE)
    one_currency = Choice(
        param="currency", label=currency.label, value=asked.lens.currency, word=currency.word, options=options
    )
    return Sentence(
        _("Open pipeline of {of} in {currency}, from {since} to {until}."),
        {"of": period_choice(asked), "currency": one_currency, "since": since, "until": until},
    )


@dataclass(frozen=True)
class _Step:
    label: str
    url: str
    amount: Decimal
    deals: int
    is_whole: bool = False


def page(found: FlowFigure, link: Callable[[str], str], chosen: str) -> dict[str, Any]:
    """`link` is where the deals of a movement are listed; `chosen` the movement that is."""
    money = _in(found)
    words = movement_words()
    steps = [
        _Step(
            _("On %(day)s") % {"day": formats.day(found.older.taken_on)},
            "",
            money(found.flow.opening),
            found.deals.get("opening", 0),
            True,
        )
    ]
    told = {**found.flow.movements, FX: found.flow.fx}
    steps += [_Step(words[name], link(name), money(minor), found.deals.get(name, 0)) for name, minor in told.items()]
    foot = _Step(
        _("On %(day)s") % {"day": formats.day(found.later_on)},
        "",
        money(found.flow.closing),
        found.deals.get("closing", 0),
        True,
    )
    context: dict[str, Any] = {
        "found": found,
        "picture": _picture(found, link),
        "table": _table(steps, foot, found.currency),
        "adds_up": found.flow.adds_up,
        "meanings": meanings(),
        "is_empty": not found.lines,
    }
    if chosen in told:
        context |= _lines(found, chosen, words[chosen])
    return context


def _in(found: FlowFigure) -> Callable[[int], Decimal]:
    return lambda minor: from_minor(minor, found.exponent)


def _table(steps: list[_Step], foot: _Step, currency: str) -> Table:
    return Table(
        columns=(
            Column(
                name="step",
                label=_("Step"),
                value="label",
                heads_row=True,
                href=lambda row: row.url if row.deals else "",
            ),
            Column(name="amount", label=currency, value="amount", kind="amount", html=_signed),
            Column(name="deals", label=_("Deals"), value="deals", kind="number"),
        ),
        source=steps,
        foot=foot,
        caption=_("What happened to the open pipeline, in %(currency)s") % {"currency": currency},
    )


def _signed(row: _Step) -> SafeString:
    shown = tables.exact_html(row.amount)
    return format_html("+{}", shown) if row.amount > 0 and not row.is_whole else shown


@dataclass(frozen=True)
class _Drawn:
    """A bar or band with its words."""

    shape: Any
    label: str
    amount: str
    full: str
    url: str = ""


def _picture(found: FlowFigure, link: Callable[[str], str]) -> dict[str, Any] | None:
    came = [f"open:{category}" for category in sorted(_ORDER, key=lambda c: -_ORDER[c])]
    went = [f"close:{category}" for category in sorted(_ORDER, key=lambda c: -_ORDER[c])]
    gains = [name for name in (*MOVEMENTS, FX) if any(source == name for source, _sink in found.flow.links)]
    losses = [name for name in (*MOVEMENTS, FX) if any(sink == name for _source, sink in found.flow.links)]
    shape = sankey.drawn(found.flow.links, [*came, *gains], [*went, *losses])
    if not shape.bars:
        return None
    words, money = _bar_words(), _in(found)

    def told(one: Any, label: str, url: str = "") -> _Drawn:
        return _Drawn(
            one, label, formats.short(money(one.amount)), f"{formats.number(money(one.amount))} {found.currency}", url
        )

    return {
        "box": shape.box,
        "bands": [told(band, f"{words[band.source]} → {words[band.sink]}") for band in shape.bands],
        "bars": [told(bar, words[bar.key], "" if ":" in bar.key else link(bar.key)) for bar in shape.bars],
    }


def _bar_words() -> dict[str, str]:
    categories = category_words()
    return movement_words() | {f"{side}:{c}": categories[c] for side in ("open", "close") for c in ADJUSTABLE}


def _lines(found: FlowFigure, chosen: str, title: str) -> dict[str, Any]:
    """The lines of a movement, the largest first; together they are its figure."""
    mine = [line for line in found.lines if (line.is_fx if chosen == FX else line.step.movement == chosen)]

    def size(line: FlowLine) -> int:
        return line.step.fx if chosen == FX else line.step.change

    mine.sort(key=lambda line: (-abs(size(line)), line.pair.deal, line.pair.line))
    return {
        "lines_title": title,
        "lines": _lines_table(mine[:SHOWN], size, _in(found), found.currency),
        "lines_more": len(mine) - SHOWN if len(mine) > SHOWN else 0,
    }


def _lines_table(
    rows: list[FlowLine], size: Callable[[FlowLine], int], money: Callable[[int], Decimal], currency: str
) -> Table:
    def was(name: str) -> Callable[[FlowLine], SafeString | str]:
        return lambda line: _was_is(getattr(line.pair.before, name, None), getattr(line.pair.after, name, None))

    return Table(
        columns=(
            Column(name="name", label=_("Opportunity"), value=lambda line: line.pair.name, heads_row=True, href=_deal),
            Column(name="account", label=_("Account"), value=lambda line: line.pair.account_name),
            Column(name="closes", label=_("Closes"), value="step", html=was("close_date")),
            Column(name="native", label=_("Amount"), value="step", html=_native),
            Column(name="size", label=_("In the flow, %(currency)s") % {"currency": currency}, value="step", kind="amount",
                   html=lambda line: tables.exact_html(money(size(line)))),
        ),
        source=rows,
        caption=_("Deals of this step"),
    )  # fmt: skip


def _deal(line: FlowLine) -> str:
    """A deal that was deleted since has no page."""
    return reverse("pipeline:detail", args=[line.pair.deal]) if line.pair.deal_is else ""


def _was_is(before: Any, after: Any) -> SafeString | str:
    shown = [formats.day(day) for day in (before, after) if day is not None]
    return " → ".join(dict.fromkeys(shown))


def _native(line: FlowLine) -> SafeString:
    sides = [side for side in (line.pair.before, line.pair.after) if side is not None and side.amount is not None]
    told = dict.fromkeys(
        f"{formats.number(side.amount.normalize())} {side.currency}" for side in sides if side.amount is not None
    )
    return format_html("<bdi>{}</bdi>", " → ".join(told))
