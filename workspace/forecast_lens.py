"""What a forecast's page is about: the period of the fiscal calendar and the lens, in the address and as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core import formats, months
from core.sentences import Choice, Input, Sentence
from rollups.forecast_categories import (
    QUARTER,
    ForecastPeriod,
    month_period,
    parse_period,
    period_words,
    quarter_at,
)
from rollups.lens import Lens, LensError, parse_lens
from workspace import lenses
from workspace.lenses import PageLens


@dataclass(frozen=True)
class AskedForecast:
    """A period and the lens of the page. `refused` are parameters that could not be read, in words."""

    period: ForecastPeriod
    lens: PageLens
    refused: tuple[str, ...] = ()

    @cached_property
    def params(self) -> dict[str, str]:
        """As in a page's address."""
        chosen = {name: self.lens.params[name] for name in ("currency", "rates", "tree", "book")}
        return {"of": self.period.code, **chosen}

    @cached_property
    def query(self) -> str:
        return urlencode(self.params)

    @cached_property
    def figures(self) -> Lens:
        """The lens as the roll-ups read it."""
        chosen = {name: self.params[name] for name in ("currency", "rates", "tree", "book")}
        return parse_lens({**chosen, **self.period.range})

    @property
    def is_adjustable(self) -> bool:
        """Whether adjustments stand in the figures: they are said of the prime book, in one currency."""
        return not (self.lens.is_native or self.lens.is_overlay)

    @property
    def words(self) -> str:
        return words_of(self.period)

    def at(self, period: ForecastPeriod) -> AskedForecast:
        return replace(self, period=period)


def words_of(period: ForecastPeriod) -> str:
    return formats.month(months.first_day(period.first)) if period.is_month else period_words(period)


def asked(parameters: Mapping[str, str], lens: PageLens) -> AskedForecast:
    """What the address asks for; without a period, the quarter under way."""
    start, here = lens.frame.start_month, months.month_of(lens.frame.on)
    usual = quarter_at(here, start)
    text = parameters.get("of", "").strip()
    if not text:
        return AskedForecast(usual, lens, lens.refused)
    try:
        return AskedForecast(parse_period(text, start), lens, lens.refused)
    except LensError as error:
        return AskedForecast(usual, lens, (*lens.refused, error.message))


def period_choice(found: AskedForecast) -> Choice:
    """The quarters before and after the one under way, and the months of the chosen one."""
    start = found.lens.frame.start_month
    here = months.month_of(found.lens.frame.on)
    quarters = [quarter_at(here + QUARTER * step, start) for step in (-2, -1, 0, 1, 2)]
    around = quarter_at(found.period.first, start)
    parts = [month_period(month) for month in range(around.first, around.last + 1)]
    return Choice(
        param="of",
        label=_("Period"),
        value=found.period.code,
        word=found.words,
        options=tuple((period.code, words_of(period)) for period in (*quarters, *parts)),
        inputs=(Input(name="of", label=_("Another month"), value=months.label(found.period.first), type="month"),),
        clears=("since", "until", "movement", "category", "after"),
    )


def sentence(found: AskedForecast) -> Sentence:
    """Forecast of Q4 2026 in EUR as reported, by the structure of the time, prime book."""
    choices = lenses.choices(found.lens)
    return Sentence(
        _("Forecast of {of} in {currency} {rates}, by the structure {tree}, {book}."),
        {"of": period_choice(found), **{name: choices[name] for name in ("currency", "rates", "tree", "book")}},
    )


def members_sentence(found: AskedForecast) -> Sentence:
    """Shares of deals lie with members, so no structure of regions is chosen."""
    choices = lenses.choices(found.lens)
    return Sentence(
        _("Forecast of {of} in {currency} {rates}, {book}."),
        {"of": period_choice(found), **{name: choices[name] for name in ("currency", "rates", "book")}},
    )
