"""Words for plays: `{% load plays %}`."""

from __future__ import annotations

from django import template

from pipeline.enablement_circle import Person
from pipeline.enablement_models import PlayUse
from pipeline.enablement_queries import Offer, Shelf
from pipeline.enablement_words import reasons

register = template.Library()


@register.filter
def reasons_of(offer: Offer) -> list[str]:
    """Why it is offered."""
    return reasons(offer)


@register.filter
def people_first(offer: Offer) -> list[Person]:
    """Those around the deal, first those whose buying role the play is for."""
    wanted = set(offer.play.buying_roles)
    return sorted(offer.circle.people, key=lambda person: not person.roles & wanted)


@register.filter
def person_of(shelf: Shelf, use: PlayUse) -> str:
    """Whom a use was for, as far as the reader may know people there."""
    return str(use.contact) if use.contact and shelf.sees_people else ""
