"""Roles, tiers and account types as administrators keep them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import table_services as services
from accounts.models import AccountType, Tier
from accounts.tables import TABLES, code_rows
from core.errors import DomainError, InUse, NotPermitted
from coverage.models import CoveragePolicy
from teams.models import TeamRole
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROLES = TABLES["roles"]


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.administrator)
    return found


def order() -> list[str]:
    return [row.row.pk for row in code_rows(ROLES)]


def send(client: Client, table: str, do: str, **fields: Any) -> Any:
    return client.post(f"/set-up/teams/{table}/", {"do": do, **fields})


def test_only_who_configures_teams_opens_them(cast: Cast) -> None:
    for user, status in ((cast.owner, 403), (cast.executive, 403), (cast.administrator, 200)):
        other = Client()
        other.force_login(user)
        assert other.get("/set-up/teams/").status_code == status
    with pytest.raises(NotPermitted):
        services.add_code(ROLES, code="x", name="X", by=cast.owner)


def test_a_role_is_added_at_the_end_renamed_and_moved(client: Client) -> None:
    stood = order()
    send(client, "roles", "add", code="partner_manager", name="Partner manager")
    assert order() == [*stood, "partner_manager"]
    send(client, "roles", "rename", row="partner_manager", name="Alliance manager")
    assert TeamRole.objects.get(pk="partner_manager").name == "Alliance manager"
    send(client, "roles", "up", row="partner_manager")
    assert order()[-2:] == ["partner_manager", stood[-1]]
    send(client, "roles", "down", row="partner_manager")
    send(client, "roles", "down", row="partner_manager")
    assert order() == [*stood, "partner_manager"]


def test_an_account_type_stands_on_two_axes(client: Client) -> None:
    send(client, "account-types", "add", code="hybrid", name="Hybrid", we_are_global="on")
    found = AccountType.objects.get(pk="hybrid")
    assert (found.customer_is_global, found.we_are_global) == (False, True)
    send(client, "account-types", "rename", row="hybrid", name="Hybrid", customer_is_global="on")
    found.refresh_from_db()
    assert (found.customer_is_global, found.we_are_global) == (True, False)


def test_a_code_is_checked_and_there_once(client: Client) -> None:
    answer = send(client, "tiers", "add", code="Not a code", name="x")
    assert answer.status_code == 422
    assert "Small letters" in answer.content.decode()
    answer = send(client, "tiers", "add", code="key", name="Key again")
    assert "This code is there already." in answer.content.decode()
    assert Tier.objects.get(pk="key").name != "Key again"


def test_what_is_used_says_where_and_stays(cast: Cast, client: Client) -> None:
    make.CoverageFactory(org_unit=cast.acme.org_units.get())
    CoveragePolicy.objects.create(tier_id="key", unit_kind="site", role_id="local_account_manager")
    with pytest.raises(InUse, match=r"^Local account manager is used by ") as refused:
        services.delete_code(ROLES, code="local_account_manager", by=cast.administrator)
    assert refused.value.counts == {"coverage": 1, "coverage policies": 1, "loads of roles": 1, "team members": 2}
    send(client, "roles", "delete", row="local_account_manager")
    assert TeamRole.objects.filter(pk="local_account_manager").exists()


def test_a_tier_that_only_policies_name_is_in_use(cast: Cast) -> None:
    CoveragePolicy.objects.create(tier_id="key", unit_kind="site", role_id="local_account_manager")
    with pytest.raises(InUse):
        services.delete_code(TABLES["tiers"], code="key", by=cast.administrator)
    assert CoveragePolicy.objects.count() == 1


def test_what_nothing_uses_is_deleted_and_a_rule_of_the_product_is_not(cast: Cast, client: Client) -> None:
    send(client, "roles", "delete", row="legal")
    assert not TeamRole.objects.filter(pk="legal").exists()
    with pytest.raises(DomainError, match="part of the product"):
        services.delete_code(ROLES, code="global_account_manager", by=cast.administrator)


def test_unknown_rows_and_tables_are_not_there(client: Client) -> None:
    assert send(client, "roles", "up", row="nothing").status_code == 404
    assert client.get("/set-up/teams/nothing/").status_code == 404


def test_the_page_asks_as_much_of_the_database_for_many_rows(client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/set-up/teams/roles/")
        return len(found)

    asked()
    few = asked()
    TeamRole.objects.bulk_create(TeamRole(code=f"r{n}", name=f"R {n}", position=20 + n) for n in range(20))
    assert asked() == few
