"""The alignment of an account over HTTP: from imported files to the score, worked out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.access import scope_of
from accounts.models import Account, OrgUnit, Relationship
from coverage import weighing
from money.services import pin_business_date
from pipeline.models import Opportunity
from rollups import services
from teams.models import Member
from tests import factories as make
from tests.cast import Cast
from tests.imports.world import load
from users.models import User
from users.permissions import Access

D = dt.date(2024, 12, 31)

FILES = {
    "exchange_rates": "base,currency,date,rate\nEUR,USD,2024-12-31,2\nEUR,USD,2024-03-01,1.25\n",
    "members": "email,country,time_zone,languages,manager_email\n"
    "ana@us.example,DE,Europe/Berlin,de:C2;en:C1,\nbo@us.example,JP,Asia/Tokyo,ja:C2;en:B1,ana@us.example\n"
    "cy@us.example,FR,Europe/Paris,,\n",
    "accounts": "code,name,tier\nACME,Acme,strategic\n",
    "org_units": "account_code,code,name,kind,country,time_zone,parent_code\n"
    "ACME,HQ,Head office,group,DE,,\nACME,DE,Germany,legal_entity,DE,,HQ\nACME,JP,Japan,legal_entity,JP,,HQ\n"
    "ACME,FR,France,legal_entity,FR,,HQ\nACME,GB,Britain,site,GB,,DE\n",
    "coverage_policies": "tier,unit_kind,role,weight,inheritable\n"
    "strategic,group,global_account_manager,2,\nstrategic,group,executive_sponsor,1,\n"
    "strategic,legal_entity,local_account_manager,,true\nstrategic,site,global_account_manager,1,true\n",
    "coverage": "account_code,org_unit_code,member_email,role,valid_from,covers_descendants\n"
    "ACME,HQ,ana@us.example,global_account_manager,,true\nACME,DE,bo@us.example,local_account_manager,,\n"
    "ACME,FR,cy@us.example,local_account_manager,,\n",
    "products": "code,name\nP,Pumps\nQ,Quays\n",
    "potentials": "account_code,org_unit_code,product_code,amount,currency\n"
    "ACME,DE,P,1000,EUR\nACME,DE,Q,,\nACME,JP,P,100,USD\n",
    "opportunities": "external_id,account_code,org_unit_code,name,stage,amount,currency,close_date,product_code\n"
    "O1,ACME,DE,Deal,proposal,200,EUR,2030-01-01,P\nO2,ACME,DE,Old,won,999,EUR,2024-01-01,P\n",
    "revenue": "external_id,account_code,org_unit_code,date,amount,currency,product_code\n"
    "R1,ACME,DE,2024-03-01,250,USD,P\nR2,ACME,DE,2024-12-01,777,EUR,P\nR3,ACME,DE,2023-12-01,50,EUR,\n"
    "R4,ACME,HQ,2023-11-30,5,EUR,\n",
}


@pytest.fixture
def acme(db: None, tmp_path: Path) -> Client:
    """Acme as files say, read by an executive."""
    pin_business_date(on=D, by=None)
    loaded = load(tmp_path, FILES)
    assert loaded.is_clean, loaded
    services.drain()
    return signed_in(make.UserFactory(access=Access.EXECUTIVE))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def alignment(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/accounts/ACME/alignment/{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def slot(found: dict[str, Any], unit: str, role: str = "") -> dict[str, Any]:
    return next(s for s in found["slots"] if s["unit"] == unit and (not role or s["role"] == role))


def test_a_score_worked_out_by_hand(acme: Client) -> None:
    """DE is worth 250 ÷ 1.25 + 50 revenue, 200 × 50 % pipeline, and of product P 1000 − 200 − 200 whitespace: 950.
    JP: 100 ÷ 2 whitespace. The mean is 1000 ÷ 5; one per cent of it, 2.00, is the least: HQ, FR and GB."""
    found = alignment(acme)
    assert {s["unit"]: s["value"] for s in found["slots"]} == {
        "HQ": "2.00", "DE": "950.00", "JP": "50.00", "FR": "2.00", "GB": "2.00",
    }  # fmt: skip
    assert [(s["unit"], s["role"], s["state"], s["fill"], s["gap"], s["member"]) for s in found["slots"]] == [
        ("DE", "local_account_manager", "filled", 0.25, "712.50", "bo@us.example"),
        ("FR", "local_account_manager", "unknown", None, None, "cy@us.example"),
        ("GB", "global_account_manager", "inherited", 0.25, "1.50", "ana@us.example"),
        ("HQ", "executive_sponsor", "empty", 0.0, "0.67", None),
        ("HQ", "global_account_manager", "filled", 1.0, "0.00", "ana@us.example"),
        ("JP", "local_account_manager", "empty", 0.0, "50.00", None),
    ]
    # Known: DE 950, GB 2, HQ 2 × 3, JP 50; filled: 950 ÷ 4 + 2 ÷ 4 + 2 × 2.
    assert found["score"] == pytest.approx((237.5 + 0.5 + 4) / 1008, abs=1e-12)
    assert found["known_weight"] == pytest.approx(1008 / 1010, abs=1e-12)
    assert (found["gap"], found["unknown_potentials"], found["unpriced"]) == ("764.67", 1, 0)
    assert "B2" in slot(found, "DE")["reasons"][1]


def test_bridges_say_on_how_many_of_us_a_unit_rests_and_what_is_at_risk(acme: Client) -> None:
    """Germany, with 250.00 of revenue, rests on Ana by 0.9 of 1.2: 250 × 0.75 is behind her. One strength is not known."""
    german, french = (OrgUnit.objects.get(code=code) for code in ("DE", "FR"))
    ana, bo, cy = (Member.objects.get(email=f"{name}@us.example") for name in ("ana", "bo", "cy"))
    buyer = make.ContactFactory(account=german.account, org_unit=german)
    for member, strength in ((ana, "0.9"), (bo, "0.3"), (cy, None)):
        Relationship.objects.create(contact=buyer, member=member, strength=strength)
    Relationship.objects.create(
        contact=make.ContactFactory(account=german.account, org_unit=french), member=cy, strength=None
    )
    found = alignment(acme)
    assert found["revenue_at_risk"] == "187.50"
    assert found["bridges"] == [
        {"unit": "DE", "effective": 1.6, "bow_tie": True, "first": "ana@us.example", "share": 0.75,
         "at_risk": "187.50", "unknown": 1},
        {"unit": "FR", "effective": None, "bow_tie": False, "first": None, "share": 0.0, "at_risk": "0.00", "unknown": 1},
    ]  # fmt: skip


def test_without_relationships_what_is_at_risk_is_unknown(acme: Client) -> None:
    found = alignment(acme)
    assert (found["revenue_at_risk"], found["bridges"]) == (None, [])


def test_the_day_decides_dates_clocks_and_rates(acme: Client) -> None:
    """On 2 January 2024 nothing of 2024 is revenue yet, and there is no rate of that day: the dollars are unknown."""
    found = alignment(acme, "?on=2024-01-02")
    assert slot(found, "DE")["value"] == "950.00", "50 of revenue, 200 × 50 %, and 1000 − 200 of product P"
    assert (slot(found, "JP")["value"], found["unknown_potentials"]) == ("1.91", 2)


def test_bad_days_and_parameters_are_refused(acme: Client) -> None:
    for query in ("?on=tomorrow", "?on=2024-02-30", "?of=2024-01-01"):
        assert acme.get(f"/api/v1/accounts/ACME/alignment/{query}").status_code == 400, query
    for day in ("0001-01-01", "9999-12-31"):
        assert acme.get(f"/api/v1/accounts/ACME/alignment/?on={day}").status_code == 200, day


def test_nobody_else_hears_of_it(cast: Cast) -> None:
    assert signed_in(cast.outsider).get("/api/v1/accounts/ACME/alignment/").status_code == 404
    assert signed_in(cast.executive).get("/api/v1/accounts/NOBODY/alignment/").status_code == 404
    assert signed_in(cast.executive).get("/api/v1/accounts/A%00/alignment/").status_code == 404


def test_without_a_policy_nothing_is_known(cast: Cast) -> None:
    found = alignment(signed_in(cast.owner))
    assert (found["score"], found["known_weight"], found["slots"]) == (None, 0, [])


def test_a_lead_weighs_by_what_she_may_see(acme: Client) -> None:
    """The lead of Germany sees every slot, German facts, and neither potentials nor people."""
    europe = make.RegionFactory(code="EUROPE")
    make.RegionCountryFactory(region=europe, country="DE")
    lead = make.UserFactory(access=Access.REGIONAL_LEAD)
    make.RegionLeadFactory(region=europe, user=lead)
    Opportunity.objects.update(country="FR")
    services.drain()
    whole, part = alignment(acme), alignment(signed_in(lead))
    assert [s["unit"] for s in part["slots"]] == [s["unit"] for s in whole["slots"]]
    assert (slot(whole, "DE")["value"], slot(part, "DE")["value"]) == ("950.00", "250.00")
    assert (part["restricted"], part["level_parity"], part["unknown_potentials"]) == (True, None, 0)
    assert (part["bridges"], part["revenue_at_risk"]) == (None, None)
    assert whole["restricted"] is False


def test_who_sees_no_figures_is_told_no_money(acme: Client) -> None:
    """An administrator sees slots and fills; every unit counts the same to her, which is no money."""
    whole, told = alignment(acme), alignment(signed_in(make.UserFactory(access=Access.ADMINISTRATOR)))
    assert (whole["has_money"], told["has_money"]) == (True, False)
    assert [(s["unit"], s["fill"]) for s in told["slots"]] == [(s["unit"], s["fill"]) for s in whole["slots"]]
    assert {(s["value"], s["gap"]) for s in told["slots"]} == {(None, None)}
    assert told["gap"] is None
    assert told["score"] is not None
    address = "/api/v1/accounts/ACME/suggestions/?unit=JP&role=local_account_manager"
    suggested = signed_in(make.UserFactory(access=Access.ADMINISTRATOR)).get(address).json()
    assert suggested["gap"] is None
    assert {one["gap_after"] for one in suggested["results"]} == {None}
    assert acme.get(address).json()["gap"] is not None


def test_a_report_asks_so_many_statements_whatever_the_units(
    acme: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    customer = Account.objects.get(code="ACME")
    executive = make.UserFactory(access=Access.EXECUTIVE)
    member = Member.objects.first()
    scope_of(executive)  # once a request, whatever is asked
    for many in (0, 20):
        for _ in range(many):
            unit = make.OrgUnitFactory(account=customer, kind="legal_entity", country="DE")
            make.CoverageFactory(org_unit=unit, member=member)
            make.ContactFactory(account=customer, org_unit=unit)
        with django_assert_num_queries(16):
            weighing.report(viewer=executive, code="ACME", on=D)
