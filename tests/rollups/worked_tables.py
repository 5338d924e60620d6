"""Reading the worked tables of a documentation page, and writing their rows into a database."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.models import Account, OrgUnit
from pipeline.models import Opportunity, OpportunitySplit
from regions.models import Region
from teams.models import Member
from tests import factories as make

PAGES = Path(__file__).resolve().parents[2] / "docs" / "algorithms"
Table = list[dict[str, str]]


def examples(page: str, figure: str) -> dict[str, list[Table]]:
    """The tables under each heading of `page` that has a table with the column `figure`."""
    found = tables_of(page, heads="## ")
    return {name: tables for name, tables in found.items() if any(figure in table[0] for table in tables)}


def tables_of(page: str, *, heads: str = "#") -> dict[str, list[Table]]:
    """The tables under each heading of `page`, rows by the names of their columns; `heads` is how a heading begins."""
    found: dict[str, list[Table]] = {}
    heading, header = "", None
    for line in (PAGES / page).read_text(encoding="utf-8").splitlines():
        if line.startswith(heads):
            heading = line.lstrip("# ")
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header is None:
            header = cells
            found.setdefault(heading, []).append([])
        elif not set(line) <= set("|-"):
            found[heading][-1].append(dict(zip(header, cells, strict=True)))
    return found


def file_examples(page: str) -> dict[str, list[tuple[str, Table]]]:
    """By heading of `page`: tables with the file that each is (named in the line above), or none for one that says what comes
    out; of headings that have a file."""
    found: dict[str, list[tuple[str, Table]]] = {}
    heading, file, header = "", "", None
    for line in (PAGES / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if line.startswith("`") and line.endswith(".csv`"):
            file = line.strip("`").removesuffix(".csv")
        elif not line.startswith("|"):
            header, file = None, file if not line else ""
        else:
            cells = [cell.strip() for cell in line[1:-1].split("|")]
            if header is None:
                header = cells
                found.setdefault(heading, []).append((file, []))
            elif not set(line) <= set("|- "):
                found[heading][-1][1].append(dict(zip(header, cells, strict=True)))
    return {name: tables for name, tables in found.items() if any(file for file, _table in tables)}


def as_csv(rows: Table) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


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


def write_shares(rows: Table) -> None:
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


def write(row: dict[str, str]) -> None:
    account = Account.objects.get()
    match next(iter(row)):
        case "currency":
            sets = {"rate_set": make.RateSetFactory(code=row["set"])} if row.get("set") else {}
            make.ExchangeRateFactory(
                currency_id=row["currency"], date=dt.date.fromisoformat(row["date"]), rate=Decimal(row["rate"]), **sets
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
