"""The choices under which a figure is stated, read from a page's or a request's parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts.models import Structure
from core import months
from core.errors import DomainError
from money.models import CONSTANT, SPOT
from money.queries import business_date, fiscal_start_month, rates_on_offer, reporting_currencies
from rollups.measures import BOOKS, PIPELINE_KEYS, REVENUE_KINDS, keys_by_measure

NATIVE = "native"
PARAMETERS = ("from", "to", "currency", "rates", "tree", "book", "revenue_kind", "as_of", "structure")
_MOST_MONTHS = 600
_FIRST_MONTH, _LAST_MONTH = months.month_of(dt.date.min), months.month_of(dt.date.max) - 1


class LensError(DomainError):
    """A parameter that names no lens. The message lists what there is."""


@dataclass(frozen=True)
class Lens:
    """`first` and `last` are months (core.months), both inclusive. `tree`: `then`, `now` or a date. `as_of` is D."""

    first: int
    last: int
    currency: str
    rates: str
    tree: str | dt.date
    book: str
    revenue_kind: str
    as_of: dt.date
    structure: str
    chosen: tuple[tuple[str, str], ...] = ()

    @property
    def is_native(self) -> bool:
        return self.currency == NATIVE

    @property
    def months(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def tree_day(self) -> dt.date | None:
        """The one day on which the trees are read, or None: each month on its own last day."""
        if isinstance(self.tree, dt.date):
            return self.tree
        return self.as_of if self.tree == "now" else None

    @property
    def is_overlay(self) -> bool:
        return self.book == "overlay"

    @property
    def keys(self) -> dict[int, str]:
        """The measures of the figure and their names. Revenue has no members, so the overlay book has no revenue."""
        if self.is_overlay:
            return {int(measure): name for measure, name in PIPELINE_KEYS.items()}
        return keys_by_measure(self.revenue_kind)

    def query(self) -> dict[str, str]:
        """The parameters that were chosen: what a link must carry to keep the lens."""
        return dict(self.chosen)

    def over(self, first: int, last: int) -> Lens:
        """The same lens over other months."""
        chosen = {**dict(self.chosen), "from": months.label(first), "to": months.label(last)}
        return replace(self, first=first, last=last, chosen=tuple(chosen.items()))


def parse_lens(parameters: Mapping[str, str]) -> Lens:
    """The lens that `parameters` name; what is absent or empty takes its default. LensError for what names nothing."""
    given = {name: value for name in PARAMETERS if (value := parameters.get(name, "").strip())}
    as_of = _day("as_of", given["as_of"]) if "as_of" in given else business_date()
    start = _fiscal_year_start(as_of)
    first = _month("from", given["from"]) if "from" in given else None
    last = _month("to", given["to"]) if "to" in given else None
    if first is None:
        first = start if last is None or last >= start else last
    if last is None:
        last = max(first, start + 11)
    _check_range(first, last)
    reporting = reporting_currencies()
    return Lens(
        first=first,
        last=last,
        currency=_one_of("currency", given, [*reporting, NATIVE], default=reporting[0]),
        rates=_rates(given.get("rates", SPOT)),
        tree=_tree(given.get("tree", "then")),
        book=_one_of("book", given, BOOKS, default="prime"),
        revenue_kind=_one_of("revenue_kind", given, REVENUE_KINDS, default="recognised"),
        as_of=as_of,
        structure=_one_of("structure", given, Structure.values, default=Structure.LEGAL),
        chosen=tuple(given.items()),
    )


def _fiscal_year_start(day: dt.date) -> int:
    month = months.month_of(day)
    return month - (month % 12 - (fiscal_start_month() - 1)) % 12


def _check_range(first: int, last: int) -> None:
    if first > last:
        raise LensError(_("The first month lies after the last."), field="from")
    if first < _FIRST_MONTH or last > _LAST_MONTH:
        known = f"{months.label(_FIRST_MONTH)} … {months.label(_LAST_MONTH)}"
        raise LensError(_("Months run from %(known)s.") % {"known": known}, field="to")
    if last - first >= _MOST_MONTHS:
        raise LensError(_("At most %(most)d months at a time.") % {"most": _MOST_MONTHS}, field="from")


def _one_of(name: str, given: Mapping[str, str], known: object, *, default: str) -> str:
    codes = list(known)  # type: ignore[call-overload]  # any iterable of codes
    found = given.get(name, default)
    if found not in codes:
        raise LensError(
            _("“%(wrong)s” is not offered. There are: %(known)s.") % {"wrong": found, "known": ", ".join(codes)},
            field=name,
        )
    return found


def _rates(text: str) -> str:
    """Spot and constant need no look at the sets there are."""
    return text if text in (SPOT, CONSTANT) else _one_of("rates", {"rates": text}, rates_on_offer(), default=SPOT)


def _tree(text: str) -> str | dt.date:
    return text if text in ("then", "now") else _day("tree", text)


def _day(name: str, text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a calendar day has no time zone
    except ValueError as error:
        known = _("then, now or a date such as 2024-01-31") if name == "tree" else _("a date such as 2024-01-31")
        raise LensError(_("“%(wrong)s” is not %(known)s.") % {"wrong": text, "known": known}, field=name) from error


def _month(name: str, text: str) -> int:
    try:
        return months.parse(text)
    except ValueError as error:
        message = _("“%(wrong)s” is not a month such as 2024-01.") % {"wrong": text}
        raise LensError(message, field=name) from error
