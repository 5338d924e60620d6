"""The tables of docs/algorithms/assignment.md, executed as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pytest

from coverage.assignment import Candidate, Opening, Pair, Problem, assign, greedy
from coverage.load import Held, Place, Rates, Seat, load_of
from coverage.suggestions import WEIGHTS, fitness_of
from tests.rollups.worked_tables import tables_of

Row = dict[str, str]


TABLES = tables_of("assignment.md")
ASSIGNMENTS = {name: found for name, found in TABLES.items() if "assigned" in found[-1][0]}
LOCAL, SPONSOR = "local_account_manager", "executive_sponsor"
RATES = Rates(by_role={SPONSOR: Decimal("0.5")}, by_type={"global": Decimal(2)}, manages=frozenset({LOCAL}))


@pytest.mark.parametrize("row", TABLES["Load"][0], ids=lambda row: row["member"])
def test_loads(row: Row) -> None:
    held = [(role, int(row[f"units as {role}"])) for role in (LOCAL, SPONSOR)]
    places = frozenset(Place(1, unit, role) for role, many in held for unit in range(many))
    seats = frozenset(Seat(1, role) for role, many in held if many)
    capacity = Decimal(row["capacity"]) if row["capacity"] else None
    load = load_of(Held(seats, places, {1: int(row["contacts"])}), {1: row["type"] or None}, RATES, capacity)
    assert (load.hours, load.accounts) == (Decimal(row["hours"]), int(row["accounts"]))
    assert load.is_over == {"yes": True, "no": False, "unknown": None}[row["over"]]


def test_weights() -> None:
    assert {row["part"]: int(row["weight"]) for row in TABLES["Suggestions"][0]} == WEIGHTS


def share(text: str) -> Fraction | None:
    return Fraction(text) if text else None


@pytest.mark.parametrize("row", TABLES["Suggestions"][1], ids=str)
def test_fits(row: Row) -> None:
    found = fitness_of(
        fill=share(row["fill"]),
        room=share(row["room"]),
        contacts=int(row["knows"]) if row["knows"] else None,
        same_country={"yes": True, "no": False, "": None}[row["country"]],
    )
    assert (None if found.index is None else round(float(found.index), 10)) == (
        float(row["fit"]) if row["fit"] else None
    )
    assert found.known_weight == Fraction(row["known"])


def problem_of(slots: list[Row], members: list[Row]) -> Problem:
    openings = [Opening(row["slot"], row["account"], Fraction(row["weight"]), Decimal(row["hours"])) for row in slots]
    candidates = [
        Candidate(
            row["member"],
            Decimal(row["left"]) if row["left"] else None,
            int(row["room"]) if row["room"] else None,
            frozenset(row["own"].split()),
        )
        for row in members
    ]
    fills = {}
    for row in members:
        for pair in row["fills"].split(", "):
            slot, fill = pair.split()
            fills[row["member"], slot] = None if fill == "unknown" else Fraction(fill)
    return Problem.of(openings, candidates, fills)


def given(pairs: Iterable[Pair], member: str) -> str:
    return ", ".join(pair.opening for pair in pairs if pair.candidate == member)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_assignments(name: str) -> None:
    slots, members = ASSIGNMENTS[name]
    problem = problem_of(slots, members)
    found, hurried = assign(problem), greedy(problem)
    for row in members:
        assert given(found.pairs, row["member"]) == row["assigned"]
        assert given(hurried, row["member"]) == row["greedy"]


def test_every_example_is_executed() -> None:
    assert len(ASSIGNMENTS) == 4
