"""Coverage policies as a grid: weighed before they are saved, saved as weighed, taken back afterwards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, NotPermitted
from coverage import policies, policy_services
from coverage.models import CoveragePolicy
from coverage.policies import Cell
from money.services import pin_business_date
from rollups import services as rollups
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LOCAL, LEGAL = ("legal_entity", "local_account_manager"), ("legal_entity", "legal")
ONE = Cell(Decimal(1), is_inheritable=True)
DAY = dt.date(2024, 6, 28)
PAGE = "/set-up/policies/?tier=key"


@pytest.fixture
def world(cast: Cast) -> Cast:
    """ACME is a key account with one unit of 12,000 EUR, covered by somebody who speaks its language at its hours."""
    pin_business_date(on=DAY, by=None)
    cast.acme.tier_id = "key"
    cast.acme.save()
    unit = cast.acme.org_units.get()
    member = make.MemberFactory(country="DE", time_zone="Europe/Berlin", languages=["de:C2"])
    make.CoverageFactory(org_unit=unit, member=member)
    make.RevenueEntryFactory(account=cast.acme, org_unit=unit, amount=Decimal(12000), date=dt.date(2024, 1, 15))
    CoveragePolicy.objects.create(tier_id="key", unit_kind=LOCAL[0], role_id=LOCAL[1])
    rollups.drain()
    return cast


@pytest.fixture
def client(world: Cast) -> Client:
    found = Client()
    found.force_login(world.superuser)
    return found


def stored() -> dict[policies.Place, Cell]:
    return policies.cells_of(tier="key")


def fields(client: Client, **changes: str) -> dict[str, Any]:
    """What the page sends: its form as it stands, with changes."""
    form = client.get(PAGE).context["form"]
    sent = {bound.html_name: bound.value() for bound in form}
    told = {
        name: "on" if value is True else str(value) for name, value in sent.items() if value not in (None, False, "")
    }
    return {**told, **changes}


def test_a_dry_run_says_what_a_new_role_would_do_and_changes_nothing(world: Cast) -> None:
    effect = policies.policy_effect(viewer=world.superuser, tier="key", cells={**stored(), LEGAL: ONE}, on=DAY)
    (row,) = effect.rows
    assert row.account == world.acme
    assert (row.before.score, row.after.score) == (Fraction(1), Fraction(1, 2))
    assert (row.before.gap, row.after.gap) == (0, 600000)
    assert (row.new, row.gone) == (1, 0)
    assert effect.total is not None
    assert effect.total.more_gap == 600000
    assert stored() == {LOCAL: ONE}


def test_weights_decide_how_much_of_a_unit_a_role_is(world: Cast) -> None:
    cells = {LOCAL: Cell(Decimal(3), True), LEGAL: ONE}
    (row,) = policies.policy_effect(viewer=world.superuser, tier="key", cells=cells, on=DAY).rows
    assert (row.after.score, row.after.gap) == (Fraction(3, 4), 300000)


def test_a_grid_without_roles_leaves_nothing_known(world: Cast) -> None:
    (row,) = policies.policy_effect(viewer=world.superuser, tier="key", cells={}, on=DAY).rows
    assert row.after.score is None
    assert (row.new, row.gone) == (0, 1)


def test_values_hold_only_what_the_reader_may_see(world: Cast) -> None:
    effect = policies.policy_effect(viewer=world.administrator, tier="key", cells={**stored(), LEGAL: ONE}, on=DAY)
    assert (effect.rows[0].after.gap, effect.rows[0].has_money) == (50, False)


def test_a_grid_is_saved_whole(world: Cast) -> None:
    wanted = {LEGAL: Cell(Decimal("2.5"), False), ("site", "fulfilment_lead"): ONE}
    version = policy_services.policy_version(tier="key")
    policy_services.save_policies(tier="key", cells=wanted, version=version, by=world.administrator)
    assert stored() == wanted


def test_saving_needs_the_permission_and_what_was_read(world: Cast) -> None:
    version = policy_services.policy_version(tier="key")
    with pytest.raises(NotPermitted):
        policy_services.save_policies(tier="key", cells={}, version=version, by=world.executive)
    policy_services.save_policies(tier="key", cells={LEGAL: ONE}, version=version, by=world.administrator)
    with pytest.raises(policy_services.PoliciesChanged):
        policy_services.save_policies(tier="key", cells={}, version=version, by=world.superuser)
    assert stored() == {LEGAL: ONE}


def test_the_last_change_of_a_tier_is_taken_back_and_only_that(world: Cast) -> None:
    stood = stored()
    other = CoveragePolicy.objects.create(tier_id="global", unit_kind="site", role_id="legal")
    version = policy_services.policy_version(tier="key")
    policy_services.save_policies(
        tier="key", cells={LEGAL: ONE, LOCAL: Cell(Decimal(4), False)}, version=version, by=world.administrator
    )
    version = policy_services.policy_version(tier="key")
    policy_services.undo_policies(tier="key", version=version, by=world.administrator)
    assert stored() == stood
    with pytest.raises(DomainError, match="Something else was changed"):
        policy_services.undo_policies(tier="key", version=version, by=world.administrator)
    assert CoveragePolicy.objects.filter(pk=other.pk).exists()


def test_the_page_weighs_before_it_saves(client: Client) -> None:
    sent = fields(client, **{"w-legal_entity-legal": "1", "do": "save"})
    answer = client.post(PAGE, sent)
    assert answer.context["effect"].rows[0].new == 1
    assert LEGAL not in stored()
    answer = client.post(PAGE, {**sent, "seen": answer.context["seen"], "w-legal_entity-legal": "2"})
    assert LEGAL not in stored()
    assert client.post(PAGE, {**sent, "seen": answer.context["seen"], "w-legal_entity-legal": "2"}).status_code == 302
    assert stored()[LEGAL] == Cell(Decimal(2), True)


def test_a_weight_that_cant_be_is_said_at_its_field_and_nothing_is_saved(client: Client) -> None:
    for wrong in ("-1", "much", "1.23456"):
        answer = client.post(PAGE, fields(client, **{"w-legal_entity-legal": wrong, "do": "save"}))
        assert answer.status_code == 422
        assert answer.context["form"]["w-legal_entity-legal"].errors
    assert stored() == {LOCAL: ONE}


def test_only_who_configures_teams_opens_the_page(world: Cast) -> None:
    for user, status in ((world.owner, 403), (world.executive, 403), (world.administrator, 200)):
        client = Client()
        client.force_login(user)
        assert client.get(PAGE).status_code == status


def test_a_dry_run_asks_as_much_of_the_database_for_many_customers(world: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            policies.policy_effect(viewer=world.superuser, tier="key", cells={LEGAL: ONE}, on=DAY)
        return len(found)

    asked()
    few = asked()
    for _n in range(10):
        make.OrgUnitFactory(account=make.AccountFactory(tier_id="key"), country="DE")
    assert asked() == few
