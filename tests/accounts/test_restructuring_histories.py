"""Whatever is done to a structure, in whatever order: one parent a structure and day, no circle on any day, half-open periods
that do not overlap, nobody below who is gone; the database is what the plan said, and taking everything back leaves no trace.

The suite's runs are few and always the same. `GAM_HISTORIES=500` makes so many of each kind, and draws them anew each time.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import restructuring
from accounts.deeds import Add, Close, Deed, Divest, Merge, Move, Part, Rename, Split, planned
from accounts.estate import Estate, Place, Unit
from accounts.models import OrgLink, OrgUnit
from accounts.obstacles import Refused
from accounts.restructured import Restructuring
from accounts.unit_footprints import estate_of
from core.periods import BEGINNING
from tests import factories as make
from users.models import User

_MANY = int(os.environ.get("GAM_HISTORIES", "0"))


def runs(few: int) -> Callable[[Any], Any]:
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=_MANY or few, derandomize=not _MANY, deadline=None, database=None, suppress_health_check=health
    )


DAYS = [dt.date(2024, month, 1) for month in (2, 3, 4, 5)]
PROBES = [dt.date(2023, 1, 1), *(day + dt.timedelta(step) for day in DAYS for step in (-1, 0, 1)), dt.date(2030, 1, 1)]
STRUCTURES = ("legal", "management")
CODES = ("A", "B", "C", "D", "E")
FRESH = ("X", "Y", "Z")
codes = st.sampled_from([*CODES, *FRESH])
structures = st.sampled_from(STRUCTURES)
several = st.lists(codes, min_size=1, max_size=3, unique=True).map(tuple)
parts = st.builds(Part, st.sampled_from([Unit(code, code) for code in FRESH]), st.lists(codes, max_size=2).map(tuple))
deeds: st.SearchStrategy[Deed] = st.one_of(
    st.builds(Move, codes, st.one_of(codes, st.just("")), structures),
    st.builds(Move, codes, codes, structures),
    st.builds(
        Add, st.sampled_from([Unit(code, code) for code in FRESH]), st.dictionaries(structures, codes, max_size=2)
    ),
    st.builds(Close, codes, st.booleans()),
    st.builds(Divest, codes, structures, st.booleans()),
    st.builds(Split, codes, st.lists(parts, min_size=1, max_size=2).map(tuple), st.booleans()),
    st.builds(Merge, several, codes),
    st.builds(Rename, codes, st.sampled_from(["Alpha", "Beta"])),
)
steps = st.lists(st.tuples(st.lists(deeds, min_size=1, max_size=2), st.sampled_from(DAYS)), min_size=1, max_size=12)


def start() -> Estate:
    units = {code: Unit(code, code) for code in CODES}
    below = (("B", "A"), ("C", "A"), ("D", "B"), ("E", "B"))
    places = tuple(Place(s, child, parent, BEGINNING) for s in STRUCTURES for child, parent in below)
    return Estate(units, places)


def check(estate: Estate) -> None:
    """By plain loops over every place, without anything of the code that made it."""
    for one in estate.places:
        assert one.until is None or one.until > one.since, one
        for other in estate.places:
            if other is not one and (other.structure, other.child) == (one.structure, one.child):
                ends = [end or dt.date.max for end in (one.until, other.until)]
                assert max(one.since, other.since) >= min(ends), (one, other)
    for structure in STRUCTURES:
        for day in PROBES:
            parents = {p.child: p.parent for p in estate.places if p.structure == structure and p.holds_on(day)}
            for code in parents:
                climbed, above = 0, code
                while above in parents:
                    above, climbed = parents[above], climbed + 1
                    assert climbed <= len(parents), (structure, day, code)
                unit, boss = estate.units[code], estate.units[parents[code]]
                # What leaves the group keeps its inner places; nobody who is there stands below who is not.
                assert boss.exists_on(day) or not unit.exists_on(day), (structure, day, code)


@runs(300)
@given(steps)
def test_plans_keep_every_rule(steps: list[tuple[list[Deed], dt.date]]) -> None:
    estate = start()
    for done, on in steps:
        before = estate
        try:
            plan = planned(estate, done, on)
        except Refused:
            continue
        estate = estate.applied(plan, on)
        if not _has_circle(estate):  # on a later day: the database's to refuse
            check(estate)
        else:
            estate = before
        for structure in STRUCTURES:
            for code in before.units:
                for day in (day for day in PROBES if day < on):
                    assert estate.standing(structure, code, day) == before.standing(structure, code, day) or (
                        _parent(estate, structure, code, day) == _parent(before, structure, code, day)
                    )


def _parent(estate: Estate, structure: str, code: str, day: dt.date) -> str:
    place = estate.standing(structure, code, day)
    return place.parent if place else ""


def _has_circle(estate: Estate) -> bool:
    for structure in STRUCTURES:
        for day in PROBES:
            parents = {p.child: p.parent for p in estate.places if p.structure == structure and p.holds_on(day)}
            for code, parent in parents.items():
                seen, above = {code}, parent
                while above in parents and above not in seen:
                    seen.add(above)
                    above = parents[above]
                if above in seen:
                    return True
    return False


def plain(estate: Estate) -> tuple[Any, Any]:
    return (
        sorted((u.code, u.name, u.opened, u.closed) for u in estate.units.values()),
        sorted((p.structure, p.child, p.parent, p.since, p.until or dt.date.max) for p in estate.places),
    )


def rows() -> list[Any]:
    units = OrgUnit.objects.order_by("id").values_list("id", "code", "name", "opened_on", "closed_on")
    return [list(units), list(OrgLink.objects.order_by("id").values_list())]


@pytest.mark.django_db
@pytest.mark.slow
def test_the_database_is_what_was_planned_and_nothing_is_left_when_all_is_taken_back() -> None:
    account = make.AccountFactory(code="ACME")
    root = User.objects.create_superuser("root@example.org", make.PASSWORD)
    units = {code: make.OrgUnitFactory(account=account, code=code, name=code) for code in CODES}
    for place in start().places:
        make.OrgLinkFactory(child=units[place.child], parent=units[place.parent], structure=place.structure)
    stood = rows()

    @runs(30)
    @given(steps, st.randoms(use_true_random=False))
    def lived_through(steps: list[tuple[list[Deed], dt.date]], chance: Any) -> None:
        with transaction.atomic():
            made: list[Restructuring] = []
            for done, on in steps:
                estate, before = estate_of(account), rows()
                try:
                    made.append(restructuring.restructure(account="ACME", deeds=done, on=on, by=root))
                except Refused:
                    assert rows() == before
                    continue
                assert plain(estate_of(account)) == plain(estate.applied(planned(estate, done, on), on))
                check(estate_of(account))
                if chance.random() < 0.2:
                    _try_to_take_back(chance.choice(made), made, root)
                    check(estate_of(account))
            for step in reversed(made):
                restructuring.take_back(account="ACME", pk=step.pk, by=root)
            assert rows() == stood
            transaction.set_rollback(True)

    lived_through()


def _try_to_take_back(step: Restructuring, made: list[Restructuring], by: User) -> None:
    before = rows()
    try:
        restructuring.take_back(account="ACME", pk=step.pk, by=by)
        made.remove(step)
    except Refused:
        assert rows() == before
