"""The tables of docs/algorithms/rollups.md, executed: their rows go into the database, their figures must come out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from accounts.models import Account, OrgUnit
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunitySplit
from regions.models import Region
from rollups import queries, services
from rollups.figures import Child, Figure, Measures, Unpriced
from rollups.lens import parse_lens
from teams.models import Member
from tests import factories as make
from users.models import User
from users.permissions import Access

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "rollups.md"
Table = list[dict[str, str]]


def _examples() -> dict[str, list[Table]]:
    """The tables under each heading that has a table of figures."""
    found: dict[str, list[Table]] = {}
    heading, header = "", None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header is None:
            header = cells
            found.setdefault(heading, []).append([])
        elif not set(line) <= set("|-"):
            found[heading][-1].append(dict(zip(header, cells, strict=True)))
    return {name: tables for name, tables in found.items() if any("figure" in table[0] for table in tables)}


EXAMPLES = _examples()


def test_the_page_has_its_tables() -> None:
    assert len(EXAMPLES) == 6
    assert sum(len(table) for tables in EXAMPLES.values() for table in tables if "figure" in table[0]) >= 58


def _period(row: dict[str, str]) -> dict[str, Any]:
    starts = {"valid_from": dt.date.fromisoformat(row["from"])} if row.get("from") else {}
    return {**starts, "valid_to": dt.date.fromisoformat(row["to"]) if row.get("to") else None}


def _region(code: str) -> Region:
    return Region.objects.filter(code=code).first() or make.RegionFactory(code=code)


def _unit(code: str) -> OrgUnit | None:
    account = Account.objects.get()
    return (
        (OrgUnit.objects.filter(code=code).first() or make.OrgUnitFactory(account=account, code=code)) if code else None
    )


def _member(name: str) -> Member:
    email = f"{name}@example.org"
    return Member.objects.filter(email=email).first() or make.MemberFactory(email=email)


def _write_shares(rows: Table) -> None:
    """All at once: prime shares are whole in every statement."""
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(
            opportunity=Opportunity.objects.get(external_id=row["share"]), member=_member(row["member"]),
            type=row["type"], percent=Decimal(row["percent"]),
        )
        for row in rows
    )  # fmt: skip


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _write(row: dict[str, str]) -> None:
    account = Account.objects.get()
    match next(iter(row)):
        case "currency":
            make.ExchangeRateFactory(
                currency_id=row["currency"], date=dt.date.fromisoformat(row["date"]), rate=Decimal(row["rate"])
            )
        case "country":
            make.RegionCountryFactory(region=_region(row["region"]), country=row["country"], **_period(row))
        case "region":
            make.RegionLinkFactory(child=_region(row["region"]), parent=_region(row["parent"]), **_period(row))
        case "unit":
            make.OrgLinkFactory(child=_unit(row["unit"]), parent=_unit(row["parent"]), **_period(row))
        case "entry":
            make.RevenueEntryFactory(
                account=account, external_id=row["entry"], date=dt.date.fromisoformat(row["date"]), country=row["country"],
                org_unit=_unit(row.get("unit", "")), amount=_amount(row["amount"]), currency_id=row["currency"],
            )  # fmt: skip
        case "deal":
            make.OpportunityFactory(
                account=account, external_id=row["deal"], close_date=dt.date.fromisoformat(row["close date"]),
                stage_id=row["stage"], country=row["country"], amount=_amount(row["amount"]), currency_id=row["currency"],
                probability=_amount(row["chance"]), forecast_category=row["category"],
                owner=_member(row["owner"]) if row.get("owner") else None,
            )  # fmt: skip
        case "line":
            deal, number = row["line"].split("/")
            make.OpportunityLineFactory(
                opportunity=Opportunity.objects.get(external_id=deal), account=account, line=int(number),
                country=row["country"], amount=_amount(row["amount"]),
            )  # fmt: skip


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
            _write_shares(table)
        elif "figure" not in table[0]:
            for row in table:
                _write(row)
    services.drain()
    for table in EXAMPLES[name]:
        if "figure" in table[0]:
            found = [{**row, "figure": _shown(_value(_node(viewer, row), row["measure"]))} for row in table]
            assert found == table
    assert services.verify().drift == 0
