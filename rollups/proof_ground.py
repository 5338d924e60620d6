"""Where a figure's facts lie: a node, or a part of one, as places in months. The same ground is a test of one place, for the
figure that climbs cells, and a condition on rows, for the facts under it, so that both are the same facts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import UNALLOCATED, Account
from core import months
from regions.tree import Snapshot
from rollups.account_figures import StructureOnDays, structures_of, unit_id, unit_named, units_of, visible_account
from rollups.figures import ScopeOf
from rollups.lens import Lens, LensError
from rollups.measures import NO_UNIT
from rollups.member_figures import visible_member
from rollups.region_accounts import runs_of
from rollups.region_figures import Geography, Place, country_name, geography, is_country, region_id
from users.models import User

NARROWING = ("month", "country", "child", "account")
OWN = "own"
"""The child that is a unit's own facts."""


@dataclass(frozen=True)
class Asked:
    """What a proof is about. `region` empty is the world. `child`, `country` and `account` narrow it to a part."""

    region: str | None = None
    account: str | None = None
    unit: str | None = None
    member: str | None = None
    child: str = ""
    country: str = ""
    of_account: str = ""


@dataclass(frozen=True)
class Ground:
    """Places (`by`: countries, or units by their id) in months: those of the `runs` (place, first, last), or with
    `is_outside` all others; of one account, of one country, of one member's shares where these are given."""

    scope: ScopeOf
    by: str
    runs: tuple[tuple[Any, int, int], ...] = ()
    is_outside: bool = True
    account_id: int | None = None
    country: str = ""
    member_id: int | None = None
    parts: tuple[ScopeOf, ...] = ()

    @property
    def is_everywhere(self) -> bool:
        return self.is_outside and not self.runs

    def condition(self, alias: str) -> str:
        """SQL: whether a fact or cell (`account_id`, `org_unit_id`, `country`, `month`) lies here."""
        found = []
        if not self.is_everywhere:
            kind = "text" if self.by == "country" else "bigint"
            found.append(
                f"{'NOT ' if self.is_outside else ''}EXISTS (SELECT FROM unnest(%(ground_places)s::{kind}[], "
                "%(ground_firsts)s::int[], %(ground_lasts)s::int[]) r (place, first, last) "
                f"WHERE r.place = {alias}.{self.by} AND {alias}.month BETWEEN r.first AND r.last)"
            )
        if self.account_id is not None:
            found.append(f"{alias}.account_id = %(ground_account)s")
        if self.country:
            found.append(f"{alias}.country = %(ground_country)s")
        return " AND ".join(found) or "true"

    def given(self) -> dict[str, Any]:
        return {
            "ground_places": [run[0] for run in self.runs],
            "ground_firsts": [run[1] for run in self.runs],
            "ground_lasts": [run[2] for run in self.runs],
            "ground_account": self.account_id,
            "ground_country": self.country,
            "member": self.member_id,
        }

    @cached_property
    def _spans(self) -> dict[Any, list[tuple[int, int]]]:
        found: dict[Any, list[tuple[int, int]]] = {}
        for place, first, last in self.runs:
            found.setdefault(place, []).append((first, last))
        return found

    def holds(self, place: Hashable, month: int) -> bool:
        """Whether a place (as `by` says) lies here in a month."""
        if self.by == "country" and self.country not in ("", place):
            return False
        inside = any(first <= month <= last for first, last in self._spans.get(place, ()))
        return inside is not self.is_outside

    @property
    def countries(self) -> list[str] | None:
        """The only countries that facts here can have; None: any."""
        if self.country:
            return [self.country]
        if self.by != "country" or self.is_outside:
            return None
        return sorted(self._spans)


def narrowed(asked: Asked, lens: Lens, parameters: Mapping[str, str]) -> tuple[Asked, Lens]:
    """The part of the figure that `month`, `country`, `child` and `account` name. LensError for what names no part."""
    given = {name: parameters.get(name, "").strip() for name in NARROWING}
    if given["country"] and not is_country(given["country"]):
        raise LensError(_("“%(wrong)s” is not the code of a country.") % {"wrong": given["country"]}, field="country")
    if given["month"]:
        month = _month(given["month"])
        if month not in lens.months:
            raise LensError(_("The month lies outside the range."), field="month")
        lens = lens.over(month, month)
    return replace(asked, country=given["country"], child=given["child"], of_account=given["account"]), lens


def _month(text: str) -> int:
    try:
        return months.parse(text)
    except ValueError as error:
        raise LensError(_("“%(wrong)s” is not a month such as 2024-01.") % {"wrong": text}, field="month") from error


def ground_of(viewer: User, asked: Asked, lens: Lens) -> Ground:
    """The ground of what is asked, under a lens. Http404 for what the viewer may not see or what is no part of the node;
    LensError for a part that such a node doesn't have."""
    if asked.member is not None:
        return _of_member(viewer, asked)
    if asked.account is not None:
        return _of_account(viewer, asked, lens)
    return _of_region(viewer, asked, lens)


