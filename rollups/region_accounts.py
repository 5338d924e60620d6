"""The accounts under a region: who brings its figures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from accounts.models import Account
from core.snapshots import one_snapshot
from rollups.figures import AccountFigure, Money
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.reading import deals_of_accounts, rows_by_account
from rollups.region_figures import Geography, geography, region_id
from rollups.tally import Node, climb
from users.models import User


@dataclass(frozen=True)
class Area:
    """Countries in months: those of the `runs` (country, first, last), or with `is_outside` all others. `country` narrows
    it to one."""

    runs: tuple[tuple[str, int, int], ...]
    is_outside: bool
    country: str | None = None

    def condition(self, alias: str) -> str:
        """SQL: whether a cell's country and month lie in the area."""
        inside = (
            "EXISTS (SELECT FROM unnest(%(run_countries)s::text[], %(run_firsts)s::int[], %(run_lasts)s::int[]) "
            f"r (country, first, last) WHERE r.country = {alias}.country AND {alias}.month BETWEEN r.first AND r.last)"
        )
        here = "" if self.country is None else f" AND {alias}.country = %(run_country)s"
        return f"({'NOT ' if self.is_outside else ''}{inside}{here})"

    def given(self) -> dict[str, object]:
        return {
            "run_countries": [run[0] for run in self.runs],
            "run_firsts": [run[1] for run in self.runs],
            "run_lasts": [run[2] for run in self.runs],
            "run_country": self.country,
        }

    def holds(self, country: Hashable, month: int) -> bool:
        if self.country not in (None, country):
            return False
        inside = any(known == country and first <= month <= last for known, first, last in self.runs)
        return inside is not self.is_outside


Place = TypeVar("Place", int, str)


def runs_of(lens: Lens, inside: Callable[[int], Set[Place]]) -> tuple[tuple[Place, int, int], ...]:
    """The longest runs of months of the lens in which each place is `inside` (month), as place, first, last."""
    runs: list[tuple[Place, int, int]] = []
    since: dict[Place, int] = {}
    nothing: Set[Place] = set()
    for month in [*lens.months, lens.last + 1]:
        here = inside(month) if month <= lens.last else nothing
        runs.extend((ended, since.pop(ended), month - 1) for ended in sorted(since.keys() - here))
        since.update(dict.fromkeys(here - since.keys(), month))
    return tuple(runs)


def area_of(where: Geography, code: str | None, country: str | None = None) -> Area:
    """The area of a region under a lens; None is everything, `unallocated` what lies in no region."""
    if code is None:
        return Area((), is_outside=True, country=country)
    region = region_id(where, code)
    runs = runs_of(where.lens, lambda month: where.countries_of(region, month))
    return Area(runs, is_outside=region is None, country=country)


def region_accounts(
    *, viewer: User, code: str | None, lens: Lens, country: str | None = None, measure: str = "revenue"
) -> list[AccountFigure]:
    """Accounts with figures under a region (None: everywhere), or under one of its countries, each with its part of the
    region; the largest `measure` first. In money they add up to the region."""
    with one_snapshot():
        area, frame = area_of(geography(lens), code, country), frame_for(viewer, lens)
        nodes = _nodes(frame, area)
        names = {pk: (c, n) for pk, c, n in Account.objects.filter(pk__in=nodes).values_list("pk", "code", "name")}
    found = [
        AccountFigure(pk, *names[pk], frame.shape.measures(node.total), frame.shape.unpriced(node.total))
        for pk, node in nodes.items()
        if pk in names and node.children
    ]
    return sorted(found, key=lambda row: (-_size(getattr(row.measures, measure)), row.code))


def _size(money: Money | None) -> Decimal:
    """What rows are ranked by: native amounts of several currencies have no order, and the overlay book has no revenue."""
    return money if isinstance(money, Decimal) else Decimal(0)


def _nodes(frame: Frame, area: Area) -> dict[int, Node]:
    rows = rows_by_account(frame.source, frame.sight, area.condition("a"), area.given())
    deals = deals_of_accounts(frame.source, frame.sight, None, by_country=True)

    def place_of(place: Hashable, month: int) -> Hashable | None:
        # Rows by account are of the area already; deals name their countries.
        return "here" if isinstance(place, int) or area.holds(place, month) else None

    return {account: climb(rows.get(account, ()), deals.get(account, ()), place_of) for account in {*rows, *deals}}
