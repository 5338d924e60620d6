"""What a search finds: a name, what it is, and where it opens."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

#: Shorter texts match too much to be worth the work.
SHORTEST = 2
#: How many of one kind the box shows, and how many the page of results.
IN_BOX, ON_PAGE = 5, 25


@dataclass(frozen=True)
class Hit:
    """`note` tells two of the same name apart: a country, a customer, a code."""

    name: str
    note: str
    url: str


@dataclass(frozen=True)
class HitGroup:
    """Hits of one kind. `has_more` says that some were left out."""

    kind: str
    label: Promise | str
    icon: str
    hits: tuple[Hit, ...]
    has_more: bool
