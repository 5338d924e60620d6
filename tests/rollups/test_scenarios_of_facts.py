"""Scenarios by which well-known roll-up engines are tested, replayed on facts: sums, filters, edits, empty amounts, rates.

Each says in its own words what others test; docs/testing.md lists those that have no meaning here.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, Stage
from revenue.models import RevenueEntry
from tests import factories as make
from tests.rollups.scenarios import D, account, cents, deal, entry, everything, regions
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> User:
    pin_business_date(on=D, by=None)
    return make.UserFactory(access=Access.EXECUTIVE)


def test_children_inserted_together_add_up(viewer: User) -> None:
    """A sum over four children inserted in one go."""
    for amount in ("250", "250", "50", "50"):
        entry("A", amount)
    assert account(viewer, "A").measures.revenue == cents("600.00")


def test_two_roll_ups_over_the_same_children_do_not_disturb_each_other(viewer: User) -> None:
    """A sum and a count, and a conditional and an unconditional one, defined over the same children and parent."""
    for amount, stage in (("250", "won"), ("250", "won"), ("50", "proposal"), ("50", "lost")):
        deal("A", amount, stage_id=stage)
    found = account(viewer, "A").measures
    assert (found.won, found.pipeline_open, found.lost) == (cents("500.00"), cents("50.00"), cents("50.00"))
    assert (found.opportunities_won, found.opportunities_open, found.opportunities_lost) == (2, 1, 1)


def test_a_fact_that_comes_to_match_the_condition_is_added_and_one_that_ceases_to_is_taken_off(viewer: User) -> None:
    """The where-clause is true of a child before an update and not after it, and the other way round."""
    one, two = deal("A", "10", stage_id="proposal"), deal("A", "7", stage_id="won")
    assert account(viewer, "A").measures.won == cents("7.00")
    Opportunity.objects.filter(pk=one.pk).update(stage_id="won")
    Opportunity.objects.filter(pk=two.pk).update(stage_id="lost")
    found = account(viewer, "A").measures
    assert (found.won, found.lost, found.pipeline_open) == (cents("10.00"), cents("7.00"), cents("0.00"))
    assert (found.opportunities_won, found.opportunities_lost, found.opportunities_open) == (1, 1, 0)


def test_the_condition_and_the_amount_change_in_one_update(viewer: User) -> None:
    """A child changes the summed field in the very update in which it leaves the filter."""
    one = deal("A", "10", stage_id="proposal")
    account(viewer, "A")
    Opportunity.objects.filter(pk=one.pk).update(stage_id="won", amount=25, close_date=dt.date(2024, 5, 5))
    found = account(viewer, "A").measures
    assert (found.won, found.pipeline_open, found.pipeline_weighted) == (cents("25.00"), cents("0.00"), cents("0.00"))


def test_a_condition_on_the_kind_moves_a_fact_between_figures(viewer: User) -> None:
    """A filter on a picklist: the child's type changes, it leaves one total and enters another."""
    one = entry("A", "10", kind="billed")
    assert account(viewer, "A").measures.revenue == cents("0.00")
    RevenueEntry.objects.filter(pk=one.pk).update(kind="recognised")
    assert account(viewer, "A").measures.revenue == cents("10.00")
    assert account(viewer, "A", revenue_kind="billed").measures.revenue == cents("0.00")


def test_a_condition_on_the_parent_of_the_condition_changes_for_all_its_children(viewer: User) -> None:
    """The where-clause reads a field of a related record, and that record is edited: its children follow, untouched."""
    for amount in ("100", "60"):
        deal("A", amount, stage_id="negotiation")
    deal("A", "40", stage_id="proposal")
    assert account(viewer, "A").measures.pipeline_weighted == cents("140.00")
    Stage.objects.filter(pk="negotiation").update(outcome="won")
    found = account(viewer, "A").measures
    assert (found.won, found.pipeline_open, found.pipeline_weighted) == (
        cents("160.00"),
        cents("40.00"),
        cents("20.00"),
    )


def test_a_category_set_on_one_deal_outranks_its_stages(viewer: User) -> None:
    """A formula field that reads the child itself, else its related record."""
    deal("A", "10", stage_id="proposal", forecast_category="omitted")
    deal("A", "5", stage_id="proposal")
    Stage.objects.filter(pk="proposal").update(forecast_category="omitted")
    assert account(viewer, "A").measures.pipeline_open == cents("0.00")
    Opportunity.objects.filter(amount=10).update(forecast_category="commit")
    found = account(viewer, "A").measures
    assert (found.pipeline_open, found.opportunities_open) == (cents("10.00"), 1)


def test_an_empty_amount_is_counted_and_adds_nothing(viewer: User) -> None:
    """Null values among the children: sums pass them over, counts don't."""
    deal("A", None, stage_id="proposal")
    deal("A", "5", stage_id="proposal")
    found = account(viewer, "A").measures
    assert (found.pipeline_open, found.opportunities_open) == (cents("5.00"), 2)


