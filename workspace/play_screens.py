"""How plays and what came of them are drawn: the list of plays, and the tables of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import may_see_account, scope_of
from accounts.models import Account
from core import formats, marks
from core.cells import Column
from core.lists import ListSpec
from money.conversion import from_minor
from money.queries import exponents
from pipeline.enablement_lists import PlayFilter, columns, place_of, state_words
from pipeline.enablement_models import Play
from pipeline.enablement_words import language_words, role_words
from rollups.lens import parse_lens
from rollups.play_figures import (
    CUTS,
    LANGUAGE,
    MONTH,
    NONE,
    OFFERED,
    ROLE,
    STAGE,
    UNUSED,
    Outcomes,
    PlayOutcomes,
    outcomes_of_play,
    outcomes_of_plays,
)
from users.models import User
from workspace import places
from workspace.lenses import PageLens
from workspace.play_cuts import CLOSED, WON, Cut, label, stage_names


def rate(found: Outcomes) -> Decimal | formats.Unknown:
    """Won of closed, 0 to 1; unknown while none is closed."""
    return Decimal(found.won) / Decimal(found.closed) if found.closed else formats.UNKNOWN


def rate_words(found: Outcomes) -> str:
    """The numbers behind a win rate."""
    if not found.closed:
        return _("none closed yet")
    return _("%(won)s of %(closed)s closed") % {
        "won": formats.number(found.won),
        "closed": formats.number(found.closed),
    }


def value(found: Outcomes, lens: PageLens) -> Decimal | None:
    """What the won deals are worth in the lens's currency. None where each deal keeps its own."""
    return None if lens.is_native else from_minor(found.value, exponents()[lens.currency])


def value_note(found: Outcomes) -> str:
    """What is not in a value, in words; empty where all is."""
    parts = []
    if found.unpriced:
        words = ngettext("%(n)s line without a rate", "%(n)s lines without a rate", found.unpriced)
        parts.append(words % {"n": formats.number(found.unpriced)})
    if found.unknown:
        words = ngettext("%(n)s deal without an amount", "%(n)s deals without an amount", found.unknown)
        parts.append(words % {"n": formats.number(found.unknown)})
    return " · ".join(parts)


def _counted(number: int, url: str) -> SafeString:
    shown = format_html("<bdi>{}</bdi>", formats.number(number))
    return format_html('<a href="{}">{}</a>', url, shown) if number else shown


def _rate_html(found: Outcomes) -> SafeString:
    if not found.closed:
        return format_html("{}", marks.unknown_html())
    return format_html("<bdi>{}</bdi>", formats.percent(Decimal(found.won) / Decimal(found.closed), decimals=0))


class PlayFigures:
    """What came of the plays of one answer, read at once when the first is asked for."""

    def __init__(self, *, viewer: User, lens: PageLens) -> None:
        self.viewer, self.lens = viewer, lens

    @cached_property
    def _found(self) -> dict[int, Outcomes]:
        plays = Play.objects.visible_to(self.viewer).values_list("pk", flat=True)
        return outcomes_of_plays(plays, viewer=self.viewer, lens=parse_lens(self.lens.api_params))

    def of(self, play: Any) -> Outcomes:
        return self._found.get(play.pk, NONE)


def _number(found: Outcomes, ended: str) -> int:
    return {CLOSED: found.closed, WON: found.won}.get(ended, found.deals)


def _outcome_columns(figures: PlayFigures) -> tuple[Column, ...]:
    """What came of the deals that each play was used on; each number opens its deals."""
    lens = figures.lens

    def link(ended: str) -> Any:
        part = Cut(ended=ended)
        return lambda play: _counted(_number(figures.of(play), ended), part.url(play, lens))

    def counted(name: str, label: Any, ended: str) -> Column:
        return Column(
            name=name, label=label, value=lambda p: _number(figures.of(p), ended), kind="number", html=link(ended)
        )

    worth = _("Value won") if lens.is_native else _("Value won, %(currency)s") % {"currency": lens.currency}
    return (
        Column(name="used", label=_("Used on"), value="used_deals", kind="number", sort="used_deals", html=link("")),
        counted("closed", _("Of them closed"), CLOSED),
        counted("won", _("Won"), WON),
        Column(
            name="rate",
            label=_("Win rate"),
            value=lambda play: rate(figures.of(play)),
            kind="percent",
            html=lambda play: _rate_html(figures.of(play)),
        ),
        Column(name="value", label=worth, value=lambda play: value(figures.of(play), lens), kind="amount"),
    )


