"""Why a play is offered on a deal, in words, one for each thing that decides its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import BuyingRole
from core import formats
from pipeline.enablement_circle import Person
from pipeline.enablement_queries import Offer

_NAMED = 2


def reasons(offer: Offer) -> list[str]:
    """Stage, buying role, language, and what else is stated, in the order in which they count."""
    return [text for text in (_stage(offer), _role(offer), _language(offer), *_rest(offer)) if text]


def _stage(offer: Offer) -> str:
    return _("for the stage of this deal") if offer.is_for_stage else _("for any stage")


def role_words(roles: Collection[str]) -> str:
    """Buying roles by name, in their order."""
    return ", ".join(str(BuyingRole(role).label) for role in BuyingRole.values if role in roles)


def language_words(codes: Sequence[str]) -> str:
    """Languages by name, as they are listed."""
    return ", ".join(formats.language_name(code) for code in codes)


def _people(people: Sequence[Person]) -> str:
    names = ", ".join(person.name for person in people[:_NAMED])
    more = len(people) - _NAMED
    return (
        names
        if more <= 0
        else ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
        % {
            "names": names,
            "n": more,
        }
    )


def _role(offer: Offer) -> str:
    roles = offer.play.buying_roles
    if not roles:
        return _("for any buying role")
    people = offer.circle.with_role(roles)
    if people:
        met = role_words({role for person in people for role in person.roles & set(roles)})
        return _("%(roles)s: %(people)s") % {"roles": met, "people": _people(people)}
    return _("%(roles)s: nobody known here") % {"roles": role_words(roles)}


def _language(offer: Offer) -> str:
    codes, circle = offer.play.languages, offer.circle
    if not codes:
        return ""
    words = language_words(codes)
    if people := circle.speaking(codes):
        met = language_words([code for code in codes if any(code in person.languages for person in people)])
        return _("in %(languages)s, spoken by %(people)s") % {"languages": met, "people": _people(people)}
    if offer.language_rank == 2:
        met = language_words([code for code in codes if code in circle.languages_here])
        return _("in %(languages)s, spoken where the deal is") % {"languages": met}
    if offer.language_rank == 1:
        met = language_words([code for code in codes if code in circle.member_languages])
        return _("in %(languages)s, which %(member)s works in") % {"languages": met, "member": circle.member}
    return _("in %(languages)s, which nobody here is known to speak") % {"languages": words}


def _rest(offer: Offer) -> list[str]:
    play = offer.play
    place = str(play.region.name) if play.region else formats.country(str(play.country)) if play.country else ""
    return [
        _("about %(product)s") % {"product": play.product} if play.product else "",
        _("made for %(place)s") % {"place": place} if place else "",
        _("industry %(industry)s") % {"industry": play.industry} if play.industry else "",
    ]
