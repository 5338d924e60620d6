"""Files as they come: separators, encodings, workbooks; what loading them twice, or only trying, does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Account, OrgUnit
from imports import services
from imports.models import ImportBatch
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, StageHistory
from revenue.models import RevenueEntry
from rollups.models import DirtyKey
from teams.models import Member
from tests.imports.world import WORLD, load, refusals
from users.models import User

REVENUE = "external_id,account_code,date,amount,currency\n"


def test_names_in_five_scripts_survive(world: Path) -> None:
    names = set(OrgUnit.objects.values_list("name", flat=True)) | set(Account.objects.values_list("name", flat=True))
    assert {"アクメ", "Акме", "زيتا", "Ζήτα", "Acme 株式会社"} <= names
    assert Member.objects.get(email="bo@us.example").family_name == "李"


def test_loading_the_same_files_twice_changes_nothing(world: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pghistory_context")
        events = cursor.fetchone()[0]
    dirty = DirtyKey.objects.count()
    result = load(world, WORLD)
    assert result.is_clean
    assert all(c["created"] == c["updated"] == c["rejected"] == 0 for c in result.counts.values())
    assert sum(c["unchanged"] for c in result.counts.values()) == sum(f.count("\n") - 1 for f in WORLD.values())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pghistory_context")
        assert cursor.fetchone()[0] == events
    assert DirtyKey.objects.count() == dirty


@pytest.mark.parametrize(
    "raw",
    [
        (REVENUE + "R9,ACME,2024-05-01,1.5,EUR\n").encode("utf-8-sig"),
        (REVENUE + "R9,ACME,2024-05-01,1.5,EUR").replace(",", ";").encode(),
        (REVENUE + "R9,ACME,2024-05-01,1.5,EUR\n").replace("\n", "\r\n").encode(),
        b'currency,"amount",date,account_code,external_id\nEUR,"1.5",2024-05-01, ACME ,R9\n\n',
        b"external_id,account_code,date,amount,currency,,\nR9,ACME,2024-05-01,1.5000,EUR,,\n",
    ],
    ids=["BOM", "semicolons", "CRLF", "other order", "trailing separators"],
)
def test_a_file_may_come_in_many_forms(raw: bytes, world: Path) -> None:
    assert load(world, revenue=raw).is_clean
    entry = RevenueEntry.objects.get(external_id="R9")
    assert (entry.amount, entry.currency_id, entry.date) == (Decimal("1.5"), "EUR", dt.date(2024, 5, 1))


def test_a_dry_run_counts_and_writes_nothing(world: Path) -> None:
    result = load(world, dry_run=True, revenue=REVENUE + "R9,ACME,2024-05-01,1,EUR\nR1,ACME,2024-01-15,2,EUR\n")
    assert result.counts["revenue.csv"] == {"created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
    assert RevenueEntry.objects.count() == 3
    assert ImportBatch.objects.latest("pk").state == "done"


def test_an_absent_column_stays_and_an_empty_one_empties(world: Path) -> None:
    load(world, accounts="code,industry,hq_country\nACME,Pumps,\n")
    acme = Account.objects.get(code="ACME")
    assert (acme.industry, str(acme.hq_country), acme.tier_id) == ("Pumps", "", "strategic")


def test_an_empty_defaulted_column_leaves_what_stands(world: Path) -> None:
    load(world, revenue="external_id,kind\nR1,booked\n")
    load(world, revenue="external_id,kind\nR1,\n")
    assert RevenueEntry.objects.get(external_id="R1").kind == "booked"


def _workbook(at: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = at / "book.xlsx"
    book.save(path)
    return path


def test_a_workbook_means_what_its_csv_files_mean(world: Path) -> None:
    path = _workbook(
        world,
        {
            "revenue": [
                ["external_id", "account_code", "date", "amount", "currency"],
                ["X1", "ACME", dt.date(2024, 5, 1), 0.1, "EUR"],
                [None, None, None, None, None],
                ["X2", "ACME", dt.datetime(2024, 5, 2), 1234567.89, "EUR"],  # noqa: DTZ001  # cells have no zone
                [1003, "ACME", "2024-05-03", 7, "EUR"],
            ],
            "accounts": [["code", "name"], ["NEW", "New one"]],
        },
    )
    result = services.import_paths([path], by=None)
    assert list(result.counts) == ["book.xlsx/accounts", "book.xlsx/revenue"]
    csv = REVENUE + "X1,ACME,2024-05-01,0.1,EUR\nX2,ACME,2024-05-02,1234567.89,EUR\n1003,ACME,2024-05-03,7,EUR\n"
    assert load(world, revenue=csv, accounts="code,name\nNEW,New one\n").counts["revenue.csv"]["unchanged"] == 3


def test_a_workbook_names_its_bad_cells(world: Path) -> None:
    path = _workbook(
        world,
        {
            "revenue": [
                ["external_id", "account_code", "date", "amount", "currency"],
                ["X1", "ACME", dt.datetime(2024, 5, 1, 13, 0), 1.23456, "EUR"],  # noqa: DTZ001  # cells have no zone
                ["X2", "ACME", "2024-05-01", "#REF!", "EUR"],
                ["X3", "ACME", "2024-05-01", 1, "EUR", "beside"],
            ],
        },
    )
    assert refusals(services.import_paths([path], by=None)) == [
        ("book.xlsx/revenue", 2, "amount"),
        ("book.xlsx/revenue", 2, "date"),
        ("book.xlsx/revenue", 3, "amount"),
        ("book.xlsx/revenue", 4, "currency"),
    ]


def test_an_unknown_sheet_is_refused_and_an_empty_one_ignored(world: Path) -> None:
    good: list[list[object]] = [["code", "name"], ["Z", "Zett"]]
    assert services.import_paths([_workbook(world, {"products": good, "Sheet1": []})], by=None).is_clean
    result = services.import_paths([_workbook(world, {"products": good, "Sheet1": [["x"]]})], by=None)
    assert refusals(result) == [("book.xlsx/Sheet1", 1, "")]


def test_several_paths_are_one_batch(world: Path) -> None:
    one, two = world / "regions.csv", world / "products.csv"
    one.write_text("code,name\nLATAM,Latin America\n")
    two.write_text("code,name,parent_code\nQ,x,NOPE\n")
    assert not services.import_paths([two, one], by=None).is_clean
    from regions.models import Region

    assert not Region.objects.filter(code="LATAM").exists()


def test_the_command_prints_counts_and_refused_rows(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = world / "products.csv"
    path.write_text("code,name\nP,Pumps\nQ,Quartz\n")
    call_command("import_data", str(path))
    assert "products.csv: created 1, updated 0, unchanged 1, rejected 0" in capsys.readouterr().out
    path.write_text("code,name,parent_code\nQ,Quartz,NOPE\n")
    with pytest.raises(CommandError, match="nothing was written"):
        call_command("import_data", str(path))
    assert "products.csv:2: parent_code: unknown product “NOPE”" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No active login"):
        call_command("import_data", str(path), "--as", "nobody@us.example")


def test_access_makes_a_login_and_its_absence_none(world: Path) -> None:
    ana = User.objects.get(email="ana@us.example")
    assert (ana.access, ana.has_usable_password(), ana.member.given_name) == ("account_manager", False, "Ana")
    assert not User.objects.filter(email="bo@us.example").exists()
    load(world, members="email,access\nana@us.example,\nbo@us.example,viewer\n")
    ana.refresh_from_db()
    assert (ana.is_active, User.objects.get(email="bo@us.example").access) == (False, "viewer")


def test_lines_make_the_amount_and_fill_in_unit_and_country(world: Path) -> None:
    head = "opportunity_external_id,line,org_unit_code,country,amount\n"
    load(world, opportunity_lines=head + "D1,1,,,10.5\nD1,2,JP,,20\nD1,3,CH,FR,1\n")
    lines = OpportunityLine.objects.order_by("line")
    found = [(row.org_unit and row.org_unit.code, str(row.country)) for row in lines]
    assert found == [("HQ", "DE"), ("JP", "JP"), ("CH", "FR")]
    assert Opportunity.objects.get(external_id="D1").amount == Decimal("31.5")
    load(world, opportunity_lines=head + "D1,2,JP,,20\n")
    assert list(lines.all().values_list("line", flat=True)) == [2]


def test_an_amount_beside_lines_must_be_their_sum(world: Path) -> None:
    load(world, opportunity_lines="opportunity_external_id,line,amount\nD1,1,30\n")
    deal = "external_id,amount\nD1,"
    assert refusals(load(world, opportunities=deal + "31\n")) == [("opportunities", 2, "amount")]
    assert load(world, opportunities=deal + "30.00\n").is_clean
    lines = "opportunity_external_id,line,amount\nD1,1,31\n"
    assert load(world, opportunities=deal + "31\n", opportunity_lines=lines).is_clean
    assert Opportunity.objects.get(external_id="D1").amount == 31


def test_splits_of_a_file_replace_the_deals_set(world: Path) -> None:
    head = "opportunity_external_id,member_email,type,percent\n"
    load(world, opportunity_splits=head + "D1,ana@us.example,prime,60\nD1,bo@us.example,prime,40\n")
    ids = set(OpportunitySplit.objects.values_list("pk", flat=True))
    load(world, opportunity_splits=head + "D1,ana@us.example,prime,70\nD1,bo@us.example,prime,30\n")
    assert set(OpportunitySplit.objects.values_list("pk", flat=True)) == ids
    load(
        world,
        opportunity_splits=head + "D1,bo@us.example,prime,100\nD1,ana@us.example,overlay,250\n".replace("250", "25"),
    )
    found = OpportunitySplit.objects.order_by("type").values_list("member__email", "type", "percent")
    assert list(found) == [("ana@us.example", "overlay", Decimal(25)), ("bo@us.example", "prime", Decimal(100))]


def test_a_stage_change_is_noted_unless_the_history_comes_along(world: Path) -> None:
    assert StageHistory.objects.filter(opportunity__external_id="D1").count() == 1
    load(world, opportunities="external_id,stage\nD1,negotiation\n")
    assert [h.stage_id for h in StageHistory.objects.filter(opportunity__external_id="D1").order_by("changed_at")] == [
        "proposal",
        "negotiation",
    ]
    load(
        world,
        opportunities="external_id,stage\nD1,won\n",
        stage_history="opportunity_external_id,changed_at,stage\nD1,2024-06-30T12:00:00+02:00,won\n",
    )
    assert StageHistory.objects.filter(opportunity__external_id="D1", stage="won").count() == 1


def test_a_new_stage_takes_what_its_outcome_says(world: Path) -> None:
    assert load(world, stages="code,name,outcome\nsigned,Signed,won\n").is_clean
    from pipeline.models import Stage

    stage = Stage.objects.get(code="signed")
    assert (stage.probability, stage.forecast_category) == (Decimal(100), "closed")
