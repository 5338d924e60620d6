"""Which country a list means: codes of two or three letters, names in several languages, and places within a country.

Lists of subsidiaries say "DE", "DEU", "Germany", "Allemagne", "Delaware" and "Wuxi, China". What can't be told stays unknown:
an unknown country never makes a pair certain.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import holidays
from babel import Locale
from django_countries import countries

_LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "it", "ar", "ja", "zh", "ko", "ru", "el")
_ALSO: Final = {
    "usa": "US", "u s a": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "korea": "KR", "republic of korea": "KR", "the netherlands": "NL", "holland": "NL", "czech republic": "CZ",
    "slovak republic": "SK", "peoples republic of china": "CN", "prc": "CN", "russian federation": "RU", "uae": "AE",
    "turkey": "TR", "viet nam": "VN", "hong kong": "HK", "hong kong s a r china": "HK", "macau": "MO", "ivory coast": "CI", "brasil": "BR",
}  # fmt: skip


def country_of(text: str) -> str:
    """The ISO 3166-1 alpha-2 code that a text means, or "" where it can't be told."""
    text = text.strip()
    if re.fullmatch(r"[A-Za-z]{2,3}", text):
        code = str(countries.alpha2(text.upper()))
        if code:
            return code
    known = _names()
    parts = [text, text.rpartition(",")[2], text.rpartition(" ")[2], text.partition(",")[0]]
    return next((known[plain] for part in parts if (plain := _plain(part)) in known), "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    # A state of the United States comes last: Georgia is a country first.
    found = {_plain(state): "US" for state in holidays.country_holidays("US").subdivisions_aliases}
    known = {code for code, _name in countries}
    for language in reversed(_LANGUAGES):
        territories = Locale(language).territories
        found.update({_plain(name): code for code, name in territories.items() if code in known})
    return {**found, **_ALSO}


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())
