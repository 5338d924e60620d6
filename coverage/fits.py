"""How well members fit units on a day: a shared language at B2 or better, and at least two common working hours. Pure.

Nothing is guessed: without a language, or where the zones that a country has would answer differently, the answer is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from coverage.slots import Fit, Fits
from teams.overlap import WorkingTime, has_common_minutes, shared_languages

#: The least common working time of a day, in minutes.
LEAST_MINUTES: Final = 120
#: Clocks are compared over the days around one, which the first and last of the calendar do not have.
_FIRST: Final = dt.date(1, 1, 8)
_LAST: Final = dt.date(9999, 12, 24)
NO_TIME: Final = WorkingTime(())


@dataclass(frozen=True)
class Person:
    """A member: languages with their level (`en:C2`; none: unknown), and when she works."""

    languages: tuple[str, ...] = ()
    time: WorkingTime = NO_TIME


@dataclass(frozen=True)
class Place:
    """A unit: its own languages, else the official ones of its country; its zone, else those of its country."""

    languages: frozenset[str] | None = None
    time: WorkingTime = NO_TIME


def fit_of(person: Person, place: Place, on: dt.date) -> Fit:
    """The fit of one member with one unit: weekday and holidays play no part, the day decides the clocks."""
    clocks = min(max(on, _FIRST), _LAST)
    shared = shared_languages(person.languages, place.languages)
    return Fit(
        shares_language=None if shared is None else bool(shared),
        shares_hours=has_common_minutes(place.time, person.time, clocks, LEAST_MINUTES),
    )


def fits_on(on: dt.date, people: Mapping[int, Person], places: Mapping[int, Place]) -> Fits:
    """The fit of any of `people` with any of `places`; many units share a country, so that each answer is found once."""
    known: dict[tuple[Person, Place], Fit] = {}

    def fit(member: int, unit: int) -> Fit:
        pair = (people[member], places[unit])
        found = known.get(pair)
        if found is None:
            found = known[pair] = fit_of(*pair, on)
        return found

    return fit
