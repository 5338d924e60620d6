"""Why a slot has the fill that it has, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coverage.alignment import NO_FACTS, UnitFacts
from coverage.slots import Coverer, Slot
from coverage.staffing import Unit


def of_slot(slot: Slot, units: Mapping[int, Unit]) -> list[str]:
    """Where the slot's fill comes from, and what halves it or keeps it from being known."""
    if slot.decisive is None:
        return [_("Nobody covers it in this role.")]
    return [_place(slot.decisive, units), *of_fit(slot.decisive)]


def of_fit(coverer: Coverer) -> list[str]:
    """What is missing between a member and a unit, or is not known."""
    fit, found = coverer.fit, []
    if fit.shares_language is None:
        found.append(_("Unknown: the languages of the member, or of the unit."))
    elif not fit.shares_language:
        found.append(_("No shared language at B2 or better: half."))
    if fit.shares_hours is None:
        found.append(_("Unknown: a time zone, or the zones of the country answer differently."))
    elif not fit.shares_hours:
        found.append(_("Fewer than 2 common working hours: half."))
    return found


def of_value(facts: UnitFacts | None) -> list[str]:
    """What is not in the value of the slot's unit."""
    known, found = facts or NO_FACTS, []
    if known.unknown_potentials:
        words = ngettext(
            "The potential of %(n)d product is unknown and adds nothing to the value.",
            "The potential of %(n)d products is unknown and adds nothing to the value.",
            known.unknown_potentials,
        )
        found.append(words % {"n": known.unknown_potentials})
    if known.unpriced:
        words = ngettext(
            "%(n)d fact has no price and adds nothing to the value.",
            "%(n)d facts have no price and add nothing to the value.",
            known.unpriced,
        )
        found.append(words % {"n": known.unpriced})
    return found


def _place(coverer: Coverer, units: Mapping[int, Unit]) -> str:
    if not coverer.distance:
        return _("Covered on the unit itself.")
    words = ngettext(
        "Inherited from %(unit)s, %(n)d link above: halved once.",
        "Inherited from %(unit)s, %(n)d links above: halved for each.",
        coverer.distance,
    )
    return words % {"unit": units[coverer.unit].code, "n": coverer.distance}