@pytest.mark.parametrize(("before", "after"), [(None, "12.50"), ("12.50", None), ("12.50", "0"), ("0", "-3")])
def test_an_amount_that_is_filled_emptied_or_turned(viewer: User, before: str | None, after: str | None) -> None:
    """A child's value goes from null to a number, back to null, to zero and below it."""
    one = deal("A", before)
    account(viewer, "A")
    Opportunity.objects.filter(pk=one.pk).update(amount=after)
    found = account(viewer, "A").measures
    assert (found.pipeline_open, found.opportunities_open) == (Decimal(after or 0).quantize(Decimal("0.01")), 1)


def test_a_credit_and_what_it_corrects_leave_nothing(viewer: User) -> None:
    """Negative values among the children."""
    entry("A", "99.99")
    entry("A", "-99.99")
    entry("A", "-0.01")
    assert account(viewer, "A").measures.revenue == cents("-0.01")


def test_the_last_child_leaves_nought_and_not_nothing(viewer: User) -> None:
    """Deleting the last child: the parent shows 0, not null and not what stood there."""
    one = entry("A", "10")
    two = deal("A", "10")
    account(viewer, "A")
    one.delete()
    two.delete()
    found = account(viewer, "A").measures
    assert (found.revenue, found.pipeline_open, found.opportunities_open) == (cents("0.00"), cents("0.00"), 0)


def test_of_equal_children_each_counts(viewer: User) -> None:
    """Two children of equal values: nothing here is distinct by value."""
    for _ in range(2):
        entry("A", "250")
        deal("A", "50")
    found = account(viewer, "A").measures
    assert (found.revenue, found.pipeline_open, found.opportunities_open) == (cents("500.00"), cents("100.00"), 2)


def test_a_deal_with_lines_in_one_country_twice_is_one_deal(viewer: User) -> None:
    """A distinct count: the deal is counted by its identity wherever its lines lie, never by line."""
    region = make.RegionFactory(code="EMEA")
    for country in ("DE", "FR"):
        make.RegionCountryFactory(region=region, country=country)
    one = deal("A", None)
    for number, country in enumerate(("DE", "DE", "FR"), start=1):
        make.OpportunityLineFactory(opportunity=one, line=number, country=country, amount=Decimal(10))
    from tests.rollups.scenarios import region as read

    found = read(viewer, "EMEA")
    assert (found.measures.opportunities_open, found.measures.pipeline_open) == (1, cents("30.00"))
    assert {child.code: child.measures.opportunities_open for child in found.children} == {"DE": 1, "FR": 1}
    OpportunityLine.objects.filter(country="FR").delete()
    found = read(viewer, "EMEA")
    assert {child.code: child.measures.opportunities_open for child in found.children if child.measures.deals} == {
        "DE": 1
    }


def test_children_of_three_currencies_are_converted_each_by_its_own_rate(viewer: User) -> None:
    """Multi-currency: children in several currencies, a parent in one; each is rounded before it is added."""
    for currency, rate in (("USD", "1.25"), ("JPY", "160"), ("GBP", "0.8")):
        make.ExchangeRateFactory(currency_id=currency, date=dt.date(2024, 1, 15), rate=Decimal(rate))
    for amount, currency in (("10.005", "EUR"), ("12.50", "USD"), ("4004", "JPY"), ("0.80", "GBP")):
        entry("A", amount, currency_id=currency)
    # 10.00 + 10.00 + 25.02 (25.025, to even) + 1.00
    assert account(viewer, "A").measures.revenue == cents("46.02")
    # 12.51 (10.005 × 1.25 = 12.50625) + 12.50 + 31.28 (31.28125) + 1.25
    assert account(viewer, "A", currency="USD").measures.revenue == cents("57.54")


def test_a_changed_rate_restates_the_facts_of_its_days_only(viewer: User) -> None:
    """Dated rates: a conversion rate that starts later, or is corrected, touches only the children it prices."""
    for day, rate in ((dt.date(2024, 1, 15), "1.25"), (dt.date(2024, 2, 15), "2")):
        make.ExchangeRateFactory(currency_id="USD", date=day, rate=Decimal(rate))
        entry("A", "100", currency_id="USD", date=day)
    assert account(viewer, "A").measures.revenue == cents("130.00")
    ExchangeRate.objects.filter(date=dt.date(2024, 2, 15)).update(rate=4)
    assert account(viewer, "A").measures.revenue == cents("105.00")


def test_a_child_that_changes_its_currency(viewer: User) -> None:
    """The currency of a child changes in place: the same number is other money."""
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 15), rate=Decimal("1.25"))
    one = entry("A", "100", currency_id="EUR")
    assert account(viewer, "A").measures.revenue == cents("100.00")
    RevenueEntry.objects.filter(pk=one.pk).update(currency_id="USD")
    assert account(viewer, "A").measures.revenue == cents("80.00")
    assert account(viewer, "A", currency="native").measures.revenue == {"USD": cents("100.00")}


