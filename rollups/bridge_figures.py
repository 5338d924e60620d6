"""Bridges of regions, accounts and units: from the revenue of an earlier period to that of a later one.

Both periods' rows are climbed by their months' own trees, as in any figure, and by one tree, that of the later period's last
day; `rollups.bridge` subtracts. Nothing is read again for the parts of a node.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import UNALLOCATED, Account
from core import months
from core.snapshots import one_snapshot
from money.models import SPOT
from money.queries import reporting_currencies
from regions.queries import region_names, region_tree
from rollups.account_figures import Units, structures_of, unit_id, unit_named, units_of, visible_account
from rollups.bridge import LEAST, MOST, USUAL, Bridge, BridgeFigure, BridgePart, Side, bridge
from rollups.bridge_reading import Book, PeriodRows, book_of_account, book_of_countries, book_of_country, read_periods
from rollups.figures import ScopeOf, Unpriced
from rollups.framing import Frame, frame_for
from rollups.lens import Lens, LensError
from rollups.measures import NO_UNIT
from rollups.region_figures import Geography, Place, country_name, is_country, is_restricted, region_id
from rollups.tally import climb
from users.models import User

PlaceOf = Callable[[Hashable, int], Hashable | None]
_WHOLE = object()


def region_bridge(*, viewer: User, code: str, lens: Lens, k: int = USUAL) -> BridgeFigure:
    """The bridge of one region, or of `unallocated`, to the months of `lens` from those `k` months before."""
    span = _span(lens, k)
    with one_snapshot():
        grounds, frame = _grounds(span), frame_for(viewer, lens)
        region = region_id(grounds.then, code)
        climbed = _climbed(
            book_of_countries(frame.sight),
            frame,
            span,
            lambda country, month: grounds.then.child_of(region, country, month),
            lambda country, month: grounds.tree.child_of(region, country, month),
        )
    code, name = grounds.then.names[region] if region is not None else (UNALLOCATED, _("Unallocated"))
    parts = sorted((_region_part(grounds.then, *item) for item in climbed.parts()), key=lambda p: (p.type, p.code))
    return climbed.figure(
        ScopeOf("region", code, name),
        sorted(parts, key=lambda part: part.type != "region"),
        restricted=any(is_restricted(where, frame, region) for where in grounds.read),
    )


def country_bridge(*, viewer: User, code: str, country: str, lens: Lens, k: int = USUAL) -> BridgeFigure:
    """The bridge of what a region, or `unallocated`, has from a country that is a direct child. Its parts are accounts.
    Http404 for what is no country; one that stands there in no month gives nothing."""
    if not is_country(country):
        raise Http404(country)
    span = _span(lens, k)
    with one_snapshot():
        grounds, frame = _grounds(span), frame_for(viewer, lens)
        region, here = region_id(grounds.then, code), Place(None, country)
        months_here = [
            m for where in grounds.read for m in where.lens.months if where.child_of(region, country, m) == here
        ]
        climbed = _climbed(
            book_of_country(frame.sight, country),
            frame,
            span,
            lambda account, month: account if grounds.then.child_of(region, country, month) == here else None,
            lambda account, month: account if grounds.tree.child_of(region, country, month) == here else None,
        )
        parts = _account_parts(climbed)
    return climbed.figure(
        ScopeOf("country", country, country_name(country)),
        parts,
        restricted=any(not frame.sight.sees(country, month) for month in months_here),
    )


def _account_parts(climbed: _Climbed) -> list[BridgePart]:
    found: dict[Any, Bridge] = dict(climbed.parts())
    names = Account.objects.filter(pk__in=found).order_by("code").values_list("pk", "code", "name")
    return [BridgePart("account", code, name, found[pk]) for pk, code, name in names]


def world_bridge(*, viewer: User, lens: Lens, k: int = USUAL) -> BridgeFigure:
    """The bridge of all facts in sight. Its parts are the roots and `unallocated`; structure is nothing over all of them."""
    span = _span(lens, k)
    with one_snapshot():
        grounds, frame = _grounds(span), frame_for(viewer, lens)
        climbed = _climbed(book_of_countries(frame.sight), frame, span, _root_of(grounds.then), _root_of(grounds.tree))
    names = grounds.then.names
    roots = [
        BridgePart("region", *(names[key.region] if key.region is not None else (UNALLOCATED, _("Unallocated"))), found)
        for key, found in climbed.parts()
        if isinstance(key, Place)
    ]
    return climbed.figure(
        ScopeOf("world", "", _("World")),
        sorted(roots, key=lambda part: (part.code == UNALLOCATED, part.code)),
        restricted=not frame.sight.is_everything,
    )


def account_bridge(*, viewer: User, code: str, lens: Lens, k: int = USUAL) -> BridgeFigure:
    """The bridge of one account. Its parts are the units without a parent, and `unallocated`."""
    return _account_bridge(viewer, code, None, lens, k)


def org_unit_bridge(*, viewer: User, account: str, code: str, lens: Lens, k: int = USUAL) -> BridgeFigure:
    """The bridge of one unit with all below it, or of `unallocated`: the account's facts without a unit."""
    return _account_bridge(viewer, account, code, lens, k)


