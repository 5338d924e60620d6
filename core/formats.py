"""How figures, dates and names are written for a reader, by the language in force.

Unknown is said to be unknown and none is a dash: neither is ever written as 0.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from copy import copy
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import NumberPattern, format_compact_decimal
from django.utils import timezone
from django.utils.translation import get_language, gettext

from core.weekdays import WEEKDAYS, runs

NONE_SIGN: Final = "–"
MINUS: Final = "−"

# The short forms of English are set apart from the figure: 12.3 m, not 12.3M.
_ENGLISH_SCALES: Final = {"K": " k", "M": " m", "B": " bn", "T": " tn"}
_PREFERRED: Final = {"en": "en_GB", "zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}


_COMMAS: Final = {"ar": "، ", "fa": "، ", "ur": "، ", "ja": "、", "zh": "，"}  # noqa: RUF001  those of their scripts


class Unknown:
    """A figure that exists but that nobody has told us."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return gettext("unknown")


class NotShown(Unknown):
    """A figure that exists but is not for this reader: she is told so, and is told nothing of it."""

    def __str__(self) -> str:
        return gettext("not shown")


UNKNOWN: Final = Unknown()
NOT_SHOWN: Final = NotShown()

Figure = Decimal | Fraction | int | float | str


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(_PREFERRED.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def locale() -> Locale:
    """The locale of the language in force; plain English is written the British way (30 October 2026)."""
    return _locale_of(get_language() or "en")


def exact(value: Figure) -> Decimal:
    """`value` as a decimal, without passing through binary floating point where it did not come from there."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return value if isinstance(value, Decimal) else Decimal(str(value))


def decimals_of(value: Decimal) -> int:
    """How many decimals `value` itself carries: money from the roll-ups carries its currency's own number."""
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


@lru_cache(maxsize=256)
def _pattern(here: Locale, kind: str, decimals: int) -> NumberPattern:
    """The locale's own pattern with a fixed number of decimals."""
    formats: dict[str | None, NumberPattern] = getattr(here, f"{kind}_formats")
    pattern = copy(formats[None])
    pattern.frac_prec = (decimals, decimals)
    return pattern


def number(value: Figure, *, decimals: int | None = None) -> str:
    """`value` in full with the locale's separators; `decimals` rounds half-even, without it all are kept."""
    amount = exact(value)
    places = decimals_of(amount) if decimals is None else decimals
    here = locale()
    return str(_pattern(here, "decimal", places).apply(amount, here, numbering_system="latn")).replace("-", MINUS)


def split_decimals(text: str) -> tuple[str, str]:
    """A written number in its whole part and its decimals with their sign: ("1,234", ".50")."""
    sign: str = locale().number_symbols["latn"]["decimal"]
    whole, found, rest = text.rpartition(sign)
    return (whole, found + rest) if found else (text, "")


_LAST_DIGIT = re.compile(r"\d(?=\D*$)")


def short(value: Figure) -> str:
    """`value` in three or four figures (12.3 m). Only for tiles and marks, with the full form beside it."""
    amount = exact(value)
    if abs(amount) < 1000:
        return number(amount, decimals=min(decimals_of(amount), 1) if amount else 0)
    here = locale()
    text = format_compact_decimal(amount, locale=here, fraction_digits=1, numbering_system="latn")
    sign: str = here.number_symbols["latn"]["decimal"]
    if sign not in text and any(letter.isalpha() for letter in text):
        # Always one decimal, so that 88.0 m beside 42.7 m is read as exact to the same place.
        text = _LAST_DIGIT.sub(lambda digit: f"{digit[0]}{sign}0", text)
    if here.language == "en" and text[-1:] in _ENGLISH_SCALES:
        text = text[:-1] + _ENGLISH_SCALES[text[-1]]
    return text.replace("-", MINUS)


def percent(value: Figure, *, decimals: int = 1, signed: bool = False) -> str:
    """A share given as 0 to 1, written in percent by locale; `signed` puts a plus before growth."""
    here = locale()
    ratio = exact(value)
    text = str(_pattern(here, "percent", decimals).apply(ratio, here, numbering_system="latn")).replace("-", MINUS)
    return f"+{text}" if signed and ratio > 0 else text


def day(value: dt.date, *, style: str = "medium") -> str:
    """A date written out: 30 Oct 2026 (`medium`) or 30 October 2026 (`long`)."""
    moment = timezone.localtime(value).date() if isinstance(value, dt.datetime) and timezone.is_aware(value) else value
    if style == "medium":
        # Not CLDR's own medium: in many languages that is figures only.
        return str(format_skeleton("yMMMd", dt.datetime.combine(moment, dt.time(), dt.UTC), locale=locale()))
    return str(format_date(moment, format=style, locale=locale()))


def weekday(code: str, *, style: str = "wide") -> str:
    """The name of a day of the week by its code (`mon`): Monday (`wide`) or Mon (`abbreviated`)."""
    names: Any = locale().days["stand-alone"][style]
    return str(names[WEEKDAYS.index(code)])


def weekdays(codes: Collection[str]) -> str:
    """Days of the week in short: Mon–Fri, or Mon–Wed, Sat."""
    spans = [[weekday(day, style="abbreviated") for day in run] for run in runs(codes)]
    return ", ".join("–".join((span[0], span[-1])) if len(span) > 2 else ", ".join(span) for span in spans)


def time_of_day(value: dt.time) -> str:
    """A time of the clock in the form of the language in force: 14:05."""
    return str(format_time(value, format="short", locale=locale()))


def month(value: dt.date) -> str:
    """A month with its year: Oct 2026."""
    return str(format_skeleton("yMMM", dt.datetime(value.year, value.month, 1, tzinfo=dt.UTC), locale=locale()))


def instant(value: dt.datetime) -> str:
    """A moment in the reader's time zone, written out: 30 Oct 2026, 14:05."""
    local = timezone.localtime(value)
    return f"{day(local)}, {format_time(local.replace(tzinfo=None), format='short', locale=locale())}"


def country(code: str | None) -> str:
    """The name of an ISO 3166-1 alpha-2 country in the language in force; ZZ is a fact without a country."""
    if not code:
        return NONE_SIGN
    if code == "ZZ":
        return gettext("No country")
    return str(locale().territories.get(code, code))


def place(city: str, country_code: str | None) -> str:
    """A city and its country as an address ends: the city, then the country in the reader's language, told apart by the
    reader's own comma. A state that is its city is named once."""
    where = country(country_code) if country_code else ""
    if not city or city.casefold() in {where.casefold(), _english_country(country_code)}:
        return where or city or NONE_SIGN
    comma = _COMMAS.get(locale().language, ", ")
    return f"\u2068{city}\u2069{comma}{where}" if where else city


@lru_cache(maxsize=512)
def _english_country(code: str | None) -> str:
    return str(Locale("en").territories.get(code or "", "")).casefold()


def language_name(code: str) -> str:
    """The name of a language in the language in force."""
    base = code.replace("-", "_")
    return str(locale().languages.get(base, locale().languages.get(base.split("_", 1)[0], code)))
