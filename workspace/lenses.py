"""Under which lens a page states its figures: read from the address, else what the reader chose last, else the default.

Pure: the business date and the configured lists are arguments. The same parameters as the API's, except that a page
may also name a period that moves with the date (`period=quarter`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from core import formats, months
from core.sentences import Choice, Input, Sentence
from revenue.models import RevenueKind
from workspace import periods
from workspace.periods import Period

NATIVE = "native"
THEN, NOW = "then", "now"

#: What is kept for the reader; a month range is not, because it would not move with time.
KEPT = ("currency", "rates", "tree", "revenue_kind", "book", "period")
SPOT, CONSTANT = "spot", "constant"
PRIME, OVERLAY = "prime", "overlay"


@dataclass(frozen=True)
class Frame:
    """What the choices depend on: the business date, the reporting currencies, the month a fiscal year starts in, and the
    rates that figures may be stated at."""

    on: dt.date
    currencies: tuple[str, ...]
    start_month: int
    rates: tuple[str, ...] = (SPOT, CONSTANT)


@dataclass(frozen=True)
class PageLens:
    """The lens of one page. `tree` is `then`, `now` or an ISO date; `period_name` is empty for a month range.

    `refused` are parameters of the address that could not be read, in words; the default stands in for them.
    """

    currency: str
    tree: str
    revenue_kind: str
    period_name: str
    period: Period
    frame: Frame
    refused: tuple[str, ...] = ()
    rates: str = SPOT
    book: str = PRIME

    @property
    def is_overlay(self) -> bool:
        return self.book == OVERLAY

    @property
    def headline(self) -> str:
        """The measure that parts are ranked and added up by: the overlay book has no revenue."""
        return "pipeline_open" if self.is_overlay else "revenue"

    @property
    def is_native(self) -> bool:
        return self.currency == NATIVE

    @cached_property
    def params(self) -> dict[str, str]:
        """As in a page's address."""
        months_of = {"period": self.period_name} if self.period_name else self.month_range
        return {**self._choices, **months_of}

    @cached_property
    def query(self) -> str:
        return urlencode(self.params)

    @property
    def api_params(self) -> dict[str, str]:
        """The same choice in the API's words."""
        return {**self._choices, **self.month_range}

    @property
    def _choices(self) -> dict[str, str]:
        return {
            "currency": self.currency,
            "rates": self.rates,
            "tree": self.tree,
            "revenue_kind": self.revenue_kind,
            "book": self.book,
        }

    @property
    def month_range(self) -> dict[str, str]:
        return {"from": months.label(self.period.first), "to": months.label(self.period.last)}

    @property
    def kept(self) -> dict[str, str]:
        """What of it is kept for the reader."""
        return {name: value for name, value in self.params.items() if name in KEPT}

    @property
    def elapsed(self) -> periods.Elapsed:
        return periods.elapsed(self.period, self.frame.on)

    @property
    def is_partial(self) -> bool:
        return periods.is_partial(self.period, self.frame.on)

    @property
    def period_words(self) -> str:
        year = periods.fiscal_year_of(self.period, self.frame.start_month)
        if year is not None:
            return _("FY %(year)s") % {"year": year}
        first, last = months.first_day(self.period.first), months.first_day(self.period.last)
        if first == last:
            return formats.month(first)
        return f"{formats.month(first)} – {formats.month(last)}"


def chosen(query: Mapping[str, str], kept: object, frame: Frame) -> PageLens:
    """The lens that `query` asks for; what it leaves open is as the reader kept it, else as by default.

    `kept` is what the user's preferences hold: whatever of it can't be read is passed over.
    """
    habits = {n: v for n, v in kept.items() if n in KEPT and isinstance(v, str)} if isinstance(kept, dict) else {}
    default = PageLens(
        frame.currencies[0], THEN, RevenueKind.RECOGNISED, periods.DEFAULT, _named(periods.DEFAULT, frame), frame
    )
    usual = replace(_read(habits, default), refused=())
    return _read(query, usual)


