"""Every bad file is refused whole, and says where: file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports.models import ImportBatch
from regions.models import Region
from revenue.models import RevenueEntry
from tests.imports.world import load, refusals

REVENUE = "external_id,account_code,org_unit_code,country,date,amount,currency\n"
GOOD = "N1,ACME,HQ,DE,2024-01-15,10,EUR\n"
DEALS = "external_id,account_code,name,stage,amount,currency,close_date\n"
RATES = "base,currency,date,rate_set,rate\n"
SPLITS = "opportunity_external_id,member_email,type,percent\n"

BAD: dict[str, tuple[str, str | bytes, list[tuple[int, str]]]] = {
    "unknown column": ("revenue", "external_id,colour\nN1,red\n", [(1, "colour")]),
    "column twice": ("products", "code,name,name\nX,a,b\n", [(1, "name")]),
    "nameless column": ("products", "code,,name\nX,a,b\n", [(1, "")]),
    "missing key column": ("revenue", "account_code,amount\nACME,1\n", [(1, "external_id")]),
    "empty file": ("revenue", "", [(1, "")]),
    "blank lines only": ("revenue", "\n\n", [(1, "")]),
    "empty key": ("revenue", REVENUE + GOOD + ",ACME,HQ,DE,2024-01-15,10,EUR\n", [(3, "external_id")]),
    "same key twice": ("revenue", REVENUE + GOOD + GOOD, [(3, "external_id")]),
    "short date": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-1-5,10,EUR\n", [(2, "date")]),
    "30 February": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-02-30,10,EUR\n", [(2, "date")]),
    "29 February of no leap year": ("revenue", REVENUE + "N1,ACME,HQ,DE,2100-02-29,10,EUR\n", [(2, "date")]),
    "a date with a time": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05T00:00:00,10,EUR\n", [(2, "date")]),
    "German date": ("revenue", REVENUE + "N1,ACME,HQ,DE,05.01.2024,10,EUR\n", [(2, "date")]),
    "a year that is not counted": ("revenue", REVENUE + "N1,ACME,HQ,DE,9999-12-31,10,EUR\n", [(2, "date")]),
    "a close date beyond all months": (
        "opportunities",
        DEALS + "D9,ACME,x,won,1,EUR,2730-09-01\n",
        [(2, "close_date")],
    ),
    "five decimals": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,10.00001,EUR\n", [(2, "amount")]),
    "thousands separator": ("revenue", REVENUE + 'N1,ACME,HQ,DE,2024-01-05,"1,000.00",EUR\n', [(2, "amount")]),
    "decimal comma": ("revenue", REVENUE + 'N1,ACME,HQ,DE,2024-01-05,"10,5",EUR\n', [(2, "amount")]),
    "exponent": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,1e3,EUR\n", [(2, "amount")]),
    "not a number": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,NaN,EUR\n", [(2, "amount")]),
    "infinity": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,Infinity,EUR\n", [(2, "amount")]),
    "too large": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,12345678901234567,EUR\n", [(2, "amount")]),
    "no amount": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,,EUR\n", [(2, "amount")]),
    "absent amount of a new row": (
        "revenue",
        "external_id,account_code,date,currency\nN1,ACME,2024-01-05,EUR\n",
        [(2, "amount")],
    ),
    "unknown currency": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,10,XYZ\n", [(2, "currency")]),
    "small currency": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-05,10,eur\n", [(2, "currency")]),
    "unknown country": ("revenue", REVENUE + "N1,ACME,HQ,XX,2024-01-05,10,EUR\n", [(2, "country")]),
    "unknown account": ("revenue", REVENUE + "N1,NONE,,DE,2024-01-05,10,EUR\n", [(2, "account_code")]),
    "unit of another account": ("revenue", REVENUE + "N1,ZETA,JP,DE,2024-01-05,10,EUR\n", [(2, "org_unit_code")]),
    "unknown kind": ("revenue", "external_id,kind\nR1,forecast\n", [(2, "kind")]),
    "ragged short": ("revenue", REVENUE + GOOD + "N2,ACME,HQ\n", [(3, "country")]),
    "ragged long": ("revenue", REVENUE + "N1,ACME,HQ,DE,2024-01-15,10,EUR,more\n", [(2, "currency")]),
    "latin-1": ("accounts", "code,name\nA1,Good\nA2,Mü\n".encode("latin-1"), [(3, "name")]),
    "latin-1 header": ("accounts", "code,näme\nA1,x\n".encode("latin-1"), [(1, "")]),
    "UTF-16": ("accounts", "code,name\nA1,x\n".encode("utf-16"), [(1, "")]),
    "NUL byte": ("accounts", b"code,name\nA1,a\0b\n", [(2, "name")]),
    "open quote": ("accounts", 'code,name\nA1,"never ends\nA2,x\n', [(2, "code")]),
    "text after a quote": ("accounts", 'code,name\nA1,"x"y\n', [(2, "code")]),
    "line after a quoted break": ("accounts", 'code,name,tier\nA1,"a\nb",key\nA2,x,bronze\n', [(4, "tier")]),
    "unknown tier": ("accounts", "code,name,tier\nA1,x,bronze\n", [(2, "tier")]),
    "short LEI": ("accounts", "code,name,lei\nA1,x,529900T8BM49AURSDO5\n", [(2, "lei")]),
    "wrong LEI": ("accounts", "code,name,lei\nA1,x,529900T8BM49AURSDO56\n", [(2, "lei")]),
    "no name": ("accounts", "code,name\nA1,\n", [(2, "name")]),
    "long code": ("accounts", f"code,name\n{'A' * 61},x\n", [(2, "code")]),
    "reserved region": ("regions", "code,name\nUnallocated,x\n", [(2, "code")]),
    "reserved unit": ("org_units", "account_code,code,name\nACME,unallocated,x\n", [(2, "code")]),
    "unknown parent": ("regions", "code,name,parent_code\nA,a,NOWHERE\n", [(2, "parent_code")]),
    "own parent": ("regions", "code,name,parent_code\nA,a,A\n", [(2, "parent_code")]),
    "cycle of regions": ("regions", "code,name,parent_code\nWORLD,World,DACH\n", [(2, "parent_code")]),
    "cycle in a file": (
        "region_links",
        "child_code,valid_from,parent_code\nAPAC,2030-01-01,EMEA\nEMEA,2030-01-01,APAC\n",
        [(2, "parent_code"), (3, "parent_code")],
    ),
    "cycle of units": (
        "org_links",
        "account_code,structure,child_code,valid_from,parent_code\nACME,legal,HQ,2022-01-01,CH\n",
        [(2, "parent_code")],
    ),
    "empty period": (
        "region_countries",
        "region_code,country,valid_from,valid_to\nAPAC,KR,2024-01-01,2024-01-01\n",
        [(2, "valid_to")],
    ),
    "earlier overlap": (
        "region_links",
        "child_code,valid_from,parent_code\nDACH,2019-01-01,APAC\n",
        [(2, "valid_from")],
    ),
    "overlap in a file": (
        "coverage",
        (
            "account_code,org_unit_code,member_email,role,valid_from,valid_to\n"
            "ACME,HQ,ana@us.example,legal,2020-01-01,2022-01-01\nACME,HQ,ana@us.example,legal,2021-01-01,2023-01-01\n"
        ),
        [(3, "valid_from")],
    ),
    "two regions from one day": (
        "region_countries",
        "region_code,country,valid_from\nAPAC,KR,2024-01-01\nEMEA,KR,2024-01-01\n",
        [(3, "valid_from")],
    ),
    "rate for itself": ("exchange_rates", RATES + "EUR,EUR,2024-01-03,,1\n", [(2, "currency")]),
    "second base": ("exchange_rates", RATES + "USD,EUR,2024-01-03,,0.9\n", [(2, "base")]),
    "second base in a file": (
        "exchange_rates",
        RATES + "EUR,USD,2024-01-03,B,1.1\nUSD,EUR,2024-01-03,B,0.9\n",
        [(3, "base")],
    ),
    "reserved rate set": ("exchange_rates", RATES + "EUR,USD,2024-01-03,constant,1.1\n", [(2, "rate_set")]),
    "rate of nought": ("exchange_rates", RATES + "EUR,USD,2024-01-03,,0\n", [(2, "rate")]),
    "negative rate": ("exchange_rates", RATES + "EUR,USD,2024-01-03,,-1.1\n", [(2, "rate")]),
    "bad e-mail": ("members", "email\nana at example\n", [(2, "email")]),
    "bad time zone": ("members", "email,time_zone\nx@us.example,Europe/Atlantis\n", [(2, "time_zone")]),
    "bad mastery": ("members", "email,languages\nx@us.example,en:C2;de:X9\n", [(2, "languages")]),
    "bad access": ("members", "email,access\nx@us.example,king\n", [(2, "access")]),
    "hours of a week": ("members", "email,weekly_hours\nx@us.example,169\n", [(2, "weekly_hours")]),
    "managers in a ring": (
        "members",
        "email,manager_email\nana@us.example,bo@us.example\nbo@us.example,ana@us.example\n",
        [(2, "manager_email"), (3, "manager_email")],
    ),
    "unknown login": ("region_leads", "region_code,user_email\nEMEA,bo@us.example\n", [(2, "user_email")]),
    "strength": (
        "relationships",
        "contact_external_id,member_email,strength\nC1,bo@us.example,1.5\n",
        [(2, "strength")],
    ),
    "unknown role": (
        "team_members",
        "account_code,member_email,role\nACME,bo@us.example,boss\n",
        [(2, "role")],
    ),
    "unknown stage": ("opportunities", DEALS + "D9,ACME,x,dreaming,1,EUR,2024-01-01\n", [(2, "stage")]),
    "probability": (
        "opportunities",
        "external_id,probability\nD1,100.01\nD2,10.555\n",
        [(2, "probability"), (3, "probability")],
    ),
    "unknown deal": (
        "opportunity_lines",
        "opportunity_external_id,line,amount\nD9,1,10\n",
        [(2, "opportunity_external_id")],
    ),
    "half a prime set": (
        "opportunity_splits",
        SPLITS + "D1,ana@us.example,prime,60\nD1,bo@us.example,prime,39.99\n",
        [(2, "percent"), (3, "percent")],
    ),
    "bad instant": (
        "stage_history",
        "opportunity_external_id,changed_at,stage\nD1,2024-01-01T25:00:00Z,won\n",
        [(2, "changed_at")],
    ),
    "instants whose offset leads out of the calendar": (
        "stage_history",
        "opportunity_external_id,changed_at,stage\nD1,0001-01-01T00:00:00+14:00,won\nD1,9999-12-31T23:00:00-12:00,won\n",
        [(2, "changed_at"), (3, "changed_at")],
    ),
    "quota of nobody": (
        "quotas",
        "scope,scope_code,measure,period_start,period_end,amount,currency\nregion,NOPE,won,2024-01-01,2025-01-01,1,EUR\n",
        [(2, "scope_code")],
    ),
    "amount without currency": (
        "potentials",
        "account_code,org_unit_code,product_code,amount\nACME,HQ,P1,10\n",
        [(2, "currency")],
    ),
    "a stage without probability": ("stages", "code,name\ndemo,Demo\n", [(2, "probability")]),
}


@pytest.mark.parametrize("name", sorted({name for name, _content, _expected in BAD.values()}))
def test_a_bad_file_is_refused_whole_and_says_where(name: str, world: Path) -> None:
    """One world for all bad files of a name: none of them leaves anything behind."""
    cases = {case: (content, expected) for case, (file, content, expected) in BAD.items() if file == name}
    beside = "products" if name != "products" else "stages"
    for case, (content, expected) in cases.items():
        result = load(world, {name: content, beside: _GOOD_BESIDE[beside]})
        assert refusals(result) == [(name, line, column) for line, column in expected], case
        assert all(refusal.reason and "%(" not in refusal.reason for refusal in result.refusals), case
        assert not _was_written(world), case
        batch = ImportBatch.objects.latest("pk")
        assert (batch.state, batch.error_count, batch.errors.count()) == ("refused", len(expected), len(expected)), case


_GOOD_BESIDE = {
    "products": "code,name\nBESIDE,Good row of a good file\n",
    "stages": "code,name,probability\nbeside,Good row of a good file,5\n",
}


def _was_written(world: Path) -> bool:
    from pipeline.models import Stage
    from revenue.models import Product

    return (
        Product.objects.filter(code__in=["BESIDE", "X"]).exists()
        or Stage.objects.filter(code="beside").exists()
        or RevenueEntry.objects.count() != 3
        or Region.objects.count() != 4
    )


def test_all_refused_rows_are_named_at_once(world: Path) -> None:
    result = load(
        world, revenue=REVENUE + GOOD + "N2,ACME,HQ,XX,2024-13-01,1.23456,EUR\n" + "N3,NONE,,DE,2024-01-01,1,EUR\n"
    )
    assert refusals(result) == [
        ("revenue", 3, "amount"),
        ("revenue", 3, "country"),
        ("revenue", 3, "date"),
        ("revenue", 4, "account_code"),
    ]
    assert result.counts["revenue.csv"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 2}


def test_unknown_file_names_are_refused_and_other_files_of_a_folder_ignored(world: Path) -> None:
    result = load(world, sales="a,b\n1,2\n")
    assert refusals(result) == [("sales", 1, "")]
    at = world / "mixed"
    at.mkdir()
    (at / "README.txt").write_text("notes")
    (at / "products.csv").write_text("code,name\nZ,Zett\n")
    from imports import services

    assert services.import_paths([at], by=None).is_clean


@pytest.mark.parametrize("path", ["nowhere.csv", "notes.txt", "empty", "book.xlsx"])
def test_paths_that_hold_nothing_are_refused(path: str, world: Path) -> None:
    (world / "notes.txt").write_text("x")
    (world / "empty").mkdir()
    (world / "book.xlsx").write_text("no zip")
    from imports import services

    result = services.import_paths([world / path], by=None)
    assert len(result.refusals) == 1
    assert path in result.refusals[0].file
