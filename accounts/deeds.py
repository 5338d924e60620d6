"""What may be done to a customer's structure, and what each deed plans over an estate. Pure: no ORM and no clock.

A plan that can't be carried out is refused with words that say what stands in the way and what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from accounts.estate import Estate, Place, Plan, Unit
from accounts.obstacles import (
    Refused,
    exists,
    goes_on,
    named,
    nothing_later,
    refuse_circles,
    stays,
)


@dataclass(frozen=True)
class Move:
    """Put a unit with all below it under another in one structure; without a parent it stands below nothing there."""

    code: str
    parent: str
    structure: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code,)

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        exists(estate, self.code, on, "code")
        if self.parent:
            stays(estate, self.parent, on, "parent")
        goes_on(estate, self.code)
        nothing_later(estate, self.structure, self.code, on)
        standing = estate.standing(self.structure, self.code, on)
        if (standing.parent if standing else "") == self.parent:
            raise Refused(_("It stands there already on that day."), field="parent")
        return Plan(placed={(self.structure, self.code): self.parent})

    def words(self, estate: Estate, on: dt.date) -> str:
        standing = estate.standing(self.structure, self.code, on)
        told = {"what": named(estate, self.code), "to": named(estate, self.parent)}
        if not self.parent:
            return _("%(what)s moves to the top") % told
        if standing is None:
            return _("%(what)s moves to %(to)s") % told
        return _("%(what)s moves from %(from)s to %(to)s") % {**told, "from": named(estate, standing.parent)}


@dataclass(frozen=True)
class Add:
    """Open a unit. `parents` names its parent in each structure in which it gets a place."""

    unit: Unit
    parents: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(parent for parent in self.parents.values() if parent))

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        _free(estate, self.unit)
        for parent in self.names:
            stays(estate, parent, on, "parent")
        placed = {(structure, self.unit.code): parent for structure, parent in self.parents.items() if parent}
        return Plan(opened=(_opening(self.unit, on),), placed=placed)

    def words(self, estate: Estate, on: dt.date) -> str:
        parents = ", ".join(named(estate, parent) for parent in self.names)
        told = {"what": self.unit.name, "to": parents}
        return _("%(what)s opens under %(to)s") % told if parents else _("%(what)s opens") % told


@dataclass(frozen=True)
class Close:
    """Close a unit. `lifts` puts what stands directly below it under its own parent, in every structure."""

    code: str
    lifts: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code,)

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        return _leaving(estate, {self.code}, on, lifts=self.lifts)

    def words(self, estate: Estate, on: dt.date) -> str:
        return _("%(what)s closes") % {"what": named(estate, self.code)}


@dataclass(frozen=True)
class Divest:
    """Let a unit with all below it in one structure leave the account. Facts stay with its units.

    What stands below one of them in another structure only is lifted out with `lifts`.
    """

    code: str
    structure: str
    lifts: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code,)

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        exists(estate, self.code, on, "code")
        gone = estate.branch(self.structure, self.code, on)
        return _leaving(estate, gone, on, lifts=self.lifts, keeps_inner=True)

    def words(self, estate: Estate, on: dt.date) -> str:
        below = len(estate.branch(self.structure, self.code, on)) - 1
        told = {"what": named(estate, self.code), "number": below}
        if not below:
            return _("%(what)s leaves the group") % told
        return _("%(what)s leaves the group with %(number)s below it") % told


@dataclass(frozen=True)
class Part:
    """A unit that a split opens, and the codes of those that come under it."""

    unit: Unit
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Split:
    """Split a unit: its parts open beside it, in each structure in which it stands. Without `keeps` it closes.

    A unit directly below it that no part takes stays with it, which needs `keeps`.
    """

    code: str
    parts: tuple[Part, ...]
    keeps: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code,)

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        _refuse_too_few(self.parts, keeps=self.keeps)
        exists(estate, self.code, on, "code", is_closing=not self.keeps)
        goes_on(estate, self.code)
        taken = _taken_once(estate, self.parts)
        placed: dict[tuple[str, str], str] = {}
        held = estate.held_by(self.code, on)
        for place in held:
            if place.child in taken:
                nothing_later(estate, place.structure, place.child, on)
                placed[place.structure, place.child] = taken[place.child]
        if strangers := taken.keys() - {place.child for place in held}:
            text = _("%(what)s does not stand below it on that day.")
            raise Refused(text % {"what": named(estate, min(strangers))}, field="parts")
        for structure in estate.structures:
            above = estate.standing(structure, self.code, on)
            for part in self.parts if above else ():
                assert above is not None
                placed[structure, part.unit.code] = above.parent
        opened = tuple(_opening(part.unit, on) for part in self.parts)
        if self.keeps:
            return Plan(opened=opened, placed=placed)
        left = [place for place in held if place.child not in taken]
        if left:
            _refuse_holding(estate, self.code, left)
        return Plan(opened, frozenset({self.code}), {}, {**placed, **_ends(estate, {self.code}, on, keeps_inner=False)})

    def words(self, estate: Estate, on: dt.date) -> str:
        told = {"what": named(estate, self.code), "parts": ", ".join(part.unit.name for part in self.parts)}
        return (
            _("%(parts)s split off from %(what)s") % told if self.keeps else _("%(what)s splits into %(parts)s") % told
        )


@dataclass(frozen=True)
class Merge:
    """Merge units into one of them: what stands below the others comes under it, and the others close."""

    codes: tuple[str, ...]
    into: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.into, *self.codes)))

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        gone = set(self.codes) - {self.into}
        if not gone:
            raise Refused(_("Choose at least two units."), field="codes")
        stays(estate, self.into, on, "into")
        placed: dict[tuple[str, str], str] = {}
        for structure in estate.structures:
            above = estate.standing(structure, self.into, on)
            if above and above.parent in gone:
                nothing_later(estate, structure, self.into, on)
                placed[structure, self.into] = _nearest(estate, structure, self.into, gone, on)
            elif above is None and not _is_drawn(estate, structure, self.into, on):
                _takes_place(estate, structure, self.into, sorted(gone), on, placed)
        for code in sorted(gone):
            for place in estate.held_by(code, on):
                if place.child not in gone and place.child != self.into:
                    nothing_later(estate, place.structure, place.child, on)
                    placed[place.structure, place.child] = self.into
        return Plan(closed=frozenset(gone), placed={**placed, **_closing(estate, gone, on)})

    def words(self, estate: Estate, on: dt.date) -> str:
        gone = [named(estate, code) for code in self.codes if code != self.into]
        return _("%(what)s merged into %(into)s") % {"what": ", ".join(gone), "into": named(estate, self.into)}


@dataclass(frozen=True)
class Rename:
    """Call a unit otherwise. A name has no date: what was reported under the old one is read under the new one."""

    code: str
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.code,)

    def plan(self, estate: Estate, on: dt.date) -> Plan:
        known = estate.units.get(self.code)
        if known is None:
            raise Refused(_("There is no org unit “%(code)s”.") % {"code": self.code}, field="code")
        name = self.name.strip()
        if not name:
            raise Refused(_("A name is needed."), field="name")
        if known.name == name:
            raise Refused(_("%(what)s has this name already.") % {"what": name}, field="name")
        return Plan(renamed={self.code: name})

    def words(self, estate: Estate, on: dt.date) -> str:
        return _("%(what)s is called %(name)s") % {"what": named(estate, self.code), "name": self.name.strip()}


Deed = Move | Add | Close | Divest | Split | Merge | Rename


def planned(estate: Estate, deeds: Sequence[Deed], on: dt.date) -> Plan:
    """All deeds, one after the other, as one plan. Refused says what stands in the way."""
    plan, now = Plan(), estate
    for deed in deeds:
        step = deed.plan(now, on)
        plan, now = plan.then(step), now.applied(step, on)
    refuse_circles(now, plan, on)
    return plan


def _opening(unit: Unit, on: dt.date) -> Unit:
    return replace(unit, name=unit.name.strip(), opened=on, closed=None)


def _free(estate: Estate, unit: Unit) -> None:
    if not unit.name.strip():
        raise Refused(_("A name is needed."), field="name")
    if not unit.code:
        raise Refused(_("A code is needed."), field="code")
    if unit.code in estate.units:
        raise Refused(_("There is an org unit “%(code)s” already.") % {"code": unit.code}, field="code")


def _refuse_too_few(parts: Sequence[Part], *, keeps: bool) -> None:
    if len(parts) < (1 if keeps else 2):
        raise Refused(_("Name at least two parts, or keep the unit beside one."), field="parts")
    if len({part.unit.code for part in parts}) < len(parts):
        raise Refused(_("Two parts have the same code."), field="parts")


def _taken_once(estate: Estate, parts: Iterable[Part]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        _free(estate, part.unit)
        for code in part.takes:
            if code in found:
                text = _("%(what)s can't go to two parts.")
                raise Refused(text % {"what": named(estate, code)}, field="parts")
            found[code] = part.unit.code
    return found


def _leaving(estate: Estate, gone: set[str], on: dt.date, *, lifts: bool, keeps_inner: bool = False) -> Plan:
    """Close `gone`; what stands below one of them and stays is lifted, or named as an obstacle."""
    placed: dict[tuple[str, str], str] = {}
    for code in sorted(gone):
        staying = [place for place in estate.held_by(code, on) if place.child not in gone]
        if staying and not lifts:
            _refuse_holding(estate, code, staying)
        for place in staying:
            nothing_later(estate, place.structure, place.child, on)
            placed[place.structure, place.child] = _nearest(estate, place.structure, place.child, gone, on)
    return Plan(closed=frozenset(gone), placed={**placed, **_closing(estate, gone, on, keeps_inner=keeps_inner)})


def _closing(estate: Estate, gone: set[str], on: dt.date, *, keeps_inner: bool = False) -> dict[tuple[str, str], str]:
    for code in sorted(gone):
        exists(estate, code, on, "code", is_closing=True)
        goes_on(estate, code)
    return _ends(estate, gone, on, keeps_inner=keeps_inner)


def _ends(estate: Estate, gone: set[str], on: dt.date, *, keeps_inner: bool) -> dict[tuple[str, str], str]:
    """The places that end with units that close. With `keeps_inner` they go on standing below each other."""
    found: dict[tuple[str, str], str] = {}
    for code in sorted(gone):
        for structure in estate.structures:
            nothing_later(estate, structure, code, on)
            place = estate.standing(structure, code, on)
            if place and not (keeps_inner and place.parent in gone):
                found[structure, code] = ""
    return found


def _nearest(estate: Estate, structure: str, code: str, gone: set[str], on: dt.date) -> str:
    """The nearest unit above that stays; "" when there is none."""
    return next((above for above in estate.ancestors(structure, code, on) if above not in gone), "")


def _is_drawn(estate: Estate, structure: str, code: str, on: dt.date) -> bool:
    return any(place.structure == structure for place in estate.held_by(code, on))


def _takes_place(
    estate: Estate, structure: str, into: str, gone: list[str], on: dt.date, placed: dict[tuple[str, str], str]
) -> None:
    """In a structure in which `into` has no place yet, it takes that of the first of those that close."""
    for code in gone:
        above = _nearest(estate, structure, code, set(gone), on)
        if above and above != into:
            nothing_later(estate, structure, into, on)
            placed[structure, into] = above
            return


def _refuse_holding(estate: Estate, code: str, places: Sequence[Place]) -> None:
    held = sorted({named(estate, place.child) for place in places})
    shown = ", ".join(held[:5])
    text = _("%(what)s still holds %(names)s on that day. Say where they go first.")
    told = {"what": named(estate, code), "names": f"{shown} …" if len(held) > 5 else shown}
    raise Refused(text % told, field="below")
