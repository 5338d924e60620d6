"""A bridge as pages ask for it: which whole months are compared, how far apart, and what the difference looks like.

Pure: no ORM and no clock; the business date comes with the lens. A page never compares a part of a period with a whole
one: of a period under way it takes the whole months that have passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats, months
from core.sentences import Choice, Input, Sentence
from rollups.bridge import DIFFERENCES, LEAST, MOST, USUAL, Bridge
from workspace import lenses, periods
from workspace.lenses import THEN, PageLens
from workspace.periods import Period

YEAR = periods.YEAR


@dataclass(frozen=True)
class Asked:
    """A page's bridge: `later` are the months compared, None while none of the period has passed."""

    lens: PageLens
    k: int
    later: Period | None
    refused: tuple[str, ...]

    @property
    def earlier(self) -> Period | None:
        return self.later.shifted(-self.k) if self.later else None

    @property
    def parameters(self) -> dict[str, str]:
        """For the roll-ups: the months compared, in one currency, as reported."""
        assert self.later is not None, "nothing is read of what has not passed"
        return {
            "from": months.label(self.later.first),
            "to": months.label(self.later.last),
            "currency": self.lens.currency,
            "revenue_kind": self.lens.revenue_kind,
        }

    @property
    def query(self) -> str:
        """What a link to another bridge keeps."""
        return urlencode({**self.lens.params, "k": self.k})

    @property
    def partial_words(self) -> str:
        """Why other months are compared than those of the period; nothing where they are the same."""
        if self.later is None or self.later == self.lens.period:
            return ""
        count = self.later.length
        return ngettext(
            "%(period)s is under way: only its whole month that has passed, %(later)s, is compared with %(earlier)s.",
            "%(period)s is under way: only its %(count)d whole months that have passed, %(later)s, are compared with %(earlier)s.",
            count,
        ) % {
            "period": self.lens.period_words,
            "count": count,
            "later": span_words(self.later),
            "earlier": span_words(self.later.shifted(-self.k)),
        }


def asked(lens: PageLens, query: Mapping[str, str]) -> Asked:
    """The bridge that an address asks for. What can't be is said in `refused`, and the usual stands in for it."""
    refused = list(lens.refused)
    currency = lens.currency
    if lens.is_native:
        currency = lens.frame.currencies[0]
        refused.append(
            _("A bridge adds up differences, which needs one currency: it is stated in %(code)s.") % {"code": currency}
        )
    text = query.get("k", "")
    k = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
    if not LEAST <= k <= MOST:
        k = USUAL
        if text:
            words = _("“%(wrong)s” is not a number of whole months from %(least)d to %(most)d.")
            refused.append(words % {"wrong": text, "least": LEAST, "most": MOST})
    stated = replace(lens, currency=currency, tree=THEN)
    return Asked(stated, k, stated.elapsed.whole, tuple(refused))


def span_words(period: Period) -> str:
    """`Jan 2025 – Sep 2025`, or one month."""
    first, last = (formats.month(months.first_day(month)) for month in (period.first, period.last))
    return first if period.length == 1 else f"{first} – {last}"


def sentence(page: Asked) -> Sentence:
    """The bar of choices: "Revenue recognised in EUR, FY 2026, beside the same months a year before"."""
    return lenses.bridge_sentence(page.lens, _apart_choice(page))


def _apart_choice(page: Asked) -> Choice:
    known = {
        YEAR: _("the same months a year before"),
        3: _("the months a quarter before"),
        1: _("the months a month before"),
        2 * YEAR: _("the same months two years before"),
    }
    length = page.lens.period.length
    if LEAST <= length <= MOST and length not in known:
        known[length] = _("the period just before")
    other = ngettext("the months %(n)d month before", "the months %(n)d months before", page.k) % {"n": page.k}
    return Choice(
        param="k",
        label=_("Compared with"),
        value=str(page.k),
        word=known.get(page.k, other),
        options=tuple((str(k), words) for k, words in known.items()),
        inputs=(Input(name="k", label=_("Months before"), value=str(page.k), type="number"),),
    )


def difference_words() -> dict[str, str]:
    return {
        "structure": _("Structure"),
        "organic": _("Organic"),
        "unmatched": _("Unmatched"),
        "fx": _("Exchange rates"),
    }


def meanings() -> list[tuple[str, str]]:
    """What each difference says, beneath the numbers."""
    words = difference_words()
    told = {
        "structure": _("what countries, regions or units brought or took by moving"),
        "organic": _("sold more or less, at the earlier months’ mean rates and by the last day’s structure"),
        "unmatched": _("in a currency that has no mean rate in the earlier months"),
        "fx": _("the same sales are worth more or less because rates moved"),
    }
    return [(words[name], told[name]) for name in DIFFERENCES]


@dataclass(frozen=True)
class Segment:
    """A part of the thin bar, in hundredths of its width; `tone` is `more` or `less`."""

    x: str
    width: str
    tone: str


def segments(bridge: Bridge) -> list[Segment]:
    """The differences as one thin bar: what was lost goes to the left of the middle, what was gained to the right."""
    found: list[Segment] = []
    losses = -sum((a for a in bridge.differences.values() if a < 0), Decimal(0))
    gains = sum((a for a in bridge.differences.values() if a > 0), Decimal(0))
    scale = max(losses, gains)
    left = right = Decimal(50)
    for amount in bridge.differences.values():
        width = abs(amount) / scale * 50 if scale else Decimal(0)
        if amount > 0:
            found.append(_segment(right, width, "more"))
            right += width
        elif amount < 0:
            left -= width
            found.append(_segment(left, width, "less"))
    return found


def _segment(x: Decimal, width: Decimal, tone: str) -> Segment:
    return Segment(f"{x:.2f}", f"{max(width - Decimal('0.6'), Decimal('0.4')):.2f}", tone)
