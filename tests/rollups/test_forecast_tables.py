"""The tables of docs/algorithms/forecast.md, executed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from core import months
from money.conversion import half_even
from money.services import pin_business_date
from rollups import queries
from rollups.forecast_categories import KEYS, parse_period
from rollups.forecast_figures import Amounts
from rollups.forecast_flow import FX, Position, Step, flow, step
from rollups.forecast_standing import standings
from rollups.lens import parse_lens
from teams.models import Member
from tests import factories as make
from tests.rollups.worked_tables import Table, examples, write, write_shares
from users.models import User
from users.permissions import Access

FIGURES = examples("forecast.md", "best_case")["Categories"]
ADJUSTED = examples("forecast.md", "below")["Adjustments"][0]
_MEANINGS, STEPS, SUMS = examples("forecast.md", "fx")["Flow"]


def _amounts(viewer: User, row: dict[str, str]) -> Amounts:
    name, _, child = row["node"].partition(" > ")
    kind, _, code = name.partition(" ")
    period = parse_period(row["period"], 1)
    if kind == "region":
        found = queries.region_forecast(viewer=viewer, code=code, lens=parse_lens({}), period=period)
    else:
        code = code if code == "unassigned" else f"{code}@example.org"
        found = queries.member_forecast(viewer=viewer, email=code, lens=parse_lens({}), period=period)
    if not child:
        return found.amounts
    wanted = ("own", f"{name.split()[1]}@example.org") if child == "own" else (child, f"{child}@example.org")
    return next(p.amounts for p in found.parts if p.type == wanted[0] or p.code in (wanted if child != "own" else ()))


def _reports(rows: Table) -> None:
    for row in rows:
        manager = Member.objects.get(email=f"{row['to']}@example.org")
        Member.objects.filter(email=f"{row['reports']}@example.org").update(manager=manager)


@pytest.mark.django_db
def test_categories_are_what_the_table_says() -> None:
    pin_business_date(on=dt.date(2024, 6, 30), by=None)
    make.AccountFactory(code="ACME")
    viewer = make.UserFactory(access=Access.EXECUTIVE)
    for table in FIGURES[:-1]:
        match next(iter(table[0])):
            case "share":
                write_shares(table)
            case "reports":
                _reports(table)
            case _:
                for row in table:
                    write(row)
    for row in FIGURES[-1]:
        amounts = _amounts(viewer, row)
        said = {key: f"{amounts.money[key]:f}" for key in KEYS} | {"unpriced": str(amounts.unpriced_facts)}
        assert {**row, **said} == row


def test_adjustments_make_of_nodes_what_the_table_says() -> None:
    computed = {row["node"]: int(row["computed"]) for row in ADJUSTED}
    adjusted = {row["node"]: int(row["adjusted"]) for row in ADJUSTED if row["adjusted"]}
    found = standings(computed, {row["node"]: row["under"] for row in ADJUSTED if row["under"]}, adjusted)
    said = [
        {"below": str(one.below), "forecast": str(one.forecast), "source": one.source}
        for one in (found[row["node"]] for row in ADJUSTED)
    ]
    assert [{**row, **these} for row, these in zip(ADJUSTED, said, strict=True)] == ADJUSTED


def _minor(amount: str, rate: str) -> int:
    return half_even(Fraction(amount) * Fraction(rate) * 100)


def _position(state: str, closes: str, amount: str, rate: str) -> Position | None:
    if not state:
        return None
    is_omitted, is_away = state == "omitted", state == "away"
    return Position(
        outcome="open" if is_omitted or is_away else state,
        category="omitted" if is_omitted else "commit",
        month=months.parse(closes),
        native=Decimal(amount),
        currency="XXX",
        minor=_minor(amount, rate),
        is_here=not is_away,
    )


def _step(row: dict[str, str]) -> Step | None:
    before = _position(row["was"], row["closes"], row["amount"], row["rate"])
    after = _position(row["is"], row["closes then"], row["amount then"], row["rate then"])
    earlier = row["rate"] or "0.5"  # of a new deal: what its currency was worth on the earlier day
    steady = _minor(row["amount then"], earlier) if after else 0
    period = parse_period("2024-Q2", 1)
    return step(
        before,
        after,
        steady,
        first=period.first,
        last=period.last,
        deal_was=before is not None,
        deal_is=after is not None,
    )


def test_every_line_is_in_the_movement_that_the_table_says() -> None:
    for row in STEPS:
        found = _step(row)
        assert found is not None
        said = {"movement": found.movement, "change": str(found.change), "fx": str(found.fx)}
        assert {**row, **said} == row


def test_the_sums_are_those_of_the_table() -> None:
    found = flow(one for row in STEPS if (one := _step(row)) is not None)
    said = {"opening": found.opening, **found.movements, FX: found.fx, "closing": found.closing}
    assert found.adds_up
    assert [{name: str(amount) for name, amount in said.items() if name in SUMS[0]}] == SUMS