def _read(given: Mapping[str, str], usual: PageLens) -> PageLens:
    frame = usual.frame
    refused: list[str] = []
    currency = _one_of(given, "currency", (*frame.currencies, NATIVE), usual.currency, refused)
    kind = _one_of(given, "revenue_kind", RevenueKind.values, usual.revenue_kind, refused)
    rates = _one_of(given, "rates", frame.rates, usual.rates, refused)
    book = _one_of(given, "book", (PRIME, OVERLAY), usual.book, refused)
    tree = given.get("tree", usual.tree)
    if not is_tree(tree):
        refused.append(_("“%(day)s” is no day.") % {"day": tree})
        tree = usual.tree
    name, period = usual.period_name, usual.period
    if "from" in given or "to" in given:
        found = periods.between(given.get("from", ""), given.get("to", ""))
        if found is None:
            refused.append(_("A period runs from one month to the same or a later one, over five years at most."))
        else:
            name, period = "", found
    elif given.get("period") in periods.NAMED:
        name, period = given["period"], _named(given["period"], frame)
    return PageLens(currency, tree, kind, name, period, frame, tuple(refused), rates, book)


def _one_of(given: Mapping[str, str], param: str, known: Sequence[str], usual: str, refused: list[str]) -> str:
    value = given.get(param, usual)
    if value in known:
        return value
    refused.append(_("“%(value)s” is none of %(known)s.") % {"value": value, "known": ", ".join(known)})
    return usual


def says_something(query: Mapping[str, str]) -> bool:
    """Whether an address chooses anything of a lens."""
    return any(name in query for name in (*KEPT, "from", "to"))


def says_everything(query: Mapping[str, str]) -> bool:
    """Whether nothing of the lens is left to what the reader kept, as in the addresses that pages make of it."""
    said = {*query, "period"} if "from" in query and "to" in query else {*query}
    return said.issuperset(KEPT)


def _named(name: str, frame: Frame) -> Period:
    return periods.named(name, frame.on, frame.start_month)


def is_tree(text: str) -> bool:
    if text in (THEN, NOW):
        return True
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def sentence(lens: PageLens, *, note: str = "") -> Sentence:
    """The lens bar's words: "Revenue recognised in EUR as reported, by the structure of the time, FY 2026"."""
    return Sentence(
        _("{revenue_kind} in {currency} {rates}, by the structure {tree}, {period}, {book}."), choices(lens), note
    )


def choices(lens: PageLens) -> dict[str, Choice]:
    """Every word of the lens bar that can be chosen, by its name."""
    return {
        "revenue_kind": _kind_choice(lens),
        "currency": _currency_choice(lens),
        "rates": _rates_choice(lens),
        "book": _book_choice(lens),
        "tree": _tree_choice(lens),
        "period": _period_choice(lens),
    }


def deals_sentence(lens: PageLens) -> Sentence:
    """The lens bar of what has no revenue and shows each book by itself: "Shares of deals in EUR as reported, FY 2026"."""
    return Sentence(
        _("Shares of deals in {currency} {rates}, {period}."),
        {"currency": _currency_choice(lens), "rates": _rates_choice(lens), "period": _period_choice(lens)},
    )


def plays_sentence(lens: PageLens) -> Sentence:
    """The lens bar of deals that are counted by the day on which they close, and of what those won are worth."""
    return Sentence(
        _("Deals that close in {period}; value won in {currency} {rates}."),
        {"period": _period_choice(lens), "currency": _currency_choice(lens), "rates": _rates_choice(lens)},
    )


def funnel_sentence(lens: PageLens) -> Sentence:
    """The lens bar of a funnel, which needs one currency: "Leads created in FY 2026, worth in EUR as reported"."""
    currency = _currency_choice(lens)
    code = lens.frame.currencies[0] if lens.is_native else lens.currency
    offered = tuple(one for one in currency.options if one[0] != NATIVE)
    return Sentence(
        _("Leads created in {period}, worth in {currency} {rates}."),
        {
            "period": _period_choice(lens),
            "currency": replace(currency, value=code, word=code, options=offered),
            "rates": _rates_choice(lens),
        },
    )


def redrawn_sentence(lens: PageLens, day: dt.date, *, is_then: bool) -> Sentence:
    """The lens of a dry run: the structure is that of the draft, read on its day or of the time."""
    of_day = _("as it is from %(day)s") % {"day": formats.day(day)}
    structure = Choice(
        param="structure",
        label=_("Where countries and regions belong"),
        value=THEN if is_then else "day",
        word=_("of the time") if is_then else of_day,
        options=(
            ("day", _("Every month as from that day on")),
            (THEN, _("Of the time: only months from that day on move")),
        ),
    )
    return Sentence(
        _("{revenue_kind} in {currency} as reported, by the structure {structure}, {period}, prime book."),
        {
            "revenue_kind": _kind_choice(lens),
            "currency": _currency_choice(lens),
            "structure": structure,
            "period": _period_choice(lens),
        },
    )


