"""The navigation's shape: groups of places by the reader's work. What stands in it is assembled at the roof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry. `url` is a URL name; `allowed` decides for a user; `under` are further namespaces that light it."""

    label: Promise
    url: str
    icon: str
    allowed: Callable[[Any], bool] | None = None
    under: tuple[str, ...] = ()
    on_phone: bool = False


@dataclass(frozen=True)
class Group:
    label: Promise
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Entry:
    """A place as one reader sees it."""

    label: Promise
    url: str
    icon: str
    is_current: bool
    on_phone: bool


def entries(request: HttpRequest, groups: Iterable[Group]) -> list[tuple[Promise, list[Entry]]]:
    """The groups a reader may open, each with its entries; a group of none is left out."""
    found = [(group.label, [entry for place in group.places if (entry := _entry(request, place))]) for group in groups]
    return [(label, places) for label, places in found if places]


def _entry(request: HttpRequest, place: Place) -> Entry | None:
    if place.allowed is not None and not place.allowed(request.user):
        return None
    try:
        url = reverse(place.url)
    except NoReverseMatch:
        return None
    return Entry(place.label, url, place.icon, _is_current(request, place, url), place.on_phone)


def _is_current(request: HttpRequest, place: Place, url: str) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    if match.view_name == place.url:
        return True
    namespaces = {name.split(":")[0] for name in place.under}
    return bool(namespaces & set(match.namespaces)) or (url != "/" and request.path.startswith(url))