def _of_member(viewer: User, asked: Asked) -> Ground:
    _refuse(asked, "child", "country")
    member, scope = visible_member(viewer, asked.member or "")
    return _narrowed(viewer, Ground(scope, "country", member_id=member), asked)


def _narrowed(viewer: User, ground: Ground, asked: Asked) -> Ground:
    """The part of a region or member that one account has."""
    if not asked.of_account:
        return ground
    account = visible_account(viewer, asked.of_account)
    part = ScopeOf("account", account.code, account.name)
    return replace(ground, account_id=account.pk, parts=(*ground.parts, part))


def _refuse(asked: Asked, *names: str) -> None:
    for name in names:
        if getattr(asked, name):
            raise LensError(_("A figure of this kind has no such part."), field=name.removeprefix("of_"))


def _of_region(viewer: User, asked: Asked, lens: Lens) -> Ground:
    where = geography(lens)
    ground = _whole_region(where, asked.region or "", lens)
    if asked.child:
        ground = _child_of_region(where, ground, asked.region or "", asked.child, lens)
    if asked.country:
        part = ScopeOf("country", asked.country, country_name(asked.country))
        ground = replace(ground, country=asked.country, parts=(*ground.parts, part))
    return _narrowed(viewer, ground, asked)


def _whole_region(where: Geography, code: str, lens: Lens) -> Ground:
    if not code:
        return Ground(ScopeOf("world", "", _("World")), "country")
    region = region_id(where, code)
    runs = runs_of(lens, lambda month: where.countries_of(region, month))
    name = where.names[region][1] if region is not None else _("Unallocated")
    return Ground(ScopeOf("region", code, name), "country", runs, is_outside=region is None)


def _child_of_region(where: Geography, ground: Ground, code: str, child: str, lens: Lens) -> Ground:
    """What a region has from a direct child, a sub-region or a country, or the world from a root: only in the months in
    which it stands there."""
    parent = region_id(where, code) if code else None
    if not code and child == UNALLOCATED:
        found = _whole_region(where, UNALLOCATED, lens)
        return replace(found, scope=ground.scope, parts=(found.scope,))
    region = next((pk for pk, (known, _name) in where.names.items() if known == child), None)
    nothing: Set[str] = set()

    def stands(month: int) -> bool:
        """A country that is a child lies in no sub-region."""
        if region is None:
            return where.child_of(parent, child, month) == Place(None, child)
        return code != UNALLOCATED and where.on(month).parents.get(region) == parent

    def inside(month: int) -> Set[str]:
        if not stands(month):
            return nothing
        return {child} if region is None else where.countries_of(region, month)

    if region is None and not (code and is_country(child)):
        raise Http404(child)
    part = ScopeOf("country", child, country_name(child)) if region is None else ScopeOf("region", *where.names[region])
    return replace(ground, runs=runs_of(lens, inside), is_outside=False, parts=(part,))


def _of_account(viewer: User, asked: Asked, lens: Lens) -> Ground:
    _refuse(asked, "of_account")
    account = visible_account(viewer, asked.account or "")
    if asked.unit is None and not asked.child:
        ground = Ground(ScopeOf("account", account.code, account.name), "country", account_id=account.pk)
        if not asked.country:
            return ground
        part = ScopeOf("country", asked.country, country_name(asked.country))
        return replace(ground, country=asked.country, parts=(part,))
    _refuse(asked, "country")
    return _of_units(account, asked, lens)


def _of_units(account: Account, asked: Asked, lens: Lens) -> Ground:
    """A unit with all below it, or a child of a unit or of the account."""
    units = units_of([account.pk])[account.pk]
    structure = structures_of([account.pk], lens)[account.pk]

    def id_of(code: str) -> int:
        return NO_UNIT if code == UNALLOCATED else unit_id(units, code)

    scope = ScopeOf("account", account.code, account.name)
    child_of: Callable[[Hashable, int], Hashable | None] = structure.top_of
    node: int | None = None
    if asked.unit is not None:
        node = id_of(asked.unit)
        scope = ScopeOf("org_unit", *unit_named(units, node))
        child_of = _child_of(structure, node)
    parts: tuple[ScopeOf, ...] = ()
    wanted: int | None = None
    if asked.child:
        wanted = node if asked.child == OWN and node is not None else id_of(asked.child)
        is_own = wanted == node
        parts = (ScopeOf("org_unit", OWN, _("Own")) if is_own else ScopeOf("org_unit", *unit_named(units, wanted)),)
    known: dict[int, tuple[Snapshot, Set[int]]] = {}

    def inside(month: int) -> Set[int]:
        snapshot = structure.on(month)
        if id(snapshot) not in known:  # months between two changes are one
            keys = {unit: child_of(unit, month) for unit in (*units, NO_UNIT)}
            found = {unit for unit, key in keys.items() if key is not None and wanted in (None, key)}
            known[id(snapshot)] = (snapshot, found)
        return known[id(snapshot)][1]

    return Ground(scope, "org_unit_id", runs_of(lens, inside), is_outside=False, account_id=account.pk, parts=parts)


def _child_of(structure: StructureOnDays, node: int) -> Callable[[Hashable, int], Hashable | None]:
    return lambda unit, month: structure.child_of(node, unit, month)
