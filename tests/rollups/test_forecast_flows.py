"""Flows between snapshots, and from one to now: exact at every node, each deal in its movement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit
from regions.models import RegionCountry
from rollups import forecast_freezing, queries
from rollups.forecast_flow import FX
from rollups.forecast_flows import FlowFigure
from rollups.forecast_models import ForecastSnapshot
from rollups.lens import LensError, parse_lens
from tests import factories as make
from tests.rollups.forecast_worlds import Q2, D, World, rates, share, world
from users.models import User

pytestmark = pytest.mark.django_db

LATER = D + dt.timedelta(days=14)


@pytest.fixture
def here() -> World:
    found = world()
    assert forecast_freezing.freeze(D) is not None
    return found


def _much_happens(here: World) -> None:
    """Two weeks in which everything happens once."""
    rates(LATER - dt.timedelta(days=1), "1.6")
    deals = Opportunity.objects
    make.OpportunityFactory(account=here.account, external_id="born", country="FR", stage_id="proposal", currency_id="USD",
                            amount=Decimal("10.01"), close_date=dt.date(2024, 6, 30), owner=here.ann)  # fmt: skip
    OpportunityLine.objects.filter(opportunity=here.deals["big"], line=1).update(amount=Decimal("120.55"))
    OpportunityLine.objects.filter(opportunity=here.deals["big"], line=2).delete()
    deals.filter(external_id="dollar").update(amount=130)
    deals.filter(external_id="early").update(stage_id="won", close_date=dt.date(2024, 5, 20))
    deals.filter(external_id="nobody").update(close_date=dt.date(2024, 9, 1))
    deals.filter(external_id="next").update(close_date=dt.date(2024, 6, 1))
    deals.filter(external_id="aside").update(forecast_category="")
    deals.filter(external_id="peso").update(stage_id="lost")
    pin_business_date(on=LATER, by=None)


def flow(viewer: User, code: str, later: ForecastSnapshot | None = None, currency: str = "EUR") -> FlowFigure:
    given: dict[str, Any] = {"period": Q2, "older": queries.snapshots()[-1], "later": later, "currency": currency}
    if code.endswith("x.org") or code == "unassigned":
        return queries.member_flow(viewer=viewer, email=code, **given)
    return queries.region_flow(viewer=viewer, code=code, **given)


def test_each_deal_is_in_its_movement(here: World) -> None:
    _much_happens(here)
    found = flow(here.executive, "")
    told = {name: minor for name, minor in {**found.flow.movements, FX: found.flow.fx}.items() if minor}
    assert told == {
        "new": 500, "grown": 2054 + 1500, "shrunk": -5000, "pulled": 7000, "omitted": 99900, "pushed": -900, "won": -700,
        # 130 dollars are 81.25 at the later rate, 65.00 at the earlier; 10.01 are 6.26 and 5.00.
        FX: 1625 + 126,
    }  # fmt: skip
    assert found.flow.opening == 15001 + 5000 + 700 + 900
    assert found.flow.adds_up
    assert found.unpriced == 1
    assert found.deals["opening"] == 5


NODES = ("", "EMEA", "SOUTH", "unallocated", "boss@x.org", "ann@x.org", "bob@x.org", "unassigned")


@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize("code", NODES)
def test_a_flow_begins_and_ends_at_the_forecasts(here: World, code: str, currency: str) -> None:
    """Opening is what the snapshot says, closing what is open now; and to the next snapshot it is the same."""
    _much_happens(here)
    now = flow(here.executive, code, currency=currency)
    is_member = code.endswith("x.org") or code == "unassigned"
    lens = parse_lens({"currency": currency, "tree": "now"})
    if is_member:
        present = queries.member_forecast(viewer=here.executive, email=code, lens=lens, period=Q2)
    else:
        present = queries.region_forecast(viewer=here.executive, code=code, lens=lens, period=Q2)
    open_now = sum(int(present.amounts.money[key] * 100) for key in ("commit", "best_case", "pipeline"))  # type: ignore[operator, misc]  # one currency
    assert now.flow.adds_up
    assert now.flow.closing == open_now
    later = forecast_freezing.freeze(LATER)
    assert flow(here.executive, code, later, currency).flow == now.flow


def test_children_of_a_flow_add_up(here: World) -> None:
    _much_happens(here)
    whole, *parts = (flow(here.executive, code).flow for code in ("", "EMEA", "unallocated"))
    assert whole.opening == sum(part.opening for part in parts)
    assert whole.fx == sum(part.fx for part in parts)
    assert whole.movements == {name: sum(part.movements[name] for part in parts) for name in whole.movements}


def test_nothing_happened_when_only_rates_did(here: World) -> None:
    rates(LATER - dt.timedelta(days=1), "4")
    pin_business_date(on=LATER, by=None)
    found = flow(here.executive, "EMEA")
    assert set(found.flow.movements.values()) == {0}
    assert found.flow.fx == -2500


def test_a_country_that_moves_is_moved_by_structure_and_nothing_over_all(here: World) -> None:
    pin_business_date(on=LATER, by=None)
    RegionCountry.objects.filter(region=here.south, country="FR").update(valid_to=LATER)
    found = flow(here.executive, "SOUTH")
    assert found.flow.movements["moved"] == -(5000 + 5000)
    assert flow(here.executive, "").flow.movements["moved"] == 0


def test_a_share_that_moves_to_a_colleague_is_moved(here: World) -> None:
    OpportunitySplit.objects.filter(opportunity=here.deals["big"]).delete()
    share(here.deals["big"], whole=(here.bob, "100"))
    assert flow(here.executive, "ann@x.org").flow.movements["moved"] == -5000
    assert flow(here.executive, "bob@x.org").flow.movements["moved"] == 5000
    assert set(flow(here.executive, "boss@x.org").flow.movements.values()) == {0}


def test_a_deleted_deal_is_lost_and_a_deleted_line_shrinks(here: World) -> None:
    here.deals["early"].delete()
    here.deals["big"].lines.get(line=2).delete()
    found = flow(here.executive, "EMEA")
    assert (found.flow.movements["lost"], found.flow.movements["shrunk"]) == (-700, -5000)


def test_a_lead_is_told_of_what_she_sees(here: World) -> None:
    _much_happens(here)
    found = flow(here.lead, "")
    assert found.restricted
    assert not flow(here.lead, "SOUTH").restricted
    assert found.flow.adds_up
    assert {line.pair.external_id for line in found.lines} == {"big", "dollar", "born"}


def test_a_flow_that_ends_before_it_begins_is_refused(here: World) -> None:
    pin_business_date(on=D - dt.timedelta(days=1), by=None)
    with pytest.raises(LensError):
        flow(here.executive, "")
    pin_business_date(on=D, by=None)
    with pytest.raises(LensError):
        flow(here.executive, "", currency="CHF")