def _account_bridge(viewer: User, code: str, unit_code: str | None, lens: Lens, k: int) -> BridgeFigure:
    span = _span(lens, k)
    account = visible_account(viewer, code)
    with one_snapshot():
        frame = frame_for(viewer, lens)
        units = units_of([account.pk])[account.pk]
        then = structures_of([account.pk], span.later)[account.pk]
        tree = structures_of([account.pk], span.still)[account.pk]
        unit = None if unit_code is None else NO_UNIT if unit_code == UNALLOCATED else unit_id(units, unit_code)
        climbed = _climbed(
            book_of_account(frame.sight, account.pk),
            frame,
            span,
            then.top_of if unit is None else lambda place, month: then.child_of(unit, place, month),
            tree.top_of if unit is None else lambda place, month: tree.child_of(unit, place, month),
        )
    own = None if unit is None else climbed.take(unit)
    scope = (
        ScopeOf("account", account.code, account.name)
        if unit is None
        else ScopeOf("org_unit", *unit_named(units, unit))
    )
    parts = sorted(
        (_unit_part(units, *item) for item in climbed.parts()), key=lambda p: (p.code == UNALLOCATED, p.code)
    )
    return climbed.figure(scope, parts, restricted=not frame.sight.sees_whole(account.pk), own=own)


@dataclass(frozen=True)
class _Span:
    """The two periods of a bridge and the tree held still between them."""

    later: Lens
    earlier: Lens
    k: int

    @property
    def tree_day(self) -> dt.date:
        return months.last_day(self.later.last)

    @property
    def still(self) -> Lens:
        return replace(self.later, tree=self.tree_day)


def _span(lens: Lens, k: int) -> _Span:
    """LensError for what has no bridge: the definition fixes rates, tree and book, and differences need one currency."""
    if lens.is_native:
        text = _("A bridge adds up differences, which needs one currency. There are: %(known)s.")
        raise LensError(text % {"known": ", ".join(reporting_currencies())}, field="currency")
    if lens.rates != SPOT:
        text = _("A bridge begins and ends at revenue as reported and fixes all rates between: only spot fits.")
        raise LensError(text, field="rates")
    if lens.tree != "then":
        text = _("A bridge shows what moved by itself and fixes the trees it compares: only then fits.")
        raise LensError(text, field="tree")
    if lens.book != "prime":
        raise LensError(_("Revenue has no owner, so only the prime book holds it."), field="book")
    if not LEAST <= k <= MOST:
        text = _("The two periods lie %(least)d to %(most)d whole months apart.")
        raise LensError(text % {"least": LEAST, "most": MOST}, field="k")
    if lens.first - k < months.FIRST:
        raise LensError(_("The earlier months lie before the calendar."), field="k")
    return _Span(lens, lens.over(lens.first - k, lens.last - k), k)