def test_a_child_without_a_rate_is_listed_and_not_added(viewer: User) -> None:
    """No conversion rate: others take 1; here it is in no total and stands beside it."""
    entry("A", "100", currency_id="ARS")
    entry("A", "1")
    found = account(viewer, "A")
    assert found.measures.revenue == cents("1.00")
    assert (found.unpriced["revenue"].facts, found.unpriced["revenue"].amounts) == (1, {"ARS": cents("100.00")})


@pytest.mark.parametrize(
    ("day", "year"),
    [("2023-12-31", "0.00"), ("2024-01-01", "5.00"), ("2024-12-31", "5.00"), ("2025-01-01", "0.00")],
)
def test_a_date_at_the_edge_of_the_year(viewer: User, day: str, year: str) -> None:
    """A date literal such as "this fiscal year": the first and last day are in, the days beside them are not."""
    entry("A", "5", date=dt.date.fromisoformat(day))
    assert account(viewer, "A").measures.revenue == cents(year)


def test_a_date_that_moves_out_of_the_period_and_back(viewer: User) -> None:
    """A child's date leaves the fiscal year and returns to it."""
    one = entry("A", "5")
    for day, expected in (("2025-02-01", "0.00"), ("2024-02-29", "5.00")):
        RevenueEntry.objects.filter(pk=one.pk).update(date=day)
        assert account(viewer, "A").measures.revenue == cents(expected)
    months = {row.month: row.measures.revenue for row in account(viewer, "A").months if row.measures.revenue}
    assert months == {"2024-02": cents("5.00")}


def test_two_hundred_and_one_children_in_one_statement(viewer: User) -> None:
    """A batch larger than the 200 rows in which others are handed their changes."""
    owner = make.AccountFactory(code="A")
    rows = [
        RevenueEntry(
            external_id=f"r{n}",
            account=owner,
            country="DE",
            date=dt.date(2024, 1, 1),
            amount=Decimal("0.01"),
            currency_id="EUR",
        )
        for n in range(201)
    ]
    RevenueEntry.objects.bulk_create(rows)
    assert account(viewer, "A").measures.revenue == cents("2.01")
    RevenueEntry.objects.update(amount=Decimal("0.02"))
    assert account(viewer, "A").measures.revenue == cents("4.02")
    RevenueEntry.objects.filter(external_id__endswith="0").delete()
    assert account(viewer, "A").measures.revenue == cents("3.60")  # 21 of the 201 end with a nought


def test_an_edit_of_what_no_roll_up_reads_changes_nothing_and_costs_nothing(viewer: User) -> None:
    """An update of a field that is neither summed, nor a condition, nor the way to the parent."""
    from rollups import services

    one = deal("A", "10")
    account(viewer, "A")
    Opportunity.objects.filter(pk=one.pk).update(name="Another name")
    assert services.drain().keys == 0
    assert account(viewer, "A").measures.pipeline_open == cents("10.00")


def test_lines_carry_the_deal_and_the_last_line_that_goes_leaves_it_its_amount(viewer: User) -> None:
    """A roll-up that is itself summed: lines into their deal, deals into their customer."""
    one = deal("A", None)
    for number, amount in enumerate(("10.10", "20.20"), start=1):
        make.OpportunityLineFactory(opportunity=one, line=number, amount=Decimal(amount))
    assert account(viewer, "A").measures.pipeline_open == cents("30.30")
    OpportunityLine.objects.filter(line=1).update(amount=Decimal("0.10"))
    assert account(viewer, "A").measures.pipeline_open == cents("20.30")
    OpportunityLine.objects.all().delete()
    one.refresh_from_db()
    assert one.amount == cents("20.30")
    assert account(viewer, "A").measures.pipeline_open == cents("20.30")


def test_a_child_without_a_parent_lies_in_unallocated(viewer: User) -> None:
    """The lookup is empty: others lose the child; here roots and unallocated are all facts."""
    entry("A", "10", country="")
    entry("A", "5", country="DE")
    assert regions(viewer) == {"unallocated": cents("15.00")}
    assert everything(viewer).revenue == cents("15.00")


def test_a_lookup_that_is_emptied_and_filled_again(viewer: User) -> None:
    """The child's parent becomes null, then a parent again."""
    region: Any = make.RegionFactory(code="EMEA")
    make.RegionCountryFactory(region=region, country="DE")
    one = entry("A", "10", country="DE")
    assert regions(viewer) == {"EMEA": cents("10.00")}
    RevenueEntry.objects.filter(pk=one.pk).update(country="")
    assert regions(viewer) == {"unallocated": cents("10.00")}
    RevenueEntry.objects.filter(pk=one.pk).update(country="DE")
    assert regions(viewer) == {"EMEA": cents("10.00")}
