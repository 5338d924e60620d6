"""The alignment of a region, of a country in it, or of the world: of the units that lie there on the business date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import Http404

from accounts.access import scope_of, tree_for
from core import months
from core.snapshots import one_snapshot
from coverage.stated import Stated
from coverage.weighing import alignment_in
from regions.queries import region_names
from users.models import User
from workspace.ground import UNALLOCATED, Ground


@dataclass(frozen=True)
class _Countries:
    """The countries of a node on a day, as a container."""

    ground: Ground
    on: dt.date

    def __contains__(self, country: object) -> bool:
        return self.ground.holds(str(country), months.month_of(self.on))


def alignment(*, viewer: User, code: str, country: str) -> Stated | None:
    """Of a region by code (empty: the world), or of `country` in it. Http404 when there is no such region;
    None when too many accounts lie there to weigh them for this reader now."""
    on = scope_of(viewer).on
    with one_snapshot():
        ids = {known: pk for pk, (known, _name) in region_names().items()}
        if code not in ("", UNALLOCATED, *ids):
            raise Http404(code)
        is_unallocated = code == UNALLOCATED
        ground = Ground(tree_for(viewer), ids.get(code), on, is_unallocated=is_unallocated, country=country)
        return alignment_in(viewer=viewer, countries=_Countries(ground, on), on=on)
