"""Figures of accounts and their units. Leaf cells climb the account's structure by its dated links, at reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import UNALLOCATED, Account, OrgLink, OrgUnit
from core.snapshots import one_snapshot
from regions.tree import Edge, RegionTree, Snapshot
from rollups.figures import Child, Figure, ScopeOf
from rollups.framing import Frame, frame_for
from rollups.lens import Lens
from rollups.measures import NO_UNIT
from rollups.reading import deals_of_accounts, rows_of_accounts
from rollups.region_figures import country_name
from rollups.tally import Deals, Node, Row, Tally, climb
from users.models import User

Units = dict[int, tuple[str, str]]  # code and name by id


class StructureOnDays:
    """One account's structure under a lens: each month read on its own last day, or all on one day."""

    def __init__(self, edges: Iterable[Edge], lens: Lens) -> None:
        self._tree = RegionTree(links=tuple(edges), countries=())
        self._lens = lens

    def on(self, month: int) -> Snapshot:
        day = self._lens.tree_day
        return self._tree.on(day) if day else self._tree.at_month_end(month)

    def top_of(self, unit: Hashable, month: int) -> Hashable:
        """The unit without a parent above `unit`; facts without a unit are their own."""
        return self.on(month).path(int(unit))[-1] if unit != NO_UNIT else NO_UNIT  # type: ignore[call-overload]

    def child_of(self, node: int, unit: Hashable, month: int) -> Hashable | None:
        """The direct child of `node` that holds `unit`, `node` itself for its own facts, None outside it."""
        path = self.on(month).path(int(unit)) if unit != NO_UNIT else [NO_UNIT]  # type: ignore[call-overload]
        if node not in path:
            return None
        at = path.index(node)
        return path[at - 1] if at else node


def account_figures(*, viewer: User, code: str, lens: Lens) -> Figure:
    """The figure of one account. Its children are the units without a parent, and `unallocated`."""
    account = visible_account(viewer, code)
    return _figures_of([account], viewer, lens)[0]


def accounts_list(*, viewer: User, lens: Lens) -> list[Figure]:
    """The figures of every account that the viewer may see, by code, in a fixed number of statements."""
    return _figures_of(list(Account.objects.visible_to(viewer).order_by("code")), viewer, lens)


def visible_account(viewer: User, code: str) -> Account:
    # A code from an address may hold a NUL, which no text in the database can.
    found = None if "\0" in code else Account.objects.visible_to(viewer).filter(code=code).first()
    if found is None:
        raise Http404(code)
    return found


def _figures_of(accounts: Sequence[Account], viewer: User, lens: Lens) -> list[Figure]:
    ids = [account.pk for account in accounts]
    with one_snapshot():
        frame = frame_for(viewer, lens)
        rows = rows_of_accounts(frame.source, frame.sight, ids)
        deals = deals_of_accounts(frame.source, frame.sight, ids)
        structures, units = structures_of(ids, lens), units_of(ids)
    return [
        _account_figure(account, frame, rows[account.pk], deals[account.pk], structures[account.pk], units[account.pk])
        for account in accounts
    ]


def _account_figure(
    account: Account, frame: Frame, rows: list[Row], deals: list[Deals], structure: StructureOnDays, units: Units
) -> Figure:
    node = climb(rows, deals, structure.top_of)
    return frame.figure(
        ScopeOf("account", account.code, account.name),
        node,
        _children(frame, units, node),
        restricted=not frame.sight.sees_whole(account.pk),
    )


def org_unit_figures(*, viewer: User, account: str, code: str, lens: Lens) -> Figure:
    """The figure of one unit with all below it, or of `unallocated`: the account's facts without a unit."""
    found = visible_account(viewer, account)
    with one_snapshot():
        frame = frame_for(viewer, lens)
        units = units_of([found.pk])[found.pk]
        unit = NO_UNIT if code == UNALLOCATED else unit_id(units, code)
        rows = rows_of_accounts(frame.source, frame.sight, [found.pk])[found.pk]
        deals = deals_of_accounts(frame.source, frame.sight, [found.pk])[found.pk]
        structure = structures_of([found.pk], lens)[found.pk]
    node = climb(rows, deals, lambda place, month: structure.child_of(unit, place, month))
    own = node.children.pop(unit, Tally())
    return frame.figure(
        ScopeOf("org_unit", *unit_named(units, unit)),
        node,
        _children(frame, units, node),
        restricted=not frame.sight.sees_whole(found.pk),
        own=frame.shape.measures(own),
    )


def account_regions(*, viewer: User, code: str, lens: Lens) -> list[Child]:
    """An account's figures by country, in the viewer's sight."""
    account = visible_account(viewer, code)
    with one_snapshot():
        frame = frame_for(viewer, lens)
        rows = rows_of_accounts(frame.source, frame.sight, [account.pk], place="country")[account.pk]
        deals = deals_of_accounts(frame.source, frame.sight, [account.pk], by_country=True)[account.pk]
    node = climb(rows, deals, lambda country, _month: country)
    return [
        frame.child("country", str(country), country_name(str(country)), tally)
        for country, tally in sorted(node.children.items(), key=lambda item: str(item[0]))
    ]


def _children(frame: Frame, units: Units, node: Node) -> list[Child]:
    named = sorted(
        ((*unit_named(units, int(key)), tally) for key, tally in node.children.items()),  # type: ignore[call-overload]
        key=lambda item: (item[0] == UNALLOCATED, item[0]),
    )
    return [frame.child("org_unit", code, name, tally) for code, name, tally in named]


def unit_named(units: Units, unit: int) -> tuple[str, str]:
    if unit == NO_UNIT:
        return UNALLOCATED, _("Without a unit")
    return units.get(unit, (str(unit), ""))  # a unit deleted a moment ago, before its cells were drained


def unit_id(units: Units, code: str) -> int:
    for unit, (known, _name) in units.items():
        if known == code:
            return unit
    raise Http404(code)


def units_of(account_ids: Sequence[int]) -> dict[int, Units]:
    found: dict[int, Units] = defaultdict(dict)
    rows = OrgUnit.objects.filter(account_id__in=account_ids).values_list("account_id", "id", "code", "name")
    for account, unit, code, name in rows:
        found[account][unit] = (code, name)
    return found


def structures_of(account_ids: Sequence[int], lens: Lens) -> dict[int, StructureOnDays]:
    links = OrgLink.objects.filter(account_id__in=account_ids, structure=lens.structure)
    edges: dict[int, list[Edge]] = defaultdict(list)
    for link in links.order_by("id"):
        edges[link.account_id].append(Edge(link.child_id, link.parent_id, link.valid_from, link.valid_to))
    return {account: StructureOnDays(edges[account], lens) for account in account_ids}
