"""What the world's tables say of a country: its week-end, its official languages, its time zones (data/SOURCE.txt).

Pure: no tables of ours and no clock. What an administrator decides otherwise is laid over it in `calendars`.
"""

from __future__ import annotations

import json
import zoneinfo
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Standard:
    """Of one country: days that are not worked, official languages (the most spoken first), and every time zone."""

    weekend: frozenset[str]
    languages: tuple[str, ...]
    zones: tuple[str, ...]


@lru_cache(maxsize=1)
def _table() -> dict[str, Standard]:
    rows = json.loads((Path(__file__).parent / "data" / "countries.json").read_text(encoding="utf-8"))
    known = zoneinfo.available_timezones()
    return {
        country: Standard(
            weekend=frozenset(row["weekend"]),
            languages=tuple(row["languages"]),
            zones=tuple(zone for zone in row["zones"] if zone in known),
        )
        for country, row in rows.items()
    }


def standard_of(country: str) -> Standard | None:
    """What the tables say of an ISO 3166-1 alpha-2 code; None for what is none."""
    return _table().get(country)


def countries() -> tuple[str, ...]:
    """Every country of the tables, by code."""
    return tuple(_table())


def official_languages(country: str) -> tuple[str, ...]:
    """Languages that are official in a country by law or in fact, the most spoken first; empty when none is known."""
    found = standard_of(country)
    return found.languages if found else ()


def zones_of(country: str) -> tuple[str, ...]:
    """Every time zone of a country; empty when none is known."""
    found = standard_of(country)
    return found.zones if found else ()
