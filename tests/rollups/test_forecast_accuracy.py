"""What was said against what came, put together by sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from money.services import pin_business_date
from pipeline.forecast_access import ForecastNode
from pipeline.forecast_services import Figure, submit_forecast
from pipeline.models import Opportunity
from rollups import forecast_freezing, queries
from rollups.forecast_accuracy import AccuracyFigure, summed
from rollups.lens import LensError, parse_lens
from tests.rollups.forecast_worlds import Q2, D, World, world
from users.models import User

pytestmark = pytest.mark.django_db

AFTER = dt.date(2024, 7, 3)


@pytest.fixture
def here() -> World:
    """Two snapshots of the quarter, then *big* is won and *dollar* lost, and the quarter ends."""
    found = world()
    for week in (0, 2):
        forecast_freezing.freeze(D + dt.timedelta(weeks=week))
    Opportunity.objects.filter(external_id="big").update(stage_id="won")
    Opportunity.objects.filter(external_id="dollar").update(stage_id="lost")
    pin_business_date(on=AFTER, by=None)
    return found


def accuracy(viewer: User, kind: str, code: str, **lens: str) -> AccuracyFigure:
    return queries.accuracy(viewer=viewer, kind=kind, code=code, lens=parse_lens(lens), period=Q2, start_month=1)


def test_snapshots_are_compared_with_what_was_won(here: World) -> None:
    found = accuracy(here.executive, "region", "EMEA")
    assert found.is_over
    assert found.came == Decimal("190.01")
    assert [(guess.week, guess.said) for guess in found.guesses] == [(6, Decimal("190.01")), (4, Decimal("190.01"))]
    world_of_it = accuracy(here.executive, "region", "")
    assert [guess.error for guess in world_of_it.guesses] == [Decimal("9.00"), Decimal("9.00")]
    assert [(part.code, part.said, part.came) for part in world_of_it.parts] == [
        ("EMEA", Decimal("190.01"), Decimal("190.01")),
        ("unallocated", Decimal("9.00"), Decimal("0.00")),
    ]


def test_a_members_line_has_its_own(here: World) -> None:
    found = accuracy(here.executive, "member", "boss@x.org")
    assert {part.code: part.said for part in found.parts} == {
        "ann@x.org": Decimal("90.00"),
        "bob@x.org": Decimal("100.01"),
    }
    assert accuracy(here.executive, "member", "ann@x.org").parts[0].code == "own"


def test_submissions_are_judged_by_who_made_them(here: World) -> None:
    pin_business_date(on=D, by=None)
    node = ForecastNode("region", here.south.pk)
    for said in ("500", "120"):
        amount = Decimal(said)
        submit_forecast(
            node=node, first=Q2.first, last=Q2.last, figures=[Figure("commit", amount, amount, "computed")],
            currency="EUR", note="", by=here.lead,
        )  # fmt: skip
    pin_business_date(on=AFTER, by=None)
    found = accuracy(here.lead, "region", "SOUTH")
    assert [(one.by, one.said, one.came) for one in found.submitted] == [
        (str(here.lead), Decimal("120.00"), Decimal("90.00"))
    ]
    assert found.by_person[0][1].bias == Decimal("30.00")
    assert accuracy(here.lead, "region", "EMEA").submitted == ()


def test_a_period_under_way_says_so(here: World) -> None:
    pin_business_date(on=D, by=None)
    assert not accuracy(here.executive, "region", "").is_over


def test_bias_and_error_are_of_sums() -> None:
    found = summed([(Decimal(110), Decimal(100)), (Decimal(0), Decimal(10))])
    assert (found.bias, found.absolute) == (Decimal(0), Decimal(20))
    assert found.error_share == Decimal(20) / Decimal(110)
    assert summed([]).bias_share is None


def test_native_money_is_refused(here: World) -> None:
    with pytest.raises(LensError):
        accuracy(here.executive, "region", "", currency="native")
