"""What was deleted comes back from its history: ids, lines, splits, and figures to the cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.merges import merge_accounts
from accounts.merging import Choices
from accounts.models import Account
from core.errors import DomainError, NotPermitted
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, StageHistory
from pipeline.services import delete_opportunity
from revenue.models import RevenueEntry
from rollups import services
from rollups.lens import parse_lens
from rollups.queries import regions_list
from tests import factories as make
from tests.cast import Cast
from workspace import deleted

pytestmark = pytest.mark.django_db

ALL = {"from": "2024-01", "to": "2024-12"}


@pytest.fixture
def facts(cast: Cast) -> Cast:
    """An entry that rounds, and a deal in two countries with two partners and a history, all of ACME."""
    pin_business_date(on=dt.date(2024, 6, 28), by=None)
    make.RevenueEntryFactory(account=cast.acme, external_id="r1", amount=Decimal("10.005"), country="DE")
    deal = make.OpportunityFactory(account=cast.acme, external_id="o1", name="Big deal", amount=None)
    for number, country in enumerate(("DE", "FR"), start=1):
        make.OpportunityLineFactory(opportunity=deal, line=number, country=country, amount=Decimal("10.015"))
    percents = [("prime", 40), ("prime", 60), ("overlay", 30)]
    OpportunitySplit.objects.bulk_create(
        [OpportunitySplit(opportunity=deal, member=make.MemberFactory(), type=t, percent=p) for t, p in percents]
    )
    StageHistory.objects.create(
        opportunity=deal, changed_at=dt.datetime(2024, 1, 5, tzinfo=dt.UTC), stage_id="proposal"
    )
    return cast


def rows() -> list[Any]:
    models = (RevenueEntry, Opportunity, OpportunityLine, OpportunitySplit, StageHistory)
    return [sorted(model.objects.values_list()) for model in models]


def figures(cast: Cast) -> list[Any]:
    services.drain()
    assert services.verify().drift == 0
    lens = parse_lens(ALL)
    return [(f.scope.code, f.measures, f.months) for f in regions_list(viewer=cast.executive, lens=lens)]


def only(cast: Cast, kind: str) -> deleted.Deleted:
    (found,) = [row for row in deleted.deleted_lately(viewer=cast.owner) if row.kind == kind]
    return found


def test_a_deleted_entry_comes_back_with_its_figures(facts: Cast) -> None:
    before, shown = rows(), figures(facts)
    RevenueEntry.objects.get().delete()
    assert figures(facts) != shown
    found = only(facts, "revenue")
    assert (found.name, found.amount, found.account) == ("r1", Decimal("10.005"), "Acme")
    deleted.restore(kind="revenue", event=found.event, by=facts.owner)
    assert rows() == before
    assert figures(facts) == shown
    assert deleted.deleted_lately(viewer=facts.owner) == []


def test_a_deleted_deal_comes_back_with_lines_splits_and_history(facts: Cast) -> None:
    before, shown = rows(), figures(facts)
    delete_opportunity(pk=Opportunity.objects.get().pk, by=facts.owner)
    assert not OpportunityLine.objects.exists()
    assert figures(facts) != shown
    found = only(facts, "opportunities")
    assert (found.name, found.amount, found.by) == ("Big deal", Decimal("20.03"), "owner@example.org")
    deleted.restore(kind="opportunities", event=found.event, by=facts.owner)
    assert rows() == before
    assert figures(facts) == shown


def test_what_was_deleted_twice_is_offered_once_as_it_was_last(facts: Cast) -> None:
    RevenueEntry.objects.get().delete()
    deleted.restore(kind="revenue", event=only(facts, "revenue").event, by=facts.owner)
    RevenueEntry.objects.update(amount=7)
    RevenueEntry.objects.get().delete()
    deleted.restore(kind="revenue", event=only(facts, "revenue").event, by=facts.owner)
    assert RevenueEntry.objects.get().amount == 7


def test_an_external_id_that_is_anothers_now_is_said(facts: Cast) -> None:
    RevenueEntry.objects.get().delete()
    Opportunity.objects.get().delete()
    make.RevenueEntryFactory(account=facts.acme, external_id="r1")
    make.OpportunityFactory(account=facts.acme, external_id="o1")
    for kind, name in (("revenue", "r1"), ("opportunities", "o1")):
        found = only(facts, kind)
        assert found.is_taken
        with pytest.raises(DomainError, match=f"has the external id “{name}” now"):
            deleted.restore(kind=kind, event=found.event, by=facts.owner)


def test_what_belongs_to_something_that_is_gone_stays_deleted(facts: Cast) -> None:
    unit = facts.acme.org_units.get(code="ACME-DE")
    RevenueEntry.objects.update(org_unit=unit)
    RevenueEntry.objects.get().delete()
    unit.delete()
    with pytest.raises(DomainError, match="something it belongs to"):
        deleted.restore(kind="revenue", event=only(facts, "revenue").event, by=facts.owner)
    assert not RevenueEntry.objects.exists()


def test_a_fact_of_an_account_that_was_merged_comes_back_in_the_new_one(facts: Cast) -> None:
    shown = figures(facts)
    RevenueEntry.objects.get().delete()
    Opportunity.objects.get().delete()
    merge_accounts(gone="ACME", into="OTHER", choices=Choices(), by=facts.superuser)
    for row in deleted.deleted_lately(viewer=facts.executive):
        deleted.restore(kind=row.kind, event=row.event, by=facts.superuser)
    assert set(RevenueEntry.objects.values_list("account__code", flat=True)) == {"OTHER"}
    assert set(OpportunityLine.objects.values_list("account__code", flat=True)) == {"OTHER"}
    assert figures(facts) == shown
    assert not Account.objects.filter(code="ACME").exists()


def test_only_who_could_delete_it_is_offered_it(facts: Cast) -> None:
    deal = Opportunity.objects.get()
    RevenueEntry.objects.get().delete()
    deal.delete()
    # In Germany now, and France since April: the European lead sees every line of the deal.
    offered = {
        name: {row.kind for row in deleted.deleted_lately(viewer=getattr(facts, name))}
        for name in ("owner", "europe_lead", "outsider", "asia_lead")
    }
    both = {"revenue", "opportunities"}
    assert offered == {"owner": both, "europe_lead": both, "outsider": set(), "asia_lead": set()}
    event = only(facts, "revenue").event
    with pytest.raises(DomainError, match="nothing to bring back"):
        deleted.restore(kind="revenue", event=event, by=facts.outsider)
    with pytest.raises(NotPermitted):
        deleted.restore(kind="revenue", event=event, by=facts.executive)


def test_a_lead_is_not_offered_a_deal_of_which_she_sees_a_part(facts: Cast) -> None:
    OpportunityLine.objects.filter(country="FR").update(country="US")
    Opportunity.objects.get().delete()
    assert deleted.deleted_lately(viewer=facts.europe_lead) == []
    assert only(facts, "opportunities").name == "Big deal"


def test_after_a_month_it_is_offered_no_more(facts: Cast) -> None:
    RevenueEntry.objects.get().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE revenue_revenueentryevent SET pgh_created_at = now() - interval '31 days'")
    assert deleted.deleted_lately(viewer=facts.owner) == []


def test_the_page_undoes_a_deletion(facts: Cast) -> None:
    client = Client()
    client.force_login(facts.owner)
    delete_opportunity(pk=Opportunity.objects.get().pk, by=facts.owner)
    event = only(facts, "opportunities").event
    assert "Big deal" in client.get("/deleted/").content.decode()
    answer = client.post(f"/deleted/opportunities/{event}/restore/", follow=True)
    assert "It is back" in answer.content.decode()
    assert Opportunity.objects.get().name == "Big deal"
    answer = client.post(f"/deleted/opportunities/{event}/restore/", follow=True)
    assert "perhaps it is back already" in answer.content.decode()
