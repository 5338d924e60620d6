"""A small world of import files for the tests, and how to load files written on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from imports import services
from imports.batches import Refusal
from imports.services import Result
from users.models import User

WORLD = {
    "regions": "code,name,parent_code,valid_from\nWORLD,World,,\nEMEA,Europe,WORLD,\nAPAC,Asia,WORLD,\nDACH,DACH,EMEA,2020-01-01\n",
    "region_countries": "region_code,country,valid_from\nDACH,DE,\nDACH,CH,\nAPAC,JP,\n",
    "exchange_rates": "base,currency,date,rate_set,rate\nEUR,USD,2024-01-02,spot,1.0956\nEUR,JPY,2024-01-02,,155.66\n",
    "members": "email,given_name,family_name,country,time_zone,languages,access\n"
    "ana@us.example,Ana,Müller,DE,Europe/Berlin,de:C2;en:B2,account_manager\n"
    "bo@us.example,Bo,李,JP,Asia/Tokyo,ja:C2,\n",
    "accounts": "code,name,tier,currency,hq_country\nACME,Acme 株式会社,strategic,EUR,DE\nZETA,Ζήτα,key,USD,GR\n",
    "org_units": "account_code,code,name,kind,country,parent_code,valid_from\n"
    "ACME,HQ,Acme AG,group,DE,,\nACME,JP,アクメ,legal_entity,JP,HQ,\nACME,CH,Акме,site,CH,HQ,2021-01-01\nZETA,HQ,زيتا,group,GR,,\n",
    "contacts": "external_id,account_code,org_unit_code,given_name,family_name\nC1,ACME,HQ,Eva,Ötzi\n",
    "team_members": "account_code,member_email,role,valid_from\nACME,ana@us.example,global_account_manager,2020-01-01\n",
    "products": "code,name,parent_code\nP,Pumps,\nP1,Small pumps,P\n",
    "opportunities": "external_id,account_code,org_unit_code,name,stage,amount,currency,close_date,owner_email\n"
    "D1,ACME,HQ,Deal one,proposal,100.00,EUR,2024-06-30,ana@us.example\nD2,ACME,,Deal two,won,,USD,2024-03-31,\n",
    "revenue": "external_id,account_code,org_unit_code,country,date,amount,currency\n"
    "R1,ACME,HQ,,2024-01-15,1000.1234,EUR\nR2,ACME,JP,,2024-02-15,-50,JPY\nR3,ZETA,,,2024-02-16,7,USD\n",
}


def folder(at: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by name (without `.csv`) into a new folder."""
    at.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (at / f"{name}.csv").write_bytes(raw)
    return at


def load(
    at: Path,
    files: Mapping[str, str | bytes] | None = None,
    *,
    by: User | None = None,
    dry_run: bool = False,
    **more: str | bytes,
) -> Result:
    """Load files given by name as one batch."""
    number = sum(1 for _ in at.iterdir()) if at.exists() else 0
    return services.import_paths([folder(at / f"batch{number}", {**(files or {}), **more})], by=by, dry_run=dry_run)


def refusals(result: Result) -> list[tuple[str, int, str]]:
    return [(refusal.file.removesuffix(".csv"), refusal.line, refusal.column) for refusal in result.refusals]


def first_reason(result: Result) -> str:
    found: Refusal = result.refusals[0]
    return found.reason
