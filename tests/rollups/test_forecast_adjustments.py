"""What managers make of a forecast: adjusted, stale, submitted, locked, taken back; and who is told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from core.errors import DomainError, NotPermitted
from money.services import pin_business_date
from pipeline.forecast_access import WORLD, ForecastNode
from pipeline.forecast_models import ForecastAdjustment
from pipeline.forecast_services import (
    Against,
    ForecastLocked,
    adjust_forecast,
    set_forecast_lock,
    submit_forecast,
    take_back_adjustment,
)
from pipeline.models import Opportunity
from rollups import queries
from rollups.forecast_figures import ForecastFigure
from rollups.lens import parse_lens
from tests import factories as make
from tests.rollups.forecast_worlds import Q2, D, World, rates, world
from users.models import User
from users.permissions import Access

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    found = world()
    found.boss.user = make.UserFactory(email="boss@x.org")
    found.boss.save()
    return found


def figure(viewer: User, code: str, **lens: str) -> ForecastFigure:
    return queries.region_forecast(viewer=viewer, code=code, lens=parse_lens(lens), period=Q2)


def adjust(
    by: User, node: ForecastNode, code: str, amount: str, category: str = "commit", currency: str = "EUR"
) -> None:
    kind = node.scope
    computed, basis = queries.against(
        viewer=by, kind=kind, code=code, lens=parse_lens({"currency": currency}), period=Q2, category=category
    )
    adjust_forecast(
        node=node, first=Q2.first, last=Q2.last, category=category, amount=Decimal(amount), currency=currency,
        note="They will sign.", against=Against(computed, basis), by=by,
    )  # fmt: skip


def south(here: World) -> ForecastNode:
    return ForecastNode("region", here.south.pk)


def emea(here: World) -> ForecastNode:
    return ForecastNode("region", here.emea.pk)


def test_an_adjustment_stands_beside_what_is_computed_and_moves_what_is_above(here: World) -> None:
    adjust(here.lead, south(here), "SOUTH", "80")
    below, above = figure(here.executive, "SOUTH"), figure(here.executive, "EMEA")
    assert below.amounts.money["commit"] == Decimal("50.00")
    assert (below.standings["commit"].forecast, below.standings["commit"].source) == (8000, "here")
    assert (above.standings["commit"].forecast, above.standings["commit"].source) == (18001, "below")
    parts = {part.code: part.standings["commit"].forecast for part in above.parts}
    assert sum(parts.values()) == above.standings["commit"].forecast
    assert figure(here.executive, "").standings["commit"].forecast == 18001 + 900


def test_what_is_adjusted_above_stands_whatever_is_below(here: World) -> None:
    adjust(here.lead, south(here), "SOUTH", "80")
    adjust(here.executive, emea(here), "EMEA", "100")
    found = figure(here.executive, "EMEA").standings["commit"]
    assert (found.computed, found.below, found.here) == (15001, 18001, 10000)


def test_the_latest_is_in_force_and_can_be_taken_back(here: World) -> None:
    for amount in ("80", "70"):
        adjust(here.lead, south(here), "SOUTH", amount)
    assert figure(here.lead, "SOUTH").standings["commit"].here == 7000
    given: dict[str, Any] = {
        "node": south(here),
        "first": Q2.first,
        "last": Q2.last,
        "category": "commit",
        "by": here.lead,
    }
    take_back_adjustment(**given)
    assert figure(here.lead, "SOUTH").standings["commit"].source == "computed"
    assert ForecastAdjustment.objects.count() == 3
    with pytest.raises(DomainError, match="took it back"):
        take_back_adjustment(**given)


def test_it_is_stale_when_a_part_changed_and_says_which_and_from_what_to_what(here: World) -> None:
    adjust(here.executive, emea(here), "EMEA", "500")
    assert not figure(here.executive, "EMEA").adjustments[0].is_stale
    here.deals["big"].lines.filter(line=2).update(amount=Decimal(60))
    found = figure(here.executive, "EMEA").adjustments[0]
    assert found.changed == ("SOUTH",)
    assert (found.against, found.present) == (Decimal("150.01"), Decimal("160.01"))


def test_rates_make_nothing_stale(here: World) -> None:
    adjust(here.executive, south(here), "SOUTH", "500", category="best_case")
    rates(D + dt.timedelta(days=1), "4")
    pin_business_date(on=D + dt.timedelta(days=2), by=None)
    found = figure(here.executive, "SOUTH").adjustments[0]
    assert (found.present, found.is_stale) == (Decimal("25.00"), False)
    assert not figure(here.executive, "SOUTH", tree="now").adjustments[0].is_stale


def test_a_later_adjustment_below_makes_it_stale(here: World) -> None:
    adjust(here.executive, emea(here), "EMEA", "500")
    adjust(here.lead, south(here), "SOUTH", "80")
    assert figure(here.executive, "EMEA").adjustments[0].is_overtaken
    assert not figure(here.executive, "SOUTH").adjustments[0].is_overtaken


def test_of_a_members_line_too(here: World) -> None:
    boss = here.boss.user
    assert boss is not None
    adjust(boss, ForecastNode("member", here.ann.pk), "ann@x.org", "60")
    found = queries.member_forecast(viewer=here.executive, email="boss@x.org", lens=parse_lens({}), period=Q2)
    assert found.standings["commit"].forecast == 15001 + 1000
    Opportunity.objects.filter(external_id="early").update(owner=here.ann, stage_id="negotiation")
    ann = queries.member_forecast(viewer=here.executive, email="ann@x.org", lens=parse_lens({}), period=Q2)
    assert ann.adjustments[0].changed == ("ann@x.org",)


def test_another_currency_is_converted_once_and_without_a_rate_changes_nothing(here: World) -> None:
    adjust(here.lead, south(here), "SOUTH", "100.01", currency="USD")
    assert figure(here.lead, "SOUTH").standings["commit"].here == 5000
    pin_business_date(on=D + dt.timedelta(days=30), by=None)
    found = figure(here.lead, "SOUTH")
    assert (found.standings["commit"].source, found.adjustments[0].stated) == ("computed", None)


def test_native_money_and_the_overlay_book_take_none(here: World) -> None:
    adjust(here.lead, south(here), "SOUTH", "80")
    assert figure(here.lead, "SOUTH", currency="native").standings == {}
    assert figure(here.lead, "SOUTH", book="overlay").standings == {}


def test_who_sees_a_part_is_not_told_of_judgements_about_the_whole(here: World) -> None:
    adjust(here.executive, emea(here), "EMEA", "500")
    found = figure(here.lead, "EMEA")
    assert found.adjustments == ()
    assert found.standings["commit"].forecast == 5000


@pytest.mark.parametrize("who", ["stranger", "lead"])
def test_who_does_not_lead_a_node_does_not_judge_it(here: World, who: str) -> None:
    by = here.lead if who == "lead" else make.UserFactory(access=Access.REGIONAL_LEAD)
    with pytest.raises(NotPermitted):
        adjust(by, emea(here), "EMEA", "1")
    with pytest.raises(NotPermitted):
        set_forecast_lock(node=south(here), first=Q2.first, last=Q2.last, is_locked=True, note="", by=by)


def test_it_needs_a_reason(here: World) -> None:
    with pytest.raises(DomainError, match="Say why"):
        adjust_forecast(
            node=south(here), first=Q2.first, last=Q2.last, category="commit", amount=Decimal(1), currency="EUR",
            note=" ", against=Against(Decimal(0)), by=here.lead,
        )  # fmt: skip
    assert not ForecastAdjustment.objects.exists()


def _lock(node: ForecastNode, by: User, *, is_locked: bool = True) -> None:
    set_forecast_lock(node=node, first=Q2.first, last=Q2.last, is_locked=is_locked, note="Closed for the board.", by=by)


@pytest.mark.parametrize("place", ["south", "emea", "world"])
def test_a_locked_period_refuses_adjusting_and_submitting_until_it_is_open_again(here: World, place: str) -> None:
    node = {"south": south(here), "emea": emea(here), "world": WORLD}[place]
    administrator = make.UserFactory(access=Access.ADMINISTRATOR)
    _lock(node, administrator)
    with pytest.raises(ForecastLocked, match="was locked by"):
        adjust(here.lead, south(here), "SOUTH", "80")
    with pytest.raises(ForecastLocked):
        submit_forecast(
            node=south(here), first=Q2.first, last=Q2.first, figures=[], currency="EUR", note="", by=here.lead
        )
    with pytest.raises(DomainError, match="already"):
        _lock(node, administrator)
    _lock(node, administrator, is_locked=False)
    adjust(here.lead, south(here), "SOUTH", "80")


def test_a_lock_of_one_region_leaves_others_open(here: World) -> None:
    _lock(south(here), here.executive)
    adjust(here.executive, emea(here), "EMEA", "80")


def test_what_was_said_is_never_changed(here: World) -> None:
    adjust(here.lead, south(here), "SOUTH", "80")
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_forecastadjustment SET amount = 1")
