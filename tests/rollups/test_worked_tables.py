"""The tables of docs/algorithms/rollups.md, executed: their rows go into the database, their figures must come out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from money.services import pin_business_date
from rollups import queries, services
from rollups.figures import Child, Figure, Measures, Unpriced
from rollups.lens import parse_lens
from tests import factories as make
from tests.rollups.worked_tables import examples, write, write_shares
from users.models import User
from users.permissions import Access

EXAMPLES = examples("rollups.md", "figure")


def test_the_page_has_its_tables() -> None:
    assert len(EXAMPLES) == 7
    assert sum(len(table) for tables in EXAMPLES.values() for table in tables if "figure" in table[0]) >= 58


def _node(viewer: User, row: dict[str, str]) -> Figure | Child:
    name, _, child = row["node"].partition(" > ")
    kind, _, code = name.partition(" ")
    lens = parse_lens(dict(parse_qsl(row["lens"])))
    if kind == "region":
        figure = queries.region_figures(viewer=viewer, code=code, lens=lens)
    elif kind == "member":
        email = code if code == "unassigned" else f"{code}@example.org"
        figure = queries.member_figures(viewer=viewer, email=email, lens=lens)
    elif kind == "account":
        figure = queries.account_figures(viewer=viewer, code=code, lens=lens)
    else:
        figure = queries.org_unit_figures(viewer=viewer, account="ACME", code=code, lens=lens)
    return next(part for part in figure.children if part.code == child) if child else figure


def _shown(value: Any) -> str:
    if isinstance(value, Unpriced):
        return f"{value.facts} fact{'s' if value.facts > 1 else ''}: {_shown(value.amounts)}"
    if isinstance(value, dict):
        return ", ".join(f"{currency} {amount:f}" for currency, amount in value.items())
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _value(node: Figure | Child, measure: str) -> Any:
    head, _, name = measure.partition(".")
    if head == "unpriced":
        return node.unpriced[name]
    if isinstance(node, Figure) and head == "own":
        return getattr(node.own, name)
    if isinstance(node, Figure) and head == "oldest_rate":
        return node.oldest_rate
    held: Measures = node.measures
    return getattr(held, measure)


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tables_say_what_the_product_answers(name: str) -> None:
    pin_business_date(on=dt.date(2024, 6, 30), by=None)
    make.AccountFactory(code="ACME")
    viewer = make.UserFactory(access=Access.EXECUTIVE)
    for table in EXAMPLES[name]:
        if "share" in table[0]:
            write_shares(table)
        elif "figure" not in table[0]:
            for row in table:
                write(row)
    services.drain()
    for table in EXAMPLES[name]:
        if "figure" in table[0]:
            found = [{**row, "figure": _shown(_value(_node(viewer, row), row["measure"]))} for row in table]
            assert found == table
    assert services.verify().drift == 0
