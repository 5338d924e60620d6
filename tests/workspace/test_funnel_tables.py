"""The tables of docs/algorithms/funnel.md, executed: imported as the files that they are, they come out as they say."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from money.services import pin_business_date
from rollups import services
from tests import factories as make
from tests.imports.world import load
from tests.rollups.worked_tables import Table, as_csv, file_examples
from users.models import User
from users.permissions import Access
from workspace import lenses, queries
from workspace.funnel_queries import Chosen, Funnel, lead_funnel
from workspace.growth_queries import MOVEMENTS, growth_view

EXAMPLES = file_examples("funnel.md")

pytestmark = pytest.mark.django_db


def _loaded(name: str, at: Path) -> tuple[User, list[Table]]:
    """The example's files in the database; an executive, and the tables that say what comes out."""
    pin_business_date(on=dt.date(2024, 12, 31), by=None)
    loaded = load(at, {file: as_csv(rows) for file, rows in EXAMPLES[name] if file})
    assert loaded.is_clean, loaded
    services.drain()
    return make.UserFactory(access=Access.EXECUTIVE), [rows for file, rows in EXAMPLES[name] if not file]


def _funnel(viewer: User) -> Funnel:
    lens = lenses.chosen({"from": "2024-01", "to": "2024-12"}, {}, queries.frame())
    return lead_funnel(viewer=viewer, chosen=Chosen(lens))


def _money(minor: int, exponent: int) -> str:
    return f"{minor / 10**exponent:.{exponent}f}"


def test_the_page_has_its_tables() -> None:
    assert [len(rows) for tables in EXAMPLES.values() for file, rows in tables if not file] == [5, 3, 3]


def test_the_steps_are_those_of_the_table(tmp_path: Path) -> None:
    viewer, (steps, parts) = _loaded("A small funnel", tmp_path)
    found = _funnel(viewer)
    for step, said in zip(found.steps, steps, strict=True):
        assert (step.code, step.leads) == (said["step"], int(said["leads"]))
        assert _money(step.minor, found.exponent) == said["value"], said
        assert step.conversion == (Fraction(said["conversion"]) if said["conversion"] else None), said
        assert step.median_days == (Fraction(said["days"]) if said["days"] else None), said
        assert (step.unknown, step.unpriced) == (int(said["without amount"]), int(said["without rate"])), said
    said_parts = {row["part"]: [int(row[step.code]) for step in found.steps] for row in parts}
    assert {part.name: [step.leads for step in part.steps] for part in found.parts} == said_parts
    assert [(one.currency, one.step) for one in found.unpriced] == [("ARS", "lead")]


def test_the_movements_are_those_of_the_table(tmp_path: Path) -> None:
    viewer, (said,) = _loaded("A quarter of pipeline", tmp_path)
    view = growth_view(viewer=viewer, lens=lenses.chosen({}, {}, queries.frame()), region="unallocated")
    found: dict[str, Any] = {"": view.total, **{part.country: part.growth for part in view.parts}}
    for row in said:
        growth = found[row["country"]]
        assert {name: _money(getattr(growth, name), view.exponent) for name in MOVEMENTS} == {
            name: row[name] for name in MOVEMENTS
        }, row
    assert view.assumed == 1
    assert [held for _day, held in view.unpriced if held] == [{"ARS": 1000}]