@dataclass(frozen=True)
class _Grounds:
    """The region tree of each month's own last day and the one held still; `read` are they under the lens of each period."""

    then: Geography
    tree: Geography
    read: tuple[Geography, ...]


def _grounds(span: _Span) -> _Grounds:
    tree, names = region_tree(), region_names()
    earlier_still = replace(span.earlier, tree=span.tree_day)
    then, before, still, before_still = (
        Geography(tree, lens, names) for lens in (span.later, span.earlier, span.still, earlier_still)
    )
    return _Grounds(then, still, (then, before, still, before_still))


def _root_of(where: Geography) -> PlaceOf:
    def root(country: Hashable, month: int) -> Place:
        path = where.path(country, month)
        return Place(path[-1] if path else None)

    return root


@dataclass
class _Climbed:
    """The sides of a node and of its children, before they have names."""

    frame: Frame
    span: _Span
    sides: dict[object, tuple[Side, Side]]
    unpriced: tuple[Unpriced, Unpriced]
    run: int

    def _bridge(self, key: object) -> Bridge:
        return bridge(*self.sides.get(key, (Side(), Side())), self.frame.shape.exponents[self.frame.lens.currency])

    def parts(self) -> Iterable[tuple[object, Bridge]]:
        return [(key, self._bridge(key)) for key in self.sides if key is not _WHOLE]

    def take(self, key: object) -> Bridge:
        """The bridge of a key, which is no part afterwards."""
        found = self._bridge(key)
        self.sides.pop(key, None)
        return found

    def figure(
        self, scope: ScopeOf, parts: Iterable[BridgePart], *, restricted: bool, own: Bridge | None = None
    ) -> BridgeFigure:
        return BridgeFigure(
            scope=scope,
            lens=self.span.later,
            earlier=self.span.earlier,
            k=self.span.k,
            tree_day=self.span.tree_day,
            computed_at=self.frame.computed_at,
            run=max(self.run, self.frame.source.standing.run or 0) or None,
            fresh=self.frame.is_fresh,
            restricted=restricted,
            bridge=self._bridge(_WHOLE),
            unpriced=self.unpriced,
            own=own,
            parts=tuple(parts),
        )


def _climbed(book: Book, frame: Frame, span: _Span, then: PlaceOf, tree: PlaceOf) -> _Climbed:
    as_of = frame.source.standing.as_of or span.later.as_of
    periods = read_periods(book, replace(span.later, as_of=as_of), span.k)
    found = [_sides(rows, then, tree) for rows in periods]
    keys = {key: None for sides in found for key in sides}
    reported = [climb(rows.spot, (), then).total for rows in periods]
    before, after = (frame.shape.unpriced(total)["revenue"] for total in reported)
    return _Climbed(
        frame,
        span,
        {key: (found[0].get(key, Side()), found[1].get(key, Side())) for key in keys},
        (before, after),
        max(total.run for total in reported),
    )


def _sides(rows: PeriodRows, then: PlaceOf, tree: PlaceOf) -> Mapping[object, Side]:
    sides: dict[object, Side] = defaultdict(Side)
    for name, held, place_of in (
        ("then", rows.spot, then),
        ("tree", rows.spot, tree),
        ("steady", rows.steady, tree),
        ("unmatched", rows.unmatched, tree),
    ):
        node = climb(held, (), place_of)
        for key, tally in [(_WHOLE, node.total), *node.children.items()]:
            sides[key] += Side(**{name: sum(tally.money.values())})
    return sides


def _region_part(where: Geography, key: object, found: Bridge) -> BridgePart:
    assert isinstance(key, Place)  # what child_of named
    if key.region is not None:
        return BridgePart("region", *where.names[key.region], found)
    return BridgePart("country", key.country, country_name(key.country), found)


def _unit_part(units: Units, key: object, found: Bridge) -> BridgePart:
    assert isinstance(key, int)  # a unit's id
    return BridgePart("org_unit", *unit_named(units, key), found)
