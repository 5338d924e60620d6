"""The tables of docs/algorithms/bridge.md, executed: their rows go into the database, their bridges must come out."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl

import pytest

from money.services import pin_business_date
from rollups import queries, services
from rollups.bridge import USUAL, Bridge, BridgeFigure
from rollups.lens import parse_lens
from tests import factories as make
from tests.rollups.worked_tables import examples, write
from users.models import User
from users.permissions import Access

EXAMPLES = examples("bridge.md", "organic")


def test_the_page_has_its_tables() -> None:
    assert len(EXAMPLES) == 9
    assert sum(len(table) for tables in EXAMPLES.values() for table in tables if "organic" in table[0]) >= 35


def _bridge(viewer: User, row: dict[str, str]) -> Bridge:
    name, _, child = row["node"].partition(" > ")
    kind, _, code = name.partition(" ")
    asked = dict(parse_qsl(row["lens"]))
    k = int(asked.pop("k", USUAL))
    lens = parse_lens(asked)
    found: BridgeFigure
    if kind == "world":
        found = queries.world_bridge(viewer=viewer, lens=lens, k=k)
    elif kind == "region":
        found = queries.region_bridge(viewer=viewer, code=code, lens=lens, k=k)
    elif kind == "account":
        found = queries.account_bridge(viewer=viewer, code=code, lens=lens, k=k)
    else:
        found = queries.org_unit_bridge(viewer=viewer, account="ACME", code=code, lens=lens, k=k)
    if child == "own":
        assert found.own is not None
        return found.own
    return next(part.bridge for part in found.parts if part.code == child) if child else found.bridge


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tables_say_what_the_product_answers(name: str) -> None:
    pin_business_date(on=dt.date(2024, 12, 31), by=None)
    make.AccountFactory(code="ACME")
    viewer = make.UserFactory(access=Access.EXECUTIVE)
    for table in EXAMPLES[name]:
        if "organic" not in table[0]:
            for row in table:
                write(row)
    services.drain()
    for table in EXAMPLES[name]:
        if "organic" in table[0]:
            amounts = [{part: f"{amount:f}" for part, amount in _bridge(viewer, row).amounts.items()} for row in table]
            assert [{**row, **found} for row, found in zip(table, amounts, strict=True)] == table
