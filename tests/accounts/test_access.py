"""Who sees what (PRODUCT.md): accounts, facts and totals."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import access
from accounts.models import Account, AccountGrant, Contact
from pipeline.models import Opportunity
from revenue.models import RevenueEntry
from tests import factories as make
from tests.cast import MOVED_ON, Cast
from users.models import User
from users.permissions import Permission


def accounts_of(user: User) -> set[str]:
    return set(Account.objects.visible_to(User.objects.get(pk=user.pk)).values_list("code", flat=True))


def revenue_of(user: User) -> set[str]:
    return set(RevenueEntry.objects.visible_to(User.objects.get(pk=user.pk)).values_list("external_id", flat=True))


def test_team_members_see_their_account_and_no_other(cast: Cast) -> None:
    assert accounts_of(cast.owner) == {"ACME"}
    assert accounts_of(cast.outsider) == {"OTHER"}


def test_a_membership_that_has_ended_shows_nothing(cast: Cast) -> None:
    cast.acme.team.memberships.update(valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2021, 1, 1))
    assert accounts_of(cast.owner) == set()


def test_executives_and_superusers_see_all(cast: Cast) -> None:
    assert accounts_of(cast.executive) == accounts_of(cast.superuser) == {"ACME", "OTHER"}


def test_a_viewer_sees_what_is_granted(cast: Cast) -> None:
    assert accounts_of(cast.viewer) == set()
    AccountGrant.objects.create(account=cast.acme, user=cast.viewer)
    assert accounts_of(cast.viewer) == {"ACME"}


def test_a_lead_sees_accounts_with_a_unit_in_her_subtree(cast: Cast) -> None:
    assert accounts_of(cast.europe_lead) == {"ACME"}
    assert accounts_of(cast.asia_lead) == {"OTHER"}


@pytest.mark.parametrize("kind", ["revenue", "deal", "line"])
def test_a_fact_in_her_subtree_shows_a_lead_the_account(cast: Cast, kind: str) -> None:
    if kind == "revenue":
        make.RevenueEntryFactory(account=cast.acme, country="JP")
    else:
        deal = make.OpportunityFactory(account=cast.acme, country="JP" if kind == "deal" else "DE")
        if kind == "line":
            make.OpportunityLineFactory(opportunity=deal, country="JP")
            assert set(Opportunity.objects.visible_to(cast.asia_lead)) == {deal}
    assert accounts_of(cast.asia_lead) == {"ACME", "OTHER"}


def test_a_lead_sees_facts_of_countries_hers_now_or_hers_on_the_month_end(cast: Cast) -> None:
    def entry(name: str, country: str, day: dt.date) -> None:
        make.RevenueEntryFactory(external_id=name, account=cast.acme, country=country, date=day)

    entry("before", "FR", dt.date(2024, 3, 31))
    entry("month of the move", "FR", MOVED_ON)
    entry("german", "DE", dt.date(2024, 3, 31))
    assert revenue_of(cast.europe_lead) == {"before", "month of the move", "german"}
    assert revenue_of(cast.asia_lead) == {"before"}


def test_an_administrator_sees_names_but_no_money(cast: Cast) -> None:
    make.RevenueEntryFactory(account=cast.acme)
    assert accounts_of(cast.administrator) == {"ACME", "OTHER"}
    assert revenue_of(cast.administrator) == set()
    cast.administrator.extra_permissions = [Permission.SEE_ALL_FIGURES]
    cast.administrator.save()
    assert len(revenue_of(cast.administrator)) == 1


def test_a_lead_does_not_see_the_customers_people(cast: Cast) -> None:
    make.ContactFactory(account=cast.acme)
    assert Contact.objects.visible_to(cast.europe_lead).count() == 0
    assert Contact.objects.visible_to(cast.owner).count() == 1


def test_an_inactive_user_sees_nothing(cast: Cast) -> None:
    cast.superuser.is_active = False
    cast.superuser.save()
    assert accounts_of(cast.superuser) == set()


def test_the_scope_is_read_once_a_request(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    lead = User.objects.get(pk=cast.europe_lead.pk)
    with django_assert_max_num_queries(6):
        access.scope_of(lead)
    with django_assert_max_num_queries(0):
        access.scope_of(lead)
