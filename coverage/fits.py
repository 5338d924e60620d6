"""How well members fit units on a day: a shared language at B2 or better, and at least two common working hours. Pure.

Nothing is guessed: without a language, or where the zones that a country has would answer differently, the answer is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.languages import get_official_languages

from core.languages import CEFR
from coverage.slots import Fit, Fits

#: The least level at which a language counts as shared, and the least common working time in minutes.
LEAST_LEVEL: Final = "B2"
LEAST_MINUTES: Final = 120
WORKING: Final = (9 * 60, 17 * 60)
_DAY: Final = 24 * 60


@dataclass(frozen=True)
class Person:
    """A member: languages such as `en:C2`, the zones she may be in (one when it is known), working minutes of a day."""

    languages: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    hours: tuple[int, int] = WORKING


@dataclass(frozen=True)
class Place:
    """A unit: its own languages, else the official ones of its country; its zone, else those of its country."""

    languages: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


def languages_of(own: Iterable[str], country: str) -> tuple[str, ...]:
    """The languages of a unit: its own, else the official ones of its country; empty when neither is known."""
    return tuple(own) or (get_official_languages(country, de_facto=True) if country else ())


def zones_of(own: str, country: str) -> tuple[str, ...]:
    """The zone of a unit or member, else every zone of its country; empty when neither is known."""
    if own:
        return (own,) if own in _known_zones() else ()
    return tuple(sorted(_known_zones().intersection(get_global("territory_zones").get(country, ()))))


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def shares_language(person: Person, place: Place) -> bool | None:
    """None where either has no language, or the one in common has no level."""
    if not person.languages or not place.languages:
        return None
    wanted = {code.partition("-")[0] for code in place.languages}
    spoken = [entry.partition(":") for entry in person.languages]
    levels = [level for code, _colon, level in spoken if code.partition("-")[0] in wanted]
    if any(level and CEFR.index(level) >= CEFR.index(LEAST_LEVEL) for level in levels):
        return True
    return None if "" in levels else False


def shares_hours(person: Person, place: Place, on: dt.date) -> bool | None:
    """None where a zone is unknown, or where the zones in question answer differently."""
    answers = {
        _common_minutes(one, person.hours, other, on) >= LEAST_MINUTES
        for one, other in product(person.zones, place.zones)
    }
    return answers.pop() if len(answers) == 1 else None


def _common_minutes(zone: str, hours: tuple[int, int], other: str, on: dt.date) -> int:
    """Common minutes of a working day of each; the day decides how far the zones lie apart, and nothing else."""
    apart = (_offset(zone, on) - _offset(other, on)) % _DAY
    start, end = hours
    spans = [(start - apart + turn, end - apart + turn) for turn in (0, _DAY)]
    return sum(max(0, min(last, WORKING[1]) - max(first, WORKING[0])) for first, last in spans)


def _offset(zone: str, on: dt.date) -> int:
    noon = dt.datetime.combine(on, dt.time(12), ZoneInfo(zone))
    offset = noon.utcoffset()
    assert offset is not None
    return round(offset.total_seconds() / 60)


def fits_on(on: dt.date, people: Mapping[int, Person], places: Mapping[int, Place]) -> Fits:
    """The fit of any of `people` with any of `places`; many units share a country, so that each answer is found once."""
    known: dict[tuple[Person, Place], Fit] = {}

    def fit(member: int, unit: int) -> Fit:
        pair = (people[member], places[unit])
        found = known.get(pair)
        if found is None:
            found = known[pair] = Fit(shares_language(*pair), shares_hours(*pair, on))
        return found

    return fit
