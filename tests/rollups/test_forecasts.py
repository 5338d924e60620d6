"""Forecasts by region and by manager line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from pipeline.models import OpportunitySplit
from rollups import queries
from rollups.forecast_categories import KEYS, month_period, parse_period, quarter_at
from rollups.forecast_figures import ForecastFigure
from rollups.lens import LensError, parse_lens
from tests import factories as make
from tests.rollups.forecast_worlds import Q2, World, rates, world
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def region(viewer: User, code: str, **lens: str) -> ForecastFigure:
    return queries.region_forecast(viewer=viewer, code=code, lens=parse_lens(lens), period=Q2)


def member(viewer: User, email: str, **lens: str) -> ForecastFigure:
    return queries.member_forecast(viewer=viewer, email=email, lens=parse_lens(lens), period=Q2)


def said(figure: ForecastFigure) -> dict[str, str]:
    return {key: f"{figure.amounts.money[key]:f}" for key in KEYS}


def test_a_region_holds_what_lies_in_it_by_category(here: World) -> None:
    found = region(here.executive, "EMEA")
    assert said(found) == {"closed": "40.00", "commit": "150.01", "best_case": "50.00", "pipeline": "7.00"}
    assert f"{found.amounts.forecast}" == "190.01"
    assert found.amounts.unpriced["commit"].amounts == {"ARS": Decimal("50.00")}
    assert dict(found.amounts.deals) == {"closed": 1, "commit": 2, "best_case": 1, "pipeline": 1}


@pytest.mark.parametrize("find", ["", "EMEA", "SOUTH", "unallocated"])
@pytest.mark.parametrize("lens", [{}, {"currency": "USD"}, {"book": "overlay"}, {"tree": "now"}])
def test_parts_of_a_region_add_up(here: World, find: str, lens: dict[str, str]) -> None:
    OpportunitySplit.objects.create(opportunity=here.deals["big"], member=here.bob, type="overlay", percent=50)
    found = region(here.executive, find, **lens)
    for key in KEYS:
        assert sum(part.amounts.money[key] for part in found.parts) == found.amounts.money[key]  # type: ignore[misc]  # one currency
    assert sum(part.amounts.unpriced_facts for part in found.parts) == found.amounts.unpriced_facts


@pytest.mark.parametrize("email", ["", "boss@x.org", "ann@x.org"])
@pytest.mark.parametrize("lens", [{}, {"currency": "USD"}])
def test_parts_of_a_line_add_up(here: World, email: str, lens: dict[str, str]) -> None:
    found = member(here.executive, email, **lens)
    for key in KEYS:
        assert sum(part.amounts.money[key] for part in found.parts) == found.amounts.money[key]  # type: ignore[misc]  # one currency


def test_everybody_and_the_world_are_the_same_deals(here: World) -> None:
    assert said(member(here.executive, "")) == said(region(here.executive, ""))


def test_a_manager_has_her_own_deals_and_those_of_her_line(here: World) -> None:
    found = member(here.executive, "boss@x.org")
    assert [(part.type, part.code) for part in found.parts] == [("member", "ann@x.org"), ("member", "bob@x.org")]
    assert said(found) == {"closed": "40.00", "commit": "150.01", "best_case": "50.00", "pipeline": "7.00"}
    # big is 150.01: 33.33 % and the rest, by largest remainder.
    assert said(member(here.executive, "ann@x.org"))["commit"] == "50.00"
    assert said(member(here.executive, "bob@x.org"))["commit"] == "100.01"
    assert said(member(here.executive, "unassigned"))["commit"] == "9.00"


def test_who_reports_in_a_circle_is_found_once(here: World) -> None:
    here.boss.manager = here.ann
    here.boss.save()
    assert said(member(here.executive, ""))["commit"] == "159.01"


def test_a_deal_with_two_members_products_and_contacts_counts_once(here: World) -> None:
    for name in ("one", "two"):
        make.TeamMemberFactory(team=here.account.team, member=make.MemberFactory(email=f"{name}@x.org"))
        make.ContactFactory(account=here.account)
    lines = here.deals["big"].lines.order_by("line")
    for line, product in zip(lines, (make.ProductFactory(), make.ProductFactory()), strict=True):
        line.product = product
        line.save()
    OpportunitySplit.objects.create(opportunity=here.deals["big"], member=here.boss, type="overlay", percent=100)
    found = region(here.executive, "")
    assert said(found)["commit"] == "159.01"
    assert found.amounts.deals["commit"] == 3
    assert member(here.executive, "boss@x.org").amounts.deals["commit"] == 2


def test_a_lead_sees_what_lies_in_her_region_and_is_told_so(here: World) -> None:
    world_of_hers = region(here.lead, "")
    assert said(world_of_hers) == {"closed": "40.00", "commit": "50.00", "best_case": "50.00", "pipeline": "0.00"}
    assert world_of_hers.restricted
    assert not region(here.lead, "SOUTH").restricted
    assert region(here.lead, "EMEA").restricted


def test_a_stranger_sees_nothing(here: World) -> None:
    stranger = make.UserFactory(access=Access.VIEWER)
    assert set(said(region(stranger, "")).values()) == {"0.00"}
    with pytest.raises(Http404):
        member(stranger, "ann@x.org")


def test_native_money_stands_by_currency(here: World) -> None:
    found = region(here.executive, "", currency="native")
    assert found.amounts.money["best_case"] == {"USD": Decimal("100.00")}
    assert found.amounts.money["commit"] == {"ARS": Decimal("50.00"), "EUR": Decimal("159.01")}
    assert found.amounts.unpriced == {}


def test_a_country_that_comes_brings_its_months_from_then_on(here: World) -> None:
    make.RegionCountryFactory(region=here.emea, country="US", valid_from=dt.date(2024, 6, 1))
    assert said(region(here.executive, "EMEA"))["commit"] == "159.01"
    assert said(region(here.executive, "EMEA", tree="2024-05-01"))["commit"] == "150.01"


def test_open_deals_are_priced_at_the_day_and_won_ones_at_theirs(here: World) -> None:
    rates(dt.date(2024, 4, 1), "4")
    here.deals["sold"].currency_id = "USD"
    here.deals["sold"].save()
    assert said(region(here.executive, "SOUTH")) == {
        "closed": "10.00",
        "commit": "50.00",
        "best_case": "50.00",
        "pipeline": "0.00",
    }


def test_lines_under_a_figure_are_the_figure(here: World) -> None:
    given: dict[str, Any] = {"viewer": here.executive, "lens": parse_lens({}), "period": Q2, "category": "commit"}
    for kind, code in (
        ("region", ""),
        ("region", "SOUTH"),
        ("region", "unallocated"),
        ("member", "boss@x.org"),
        ("member", ""),
    ):
        found = queries.forecast_lines(kind=kind, code=code, **given)
        figure = region(here.executive, code) if kind == "region" else member(here.executive, code)
        assert sum((row.amount or Decimal(0)) for row in found.rows) == figure.amounts.money["commit"]
        assert len([row for row in found.rows if row.amount is None]) == figure.amounts.unpriced["commit"].facts


def test_lines_come_page_by_page_and_each_once(here: World) -> None:
    for n in range(60):
        make.OpportunityFactory(
            account=here.account, stage_id="prospecting", close_date=dt.date(2024, 6, 1), external_id=f"s{n}"
        )
    given: dict[str, Any] = {"viewer": here.executive, "lens": parse_lens({}), "period": Q2, "category": "pipeline"}
    first = queries.forecast_lines(kind="region", code="EMEA", **given)
    second = queries.forecast_lines(kind="region", code="EMEA", after=first.after, **given)
    assert (len(first.rows), len(second.rows), second.after) == (50, 11, "")
    assert len({row.deal for row in (*first.rows, *second.rows)}) == 61
    with pytest.raises(LensError):
        queries.forecast_lines(kind="region", code="EMEA", after="1:x", **given)


@pytest.mark.parametrize(
    ("text", "start", "months"),
    [
        ("2024-Q1", 1, ("2024-01", "2024-03")),
        ("2024-Q4", 4, ("2024-01", "2024-03")),
        ("2024-Q1", 10, ("2023-10", "2023-12")),
    ],
)
def test_quarters_are_those_of_the_fiscal_year(text: str, start: int, months: tuple[str, str]) -> None:
    period = parse_period(text, start)
    assert tuple(period.range.values()) == months
    assert quarter_at(period.last, start) == period
    assert month_period(period.first).range == {"from": months[0], "to": months[0]}


@pytest.mark.parametrize("text", ["2024", "2024-Q5", "2024-13", "now", "2024-Q"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(LensError):
        parse_period(text, 1)
