"""Traps of PRODUCT that touch roll-ups and are not met by the worked tables or the random histories."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import OrgUnit
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunitySplit
from revenue.models import RevenueEntry
from rollups import queries, services
from rollups.figures import Figure
from rollups.lens import parse_lens
from tests import factories as make
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db

YEAR = {"from": "2024-01", "to": "2024-12"}


@pytest.fixture(autouse=True)
def _as_of() -> None:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)


@pytest.fixture
def executive() -> User:
    return make.UserFactory(access=Access.EXECUTIVE)


def _all(viewer: User, **lens: str) -> Figure:
    """Everything, as `unallocated`: no test here draws a region unless it says so."""
    services.drain()
    return queries.region_figures(viewer=viewer, code="unallocated", lens=parse_lens({**YEAR, **lens}))


def test_a_deal_with_three_members_and_two_books_counts_once(executive: User) -> None:
    deal = make.OpportunityFactory(amount=Decimal(100))
    for _ in range(3):
        make.TeamMemberFactory(team=deal.account.team)
    make.OpportunitySplitFactory(opportunity=deal)
    make.OpportunitySplitFactory(opportunity=deal, type="overlay", percent=Decimal(50))
    make.OpportunitySplitFactory(opportunity=deal, type="overlay", percent=Decimal(60))
    found = _all(executive).measures
    assert (found.pipeline_open, found.opportunities_open) == (Decimal("100.00"), 1)


def test_a_deal_of_two_partners_is_credited_to_its_country_once(executive: User) -> None:
    deal = make.OpportunityFactory(amount=Decimal(100), stage_id="won", close_date=dt.date(2024, 3, 1))
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=make.MemberFactory(), type="prime", percent=percent)
        for percent in (60, 40)
    )
    found = _all(executive).measures
    assert (found.won, found.opportunities_won) == (Decimal("100.00"), 1)


def test_revenue_and_lines_of_one_unit_do_not_multiply_each_other(executive: User) -> None:
    unit = make.OrgUnitFactory()
    for _ in range(3):
        make.RevenueEntryFactory(account=unit.account, org_unit=unit, amount=Decimal(10))
    for _ in range(2):
        make.OpportunityFactory(account=unit.account, org_unit=unit, amount=Decimal(5))
    found = _all(executive).measures
    assert (found.revenue, found.pipeline_open) == (Decimal("30.00"), Decimal("10.00"))


def test_kinds_of_revenue_are_never_added(executive: User) -> None:
    for kind, amount in (("booked", 100), ("billed", 60), ("recognised", 25)):
        make.RevenueEntryFactory(kind=kind, amount=Decimal(amount))
    shown = {kind: _all(executive, revenue_kind=kind).measures.revenue for kind in ("booked", "billed", "recognised")}
    assert shown == {"booked": Decimal("100.00"), "billed": Decimal("60.00"), "recognised": Decimal("25.00")}
    assert _all(executive).measures.revenue == Decimal("25.00")


def test_other_reporting_currencies_leave_stored_amounts_alone(executive: User) -> None:
    make.ExchangeRateFactory(date=dt.date(2024, 1, 15), rate=Decimal("1.25"))
    make.RevenueEntryFactory(amount=Decimal("10.0001"))
    _all(executive)
    with override_settings(GAM_REPORTING_CURRENCIES=["USD"]):
        assert _all(executive).measures.revenue == Decimal("12.50")
    assert RevenueEntry.objects.get().amount == Decimal("10.0001")


def test_a_rate_counts_with_every_decimal(executive: User) -> None:
    make.ExchangeRateFactory(currency_id="KWD", date=dt.date(2024, 1, 15), rate=Decimal("0.335812"))
    make.RevenueEntryFactory(amount=Decimal(1_000_000), currency_id="KWD")
    assert _all(executive).measures.revenue == Decimal("2977856.66")  # with 0.3358 it would be 2,977,963.07


def test_a_fact_stays_in_its_month_when_it_is_edited_later(executive: User) -> None:
    entry = make.RevenueEntryFactory(date=dt.date(2024, 1, 31), amount=Decimal(1))
    services.drain()
    entry.amount = Decimal(2)
    entry.save()
    assert [row.month for row in _all(executive).months if row.measures.revenue] == ["2024-01"]


def test_a_fact_stays_in_its_country_when_its_unit_moves(executive: User) -> None:
    unit = make.OrgUnitFactory(country="DE")
    make.RevenueEntryFactory(account=unit.account, org_unit=unit, country="DE")
    OrgUnit.objects.update(country="FR")
    assert [child.code for child in _all(executive).children] == ["DE"]


def test_a_region_takes_its_figures_from_the_old_parent_to_the_new(executive: User) -> None:
    west, east, south = (make.RegionFactory(code=code) for code in ("WEST", "EAST", "SOUTH"))
    make.RegionCountryFactory(region=south, country="ES")
    link = make.RegionLinkFactory(child=south, parent=west)
    make.RevenueEntryFactory(country="ES", amount=Decimal(10))
    services.drain()

    def shown() -> dict[str, object]:
        figures = queries.regions_list(viewer=executive, lens=parse_lens(YEAR))
        return {figure.scope.code: figure.measures.revenue for figure in figures if figure.measures.revenue}

    assert shown() == {"WEST": Decimal("10.00")}
    link.parent = east
    link.save()
    assert shown() == {"EAST": Decimal("10.00")}


def _parts(figure: Figure) -> tuple[object, dict[str, object]]:
    return figure.measures.revenue, {child.code: child.measures.revenue for child in figure.children}


def test_what_lies_three_levels_down_counts_once_at_each_under_the_direct_child(executive: User) -> None:
    account = make.AccountFactory(code="ACME")
    group, division, works = (make.OrgUnitFactory(account=account, code=code) for code in ("G", "D", "W"))
    world, europe, south = (make.RegionFactory(code=code) for code in ("WORLD", "EUROPE", "SOUTH"))
    for link, chain in (
        (make.OrgLinkFactory, (group, division, works)),
        (make.RegionLinkFactory, (world, europe, south)),
    ):
        for parent, child in itertools.pairwise(chain):
            link(child=child, parent=parent)
    make.RegionCountryFactory(region=south, country="ES")
    make.RevenueEntryFactory(account=account, org_unit=works, country="ES", amount=Decimal(10))
    services.drain()
    asked: dict[str, Any] = {"viewer": executive, "lens": parse_lens(YEAR)}
    regions = {code: _parts(queries.region_figures(code=code, **asked)) for code in ("WORLD", "EUROPE", "SOUTH")}
    units = {code: _parts(queries.org_unit_figures(account="ACME", code=code, **asked)) for code in ("G", "D", "W")}
    ten = Decimal("10.00")
    assert regions == {"WORLD": (ten, {"EUROPE": ten}), "EUROPE": (ten, {"SOUTH": ten}), "SOUTH": (ten, {"ES": ten})}
    assert units == {"G": (ten, {"D": ten}), "D": (ten, {"W": ten}), "W": (ten, {})}


def test_an_account_lies_where_its_facts_lie_not_at_its_head_office(executive: User) -> None:
    account = make.AccountFactory(hq_country="US")
    region = make.RegionCountryFactory(country="DE", region=make.RegionFactory(code="DACH")).region
    make.RevenueEntryFactory(account=account, country="DE", amount=Decimal(10))
    services.drain()
    figure = queries.region_figures(viewer=executive, code=region.code, lens=parse_lens(YEAR))
    assert figure.measures.revenue == Decimal("10.00")
    rows = queries.region_accounts(viewer=executive, code="DACH", lens=parse_lens(YEAR))
    assert [(row.code, row.measures.revenue) for row in rows] == [(account.code, Decimal("10.00"))]


def test_an_omitted_deal_leaves_the_pipeline_and_stays_when_it_is_won(executive: User) -> None:
    deal = make.OpportunityFactory(amount=Decimal(100), forecast_category="omitted")
    assert _all(executive).measures.opportunities_open == 0
    Opportunity.objects.filter(pk=deal.pk).update(stage="won")
    found = _all(executive).measures
    assert (found.won, found.opportunities_won) == (Decimal("100.00"), 1)


def test_a_late_fact_is_provisional_until_its_own_day_is_published(executive: User) -> None:
    make.ExchangeRateFactory(date=dt.date(2024, 6, 26), rate=Decimal("1.25"))
    make.RevenueEntryFactory(date=dt.date(2024, 6, 28), currency_id="USD", amount=Decimal(100))
    first = _all(executive)
    assert (first.measures.revenue, first.provisional) == (Decimal("80.00"), True)
    make.ExchangeRateFactory(date=dt.date(2024, 6, 28), rate=Decimal(2))
    then = _all(executive)
    assert (then.measures.revenue, then.provisional) == (Decimal("50.00"), False)
    make.ExchangeRateFactory(date=dt.date(2024, 7, 1), rate=Decimal(4))
    assert _all(executive).measures.revenue == Decimal("50.00")


def test_unpriced_facts_are_listed_with_their_reason(executive: User) -> None:
    make.RevenueEntryFactory(external_id="peso", currency_id="ARS", amount=Decimal("1.5"))
    make.OpportunityFactory(external_id="deal", currency_id="ARS", amount=None)
    make.OpportunityFactory(external_id="open", currency_id="ARS")
    services.drain()
    rows = queries.unpriced_facts(viewer=executive, lens=parse_lens(YEAR))
    assert [(row.external_id, row.measure, row.currency) for row in rows] == [
        ("open", "pipeline_open", "ARS"),
        ("peso", "revenue", "ARS"),
    ]
    assert "ARS" in rows[0].reason
    assert queries.unpriced_facts(viewer=make.UserFactory(), lens=parse_lens(YEAR)) == []


def test_amounts_beyond_the_range_of_integers_are_added_exactly(executive: User) -> None:
    for _ in range(2):
        make.RevenueEntryFactory(amount=Decimal("9999999999999999.9999"), currency_id="EUR")
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 15), rate=Decimal("12345"))
    assert _all(executive).measures.revenue == Decimal("20000000000000000.00")
    assert _all(executive, currency="USD").measures.revenue == 2 * Decimal("123449999999999999998.77")
    assert services.verify().drift == 0
