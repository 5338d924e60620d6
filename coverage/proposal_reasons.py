"""Why a member is proposed for a slot: kept as codes, said in the language of whoever reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core import formats
from coverage.fits import Person, Place
from coverage.slots import Fit
from teams.overlap import shared_languages

if TYPE_CHECKING:
    from coverage.assignment import Pair
    from coverage.ground import Ground

Reason = list[str]


def codes_of(ground: Ground, pair: Pair) -> list[Reason]:
    """Of a pair that was assigned: its fit is known."""
    account, slot = ground.slots[pair.opening]
    staffing, member = ground.weighings[account].staffing, ground.members[pair.candidate]
    unit = staffing.units[slot.unit]
    person, place = staffing.clocks.person(member), staffing.places[slot.unit]
    found = fit_codes(ground.fits[pair.candidate, pair.opening], person, place)
    if unit.country and member.country.code == unit.country:
        found.append(["country", unit.country])
    return [*found, ["team" if member.pk in ground.teams.get(account, ()) else "joins"]]


def fit_codes(fit: Fit, person: Person, place: Place) -> list[Reason]:
    found: list[Reason] = []
    if fit.shares_language:
        found.append(["speaks", *sorted(shared_languages(person.languages, place.languages) or ())])
    elif fit.shares_language is not None:
        found.append(["no_language"])
    else:
        found.append(["unknown_language"])
    hours = {True: "hours", False: "few_hours", None: "unknown_hours"}
    return [*found, [hours[fit.shares_hours]]]


def words_of(codes: list[Reason]) -> list[str]:
    return [_said(*code) for code in codes]


def _said(code: str, *values: str) -> str:
    match code:
        case "speaks":
            return _("speaks %(languages)s") % {"languages": ", ".join(map(formats.language_name, values))}
        case "country":
            return _("also in %(country)s") % {"country": formats.country(values[0])}
        case "no_language":
            return _("no shared language at B2 or better: half")
        case "unknown_language":
            return _("shared language unknown")
        case "hours":
            return _("2 working hours or more in common")
        case "few_hours":
            return _("fewer than 2 working hours in common: half")
        case "unknown_hours":
            return _("common working hours unknown")
        case "team":
            return _("in the account's team")
        case "joins":
            return _("would join the account's team")
    return code