def play_list(on: dt.date, figures: PlayFigures) -> ListSpec:
    """Plays with what came of the deals they were used on; rows have `used_deals`."""
    title, *rest = columns(on)
    return ListSpec(
        name="plays",
        sort="-used",
        filterset=PlayFilter,
        caption=_("Plays"),
        empty_title=_("No plays yet"),
        empty_text=_("What administrators write down stands here, with how often it was used and what came of it."),
        columns=(title, *_outcome_columns(figures), *rest),
    )


@dataclass(frozen=True)
class CutRow:
    """One row of a table of uses, each number with the list that it opens."""

    name: str
    found: Outcomes
    deals: SafeString
    closed: SafeString
    won: SafeString
    rate: SafeString
    value: Decimal | None


@dataclass(frozen=True)
class CutTable:
    """`head` names its rows; `id` is that of its heading."""

    id: str
    head: str
    rows: list[CutRow]


def cut_tables(found: PlayOutcomes, play: Play, lens: PageLens) -> list[CutTable]:
    """The deals that a play was used on, by stage, buying role, language and month; a table without rows is left out."""
    stages = stage_names()
    heads = {
        STAGE: _("By the stage it was used at"),
        ROLE: _("By buying role"),
        LANGUAGE: _("By language"),
        MONTH: _("By month of closing"),
    }
    tables = [CutTable(f"by-{by}", heads[by], _rows(found.cut(by), by, play, lens, stages)) for by in CUTS]
    return [table for table in tables if table.rows]


def _rows(
    found: Mapping[str, Outcomes], by: str, play: Play, lens: PageLens, stages: Mapping[str, str]
) -> list[CutRow]:
    order = {code: at for at, code in enumerate(stages)}
    keys = sorted(
        found, key=lambda key: (order.get(key, len(order)), int(key) if by == MONTH else 0, -found[key].deals, key)
    )
    return [row_of(label(by, key, stages), found[key], Cut(by=by, value=key), play, lens) for key in keys]


def row_of(name: str, found: Outcomes, cut: Cut, play: Play, lens: PageLens) -> CutRow:
    return CutRow(
        name,
        found,
        _counted(found.deals, cut.url(play, lens)),
        _counted(found.closed, cut.closed().url(play, lens)),
        _counted(found.won, cut.won().url(play, lens)),
        _rate_html(found),
        value(found, lens),
    )


def play_page(play: Play, *, viewer: User, lens: PageLens) -> dict[str, Any]:
    """What the page of a play shows: what it is for, and what came of the deals it was offered on and used on."""
    found = outcomes_of_play(play, viewer=viewer, lens=parse_lens(lens.api_params))
    on = scope_of(viewer).on
    return {
        "play": play,
        "found": found,
        "state": state_words(play, on),
        "rows": [
            row_of(_("Used"), found.used, Cut(), play, lens),
            row_of(_("Offered and not used"), found.unused, Cut(of=UNUSED), play, lens),
            row_of(_("All it was offered on"), found.offered, Cut(of=OFFERED), play, lens),
        ],
        "tables": cut_tables(found, play, lens),
        "facts": _facts(play, viewer),
        "used_rate": _rate_html(found.used),
        "used_words": rate_words(found.used),
        "unused_rate": _rate_html(found.unused),
        "unused_words": rate_words(found.unused),
        "used_count": _counted(found.used.deals, Cut().url(play, lens)),
        "offered_count": _counted(found.offered.deals, Cut(of=OFFERED).url(play, lens)),
        "value": value(found.used, lens),
        "value_note": value_note(found.used),
    }


def _facts(play: Any, viewer: User) -> list[tuple[str, str, str]]:
    """What it is for: a name, a value, and an address where there is one."""
    any_ = _("any")
    facts = [
        (_("Stages"), ", ".join(play.stage_names) or any_, ""),
        (_("Buying roles"), role_words(play.buying_roles) or any_, ""),
        (_("Languages"), language_words(play.languages), ""),
        (_("Product"), str(play.product or "") or any_, ""),
        (_("Made for"), place_of(play) or any_, ""),
        (_("Industry"), play.industry or any_, ""),
        (_("Owner"), str(play.owner or ""), ""),
    ]
    if play.account:
        seen = Account.objects.filter(may_see_account(viewer, "pk"), pk=play.account_id).exists()
        facts.insert(0, (_("Customer"), play.account.name, places.account(play.account.code) if seen else ""))
    return facts