def kind_words(kind: str) -> str:
    return {
        RevenueKind.BOOKED.value: _("Revenue booked"),
        RevenueKind.BILLED.value: _("Revenue billed"),
    }.get(kind, _("Revenue recognised"))


def _kind_choice(lens: PageLens) -> Choice:
    options = tuple((kind, kind_words(kind)) for kind in ("recognised", "billed", "booked"))
    return Choice(
        param="revenue_kind", label=_("Kind of revenue"), value=lens.revenue_kind,
        word=kind_words(lens.revenue_kind), options=options,
    )  # fmt: skip


def _currency_choice(lens: PageLens) -> Choice:
    native = _("the currency of each fact")
    return Choice(
        param="currency",
        label=_("Currency"),
        value=lens.currency,
        word=native if lens.is_native else lens.currency,
        options=(*((code, code) for code in lens.frame.currencies), (NATIVE, native)),
    )


def rates_words(rates: str) -> str:
    words = {SPOT: _("as reported"), CONSTANT: _("at last year's rates")}
    return words.get(rates) or _("at the rates of “%(set)s”") % {"set": rates}


def _rates_choice(lens: PageLens) -> Choice:
    meant = {
        SPOT: _("As reported: each fact at the rate of its day"),
        CONSTANT: _("Constant: each month at its mean rate of the year before"),
    }
    options = ((name, meant.get(name) or _("Rate set “%(set)s”") % {"set": name}) for name in lens.frame.rates)
    return Choice(
        param="rates", label=_("Rates"), value=lens.rates, word=rates_words(lens.rates), options=tuple(options)
    )


def _book_choice(lens: PageLens) -> Choice:
    words = {PRIME: _("prime book"), OVERLAY: _("overlay book")}
    options = (
        (PRIME, _("Prime book: every deal once")),
        (OVERLAY, _("Overlay book: what members beside the prime ones claim of deals")),
    )
    return Choice(param="book", label=_("Book"), value=lens.book, word=words[lens.book], options=options)


def _tree_choice(lens: PageLens) -> Choice:
    day = dt.date.fromisoformat(lens.tree) if lens.tree not in (THEN, NOW) else None
    words = {THEN: _("of the time"), NOW: _("of today")}
    return Choice(
        param="tree",
        label=_("Where countries and regions belong"),
        value=lens.tree,
        word=_("of %(day)s") % {"day": formats.day(day)} if day else words[lens.tree],
        options=((THEN, _("Of the time: each month as it was")), (NOW, _("Of today: history re-drawn"))),
        inputs=(Input(name="tree", label=_("Of another day"), value=day.isoformat() if day else ""),),
    )


def _period_choice(lens: PageLens) -> Choice:
    named = {
        "fiscal_year": _("This fiscal year"),
        "last_fiscal_year": _("Last fiscal year"),
        "quarter": _("This quarter"),
        "last_quarter": _("Last quarter"),
        "month": _("This month"),
        "twelve_months": _("Last 12 whole months"),
    }
    if lens.frame.start_month != 1:
        named |= {"calendar_year": _("This calendar year"), "last_calendar_year": _("Last calendar year")}
    first, last = lens.month_range["from"], lens.month_range["to"]
    return Choice(
        param="period",
        label=_("Period"),
        value=lens.period_name,
        word=lens.period_words,
        options=tuple(named.items()),
        inputs=(
            Input(name="from", label=_("From"), value=first, type="month"),
            Input(name="to", label=_("To"), value=last, type="month"),
        ),
        clears=("from", "to"),
    )


def bridge_sentence(lens: PageLens, apart: Choice) -> Sentence:
    """The lens of a bridge, which needs one currency and fixes the structure; `apart` chooses the earlier months."""
    currency = _currency_choice(lens)
    return Sentence(
        _(
            "{revenue_kind} in {currency}, {period}, beside {k}, from figures as reported, by the structure of the time."
        ),
        {
            "revenue_kind": _kind_choice(lens),
            "currency": replace(currency, options=tuple(one for one in currency.options if one[0] != NATIVE)),
            "period": _period_choice(lens),
            "k": apart,
        },
    )
