"""Who may write which rows, one by one and by file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.loading import ACCOUNTS, ORG_UNITS
from accounts.loading_people import CONTACTS, TEAM_MEMBERS
from core.errors import NotPermitted
from core.staging import FileSpec
from core.staging_rows import RowsRejected, write_rows
from imports import queries
from imports.files import SPECS
from pipeline.loading import OPPORTUNITIES
from regions.loading import REGIONS
from revenue.loading import REVENUE
from revenue.models import RevenueEntry
from teams.loading import MEMBERS
from tests import factories as make
from tests.cast import Cast, cast
from tests.imports.world import load, refusals
from users.models import User
from users.permissions import Access, Permission

__all__ = ["cast"]

FACT = {
    "external_id": "F1",
    "account_code": "ACME",
    "org_unit_code": "ACME-DE",
    "country": "",
    "date": "2024-05-01",
    "amount": "1",
    "currency": "EUR",
}


def _refused(spec: FileSpec, row: dict[str, Any], by: User, **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(RowsRejected) as caught:
        write_rows(spec, [row], by=by, **options)
    return [(problem.column, problem.reason) for problem in caught.value.problems]


def test_a_team_member_writes_facts_of_her_account(cast: Cast) -> None:
    written = write_rows(REVENUE, [FACT], by=cast.owner)
    assert RevenueEntry.objects.get().pk == written.ids[0]


def test_an_unknown_and_an_invisible_account_read_the_same(cast: Cast) -> None:
    other = _refused(REVENUE, {**FACT, "account_code": "OTHER", "org_unit_code": ""}, cast.owner)
    none = _refused(REVENUE, {**FACT, "account_code": "NONE", "org_unit_code": ""}, cast.owner)
    assert other == [("account_code", "unknown account “OTHER”")]
    assert none == [("account_code", "unknown account “NONE”")]


def test_a_lead_writes_facts_in_her_countries_only(cast: Cast) -> None:
    assert write_rows(REVENUE, [FACT], by=cast.europe_lead).created == 1
    found = _refused(REVENUE, {**FACT, "external_id": "F2", "org_unit_code": "", "country": "JP"}, cast.europe_lead)
    assert [column for column, _reason in found] == ["external_id"]
    assert RevenueEntry.objects.count() == 1


def test_nobody_takes_over_a_row_that_she_does_not_see(cast: Cast) -> None:
    entry = make.RevenueEntryFactory(account=cast.other, country="JP", external_id="F1")
    assert _refused(REVENUE, FACT, cast.owner)
    assert _refused(REVENUE, FACT, cast.owner, ids=[entry.pk])
    entry.refresh_from_db()
    assert entry.account == cast.other


def test_a_fact_may_not_be_moved_out_of_sight(cast: Cast) -> None:
    write_rows(REVENUE, [FACT], by=cast.europe_lead)
    assert _refused(REVENUE, {**FACT, "country": "JP"}, cast.europe_lead)
    assert RevenueEntry.objects.get().country == "DE"


@pytest.mark.parametrize("spec", [REVENUE, REGIONS, MEMBERS, ACCOUNTS, OPPORTUNITIES], ids=lambda spec: spec.name)
def test_a_viewer_and_an_executive_write_nothing(spec: FileSpec, cast: Cast) -> None:
    for user in (cast.viewer, cast.executive):
        with pytest.raises(NotPermitted):
            write_rows(spec, [{spec.columns[0].name: "x"}], by=user)


def test_only_who_sees_all_accounts_adds_one(cast: Cast) -> None:
    row = {"code": "NEW", "name": "New"}
    assert _refused(ACCOUNTS, row, cast.owner)
    assert write_rows(ACCOUNTS, [row], by=cast.administrator).created == 1


def test_a_lead_edits_structures_but_not_people_of_an_account_she_sees_in_part(cast: Cast) -> None:
    unit = {"account_code": "ACME", "code": "ACME-DE", "name": "Acme Germany"}
    assert write_rows(ORG_UNITS, [unit], by=cast.europe_lead).updated == 1
    assert _refused(CONTACTS, {"external_id": "C9", "account_code": "ACME"}, cast.europe_lead)
    assert write_rows(CONTACTS, [{"external_id": "C9", "account_code": "ACME"}], by=cast.owner).created == 1


@pytest.mark.parametrize(
    ("giver", "access", "is_given"),
    [
        ("administrator", "administrator", True),
        ("administrator", "viewer", True),
        ("administrator", "executive", False),
        ("superuser", "executive", True),
    ],
)
def test_nobody_grants_a_right_that_she_lacks(giver: str, access: str, is_given: bool, cast: Cast) -> None:
    row = {"email": "New.One@example.org", "given_name": "New", "access": access}
    by = getattr(cast, giver)
    if is_given:
        write_rows(MEMBERS, [row], by=by)
        assert User.objects.get(email="new.one@example.org").access == access
    else:
        assert [column for column, _reason in _refused(MEMBERS, row, by)] == ["access"]


def test_an_administrator_does_not_demote_an_executive(cast: Cast) -> None:
    make.MemberFactory(email=cast.executive.email, user=cast.executive)
    row = {"email": cast.executive.email, "access": "viewer"}
    assert [column for column, _reason in _refused(MEMBERS, row, cast.administrator)] == ["access"]
    cast.executive.refresh_from_db()
    assert cast.executive.access == Access.EXECUTIVE


def test_an_administrator_loads_every_customers_facts_by_file(cast: Cast, tmp_path: Path) -> None:
    head = "external_id,account_code,country,date,amount,currency\n"
    result = load(
        tmp_path, by=cast.administrator, revenue=head + "F1,ACME,DE,2024-01-01,1,EUR\nF2,OTHER,JP,2024-01-01,1,JPY\n"
    )
    assert result.is_clean
    assert result.batch.by == cast.administrator


def test_a_lead_does_not_put_herself_on_the_team_of_an_account_she_sees_in_part(cast: Cast) -> None:
    make.MemberFactory(email=cast.europe_lead.email, user=cast.europe_lead)
    row = {"account_code": "ACME", "member_email": cast.europe_lead.email, "role": "legal", "valid_from": ""}
    assert [column for column, _reason in _refused(TEAM_MEMBERS, row, cast.europe_lead)] == ["account_code"]
    assert write_rows(TEAM_MEMBERS, [row], by=cast.owner).created == 1


def test_importing_needs_its_permission(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(NotPermitted):
        load(tmp_path, by=cast.owner, products="code,name\nP,Pumps\n")
    cast.owner.extra_permissions = ["import_data"]
    cast.owner.save()
    assert refusals(load(tmp_path, by=cast.owner, products="code,name\nP,Pumps\n")) == [("products", 1, "")]
    fact = "external_id,account_code,country,date,amount,currency\nF1,{},DE,2024-01-01,1,EUR\n"
    assert load(tmp_path, by=cast.owner, revenue=fact.format("ACME")).is_clean
    assert refusals(load(tmp_path, by=cast.owner, revenue=fact.format("OTHER"))) == [("revenue", 2, "account_code")]


def test_importers_see_batches_and_outsiders_none(cast: Cast, tmp_path: Path) -> None:
    batch = load(tmp_path, by=cast.administrator, regions="code,name\nX,x\n").batch
    assert queries.batch_for(viewer=cast.administrator, batch_id=batch.pk) == batch
    for user in (cast.owner, cast.viewer, cast.executive):
        assert not queries.batches_for(viewer=user).exists()


def test_history_names_the_user_and_the_batch(cast: Cast, tmp_path: Path) -> None:
    from pghistory.models import Context

    batch = load(tmp_path, by=cast.administrator, regions="code,name\nX,x\n").batch
    context = Context.objects.filter(metadata__batch=batch.pk).get()
    assert context.metadata["user"] == cast.administrator.pk


def test_every_file_asks_for_a_permission_that_exists() -> None:
    assert all(spec.permission in Permission.values for spec in SPECS.values())
