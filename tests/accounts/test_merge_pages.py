"""The pages and addresses of a merge: preview, confirmation, the way back, and where the old code leads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts import merge_preview
from accounts.merged import AccountMerge
from accounts.merging import Choices
from accounts.models import Account, OrgUnit
from imports.services import import_paths
from revenue.models import Quota
from teams.models import TeamRole
from tests import factories as make
from tests.accounts.test_pages import signed_in
from tests.cast import Cast
from users.models import User

GLOBAL = "global_account_manager"


@pytest.fixture
def both(cast: Cast) -> Cast:
    """ACME and OTHER with a unit of one code, revenue in Germany, and their own global account managers."""
    for account, user in ((cast.acme, cast.owner), (cast.other, cast.outsider)):
        make.OrgUnitFactory(account=account, code="HQ", name=f"Headquarters of {account.name}")
        make.TeamMemberFactory(team=account.team, member=user.member, role=TeamRole.objects.get(pk=GLOBAL))
    make.RevenueEntryFactory(account=cast.other, amount=Decimal("12.34"), country="JP")
    make.RevenueEntryFactory(account=cast.other, amount=Decimal("5"), country="JP", currency_id="USD")
    return cast


def act(client: Client, **choices: Any) -> Any:
    return client.post("/accounts/OTHER/merge/", {"into": "ACME", "reason": "Bought in May", **choices})


def test_the_preview_says_what_moves_and_does_nothing(both: Cast) -> None:
    text = signed_in(both.superuser).get("/accounts/OTHER/merge/?into=ACME").content.decode()
    assert "OTHER-HQ" in text
    assert "Headquarters of Other" in text
    assert '12<span class="cents">.34</span>' in text
    assert '5<span class="cents">.00</span>' in text
    assert Account.objects.filter(code="OTHER").exists()


def test_who_may_not_see_the_money_sees_how_many_move_only(both: Cast) -> None:
    text = signed_in(both.administrator).get("/accounts/OTHER/merge/?into=ACME").content.decode()
    assert "revenue entries" in text
    assert '12<span class="cents">.34</span>' not in text


def test_the_preview_names_who_gains_and_loses_sight(both: Cast) -> None:
    granted = make.UserFactory(email="granted@example.org")
    both.acme.grants.create(user=granted)
    seen = merge_preview.preview(viewer=both.superuser, gone=both.other, into=both.acme, choices=Choices()).sight
    # The outsider serves OTHER as a local manager too, so he stays; ACME's people see what was OTHER's.
    assert set(seen.gains) == {both.owner, both.outsider, granted}
    assert seen.loses == []
    assert set(seen.names) == {both.europe_lead, both.asia_lead}
    make.TeamMemberFactory._meta.model.objects.filter(team=both.other.team_id).exclude(role=GLOBAL).delete()
    choices = Choices()
    seen = merge_preview.preview(viewer=both.superuser, gone=both.other, into=both.acme, choices=choices).sight
    assert seen.loses == [both.outsider]
    staying = Choices(manager_becomes="regional_account_manager")
    seen = merge_preview.preview(viewer=both.superuser, gone=both.other, into=both.acme, choices=staying).sight
    assert seen.loses == []


def test_the_preview_moves_as_many_as_the_merge(both: Cast) -> None:
    for code in ("ACME", "OTHER"):
        Quota.objects.create(
            scope="account",
            scope_code=code,
            measure="revenue",
            period_start=dt.date(2024, 1, 1),
            period_end=dt.date(2025, 1, 1),
            amount=1,
            currency_id="EUR",
        )
    choices = Choices(moves_quotas=True)
    seen = merge_preview.preview(viewer=both.superuser, gone=both.other, into=both.acme, choices=choices).moving
    assert {row.noun: (row.moves, row.stays) for row in seen} == {
        "org units": (2, 0),
        "revenue entries": (2, 0),
        "quotas": (0, 1),
    }


def test_a_merge_is_done_and_taken_back_on_pages(both: Cast) -> None:
    client = signed_in(both.superuser)
    assert act(client).url == "/accounts/ACME/"
    text = client.get("/merged-accounts/").content.decode()
    assert "Bought in May" in text
    pk = AccountMerge.objects.get().pk
    assert client.post(f"/merged-accounts/{pk}/undo/").url == "/accounts/OTHER/"  # type: ignore[attr-defined]  # a redirect
    assert Account.objects.filter(code="OTHER").exists()
    assert "taken back by" in client.get("/merged-accounts/").content.decode()


def test_a_prefix_that_clashes_is_said_before_and_at_the_merge(both: Cast) -> None:
    make.OrgUnitFactory(account=both.acme, code="X-HQ")
    client = signed_in(both.superuser)
    text = client.get("/accounts/OTHER/merge/?into=ACME&unit_prefix=X-").content.decode()
    assert "Choose another prefix" in text
    assert "Merge the accounts" not in text
    answer = act(client, unit_prefix="X-")
    assert (answer.status_code, "Choose another prefix" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("page", ["", "team/", "people/", "alignment/", "opportunities/", "figures/"])
def test_pages_of_the_old_code_lead_to_the_new_account(both: Cast, page: str) -> None:
    client = signed_in(both.superuser)
    act(client)
    answer = client.get(f"/accounts/OTHER/{page}?from=2024-01")
    assert answer.status_code == 302
    assert answer.url == f"/accounts/ACME/{page}?from=2024-01"  # type: ignore[attr-defined]  # a redirect


def test_the_old_code_tells_nothing_to_who_does_not_see_the_account(both: Cast) -> None:
    act(signed_in(both.superuser))
    stranger = signed_in(both.viewer)
    assert stranger.get("/accounts/OTHER/").status_code == 404
    assert stranger.get("/api/v1/rollups/accounts/OTHER/").status_code == 404
    assert Client().get("/accounts/OTHER/").status_code == 302, "to sign in"


def test_the_api_says_where_a_merged_account_is(both: Cast) -> None:
    act(signed_in(both.superuser))
    key = Token.objects.create(user=both.superuser).key
    for path in (f"/api/v1/accounts/{both.other.pk}/", "/api/v1/rollups/accounts/OTHER/"):
        answer = Client().get(path, headers={"Authorization": f"Token {key}"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (410, "application/problem+json")
        assert answer.json()["merged_into"] == {"id": both.acme.pk, "code": "ACME"}


def test_an_account_that_is_back_is_found_again(both: Cast) -> None:
    client = signed_in(both.superuser)
    act(client)
    client.post(f"/merged-accounts/{AccountMerge.objects.get().pk}/undo/")
    assert client.get("/accounts/OTHER/").status_code == 200


REVENUE = "external_id,account_code,date,amount,currency\nr9,OTHER,2024-01-01,1,EUR\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("revenue", REVENUE),
        ("accounts", "code,name\nOTHER,Other again\n"),
        ("org_units", "account_code,code,name\nOTHER,N,New\n"),
    ],
)
def test_a_file_that_names_the_old_code_is_told_the_new_one(both: Cast, tmp_path: Path, name: str, text: str) -> None:
    act(signed_in(both.superuser))
    path = tmp_path / f"{name}.csv"
    path.write_text(text)
    found = import_paths([path], by=both.superuser)
    assert "this account was merged into “ACME”" in str(found)
    assert not Account.objects.filter(code="OTHER").exists()
    assert not OrgUnit.objects.filter(code="N").exists()


def test_only_who_may_opens_the_pages(both: Cast) -> None:
    for user in (both.owner, both.europe_lead, both.executive):
        assert signed_in(user).get("/accounts/ACME/merge/").status_code == 403
    assert signed_in(both.administrator).get("/accounts/ACME/merge/").status_code == 200
    assert "Merge into another account" in signed_in(both.administrator).get("/accounts/ACME/").content.decode()
    owner: User = both.owner
    assert "Merge into another account" not in signed_in(owner).get("/accounts/ACME/").content.decode()
