"""Weekly snapshots: one a week, whole or not at all, never changed, and replayed whatever happens later."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import Opportunity, Stage, StageHistory
from regions.models import RegionLink
from rollups import forecast_freezing, queries
from rollups.forecast_categories import KEYS
from rollups.forecast_models import ForecastLine, ForecastRate, ForecastSnapshot
from rollups.lens import parse_lens
from rollups.models import Run
from rollups.sight import sight_of
from tests import factories as make
from tests.rollups.forecast_worlds import Q2, D, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def _said(here: World, snapshot: ForecastSnapshot, code: str, currency: str = "EUR") -> dict[str, int]:
    given: dict[str, Any] = {
        "sight": sight_of(here.executive),
        "period": Q2,
        "snapshots": [snapshot],
        "currency": currency,
    }
    if code.endswith("x.org") or code == "unassigned":
        node = queries.forecast_scope(viewer=here.executive, kind="member", code=code)
        return queries.said_of_member(node=node, **given)[0].amounts
    return queries.said_of_region(code=code, **given)[0].amounts


def _now(here: World, code: str, currency: str = "EUR") -> dict[str, int]:
    lens = parse_lens({"currency": currency})
    if code.endswith("x.org") or code == "unassigned":
        found = queries.member_forecast(viewer=here.executive, email=code, lens=lens, period=Q2)
    else:
        found = queries.region_forecast(viewer=here.executive, code=code, lens=lens, period=Q2)
    return {key: int(found.amounts.money[key] * 100) for key in KEYS}  # type: ignore[operator]  # one currency


NODES = ("", "EMEA", "SOUTH", "unallocated", "boss@x.org", "ann@x.org", "bob@x.org", "unassigned")


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_a_snapshot_says_what_the_forecast_said(here: World, currency: str) -> None:
    snapshot = forecast_freezing.freeze(D)
    assert snapshot is not None
    assert {code: _said(here, snapshot, code, currency) for code in NODES} == {
        code: _now(here, code, currency) for code in NODES
    }


def test_a_snapshot_is_replayed_whatever_happens_later(here: World) -> None:
    snapshot = forecast_freezing.freeze(D)
    assert snapshot is not None
    before = {code: _said(here, snapshot, code) for code in NODES}
    ExchangeRate.objects.update(rate=9)
    RegionLink.objects.all().delete()
    here.deals["big"].delete()
    here.deals["dollar"].account = make.AccountFactory(code="B")
    here.deals["dollar"].save()
    Opportunity.objects.filter(external_id="early").update(amount=1, close_date=dt.date(2025, 1, 1))
    Stage.objects.filter(pk="negotiation").update(forecast_category="omitted", probability=1)
    here.ann.manager = None
    here.ann.save()
    assert {code: _said(here, snapshot, code) for code in NODES} == before


def test_a_lead_is_told_of_a_snapshot_what_she_may_see(here: World) -> None:
    snapshot = forecast_freezing.freeze(D)
    assert snapshot is not None
    given: dict[str, Any] = {"sight": sight_of(here.lead), "period": Q2, "snapshots": [snapshot], "currency": "EUR"}
    assert queries.said_of_region(code="EMEA", **given)[0].amounts["commit"] == 5000
    everybody = queries.forecast_scope(viewer=here.lead, kind="member", code="")
    assert queries.said_of_member(node=everybody, **given)[0].amounts["commit"] == 5000


@pytest.mark.parametrize("model", [ForecastSnapshot, ForecastLine, ForecastRate])
@pytest.mark.parametrize("deed", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_what_is_frozen(here: World, model: Any, deed: str) -> None:
    forecast_freezing.freeze(D)
    column = "id" if model is ForecastSnapshot else "snapshot_id"
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed.format(model._meta.db_table, column))


def test_a_week_has_one_snapshot_however_often_it_is_asked_for(here: World) -> None:
    assert forecast_freezing.freeze_due() is not None
    assert forecast_freezing.freeze_due() is None
    pin_business_date(on=D + dt.timedelta(days=2), by=None)
    assert forecast_freezing.freeze_due() is None
    pin_business_date(on=D + dt.timedelta(days=5), by=None)
    assert forecast_freezing.freeze_due() is not None
    assert [one.week for one in queries.snapshots()] == [dt.date(2024, 5, 20), dt.date(2024, 5, 13)]
    assert list(Run.objects.filter(kind=Run.Kind.FORECAST).values_list("state", flat=True)) == ["done", "done"]


def test_what_a_dying_worker_began_is_found_missing_and_taken(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(ForecastSnapshot.objects, "create", die)
        with pytest.raises(KeyboardInterrupt):
            forecast_freezing.freeze_due()
    assert (ForecastSnapshot.objects.count(), ForecastLine.objects.count()) == (0, 0)
    assert forecast_freezing.freeze_due() is not None
    assert list(Run.objects.filter(kind=Run.Kind.FORECAST).order_by("id").values_list("state", flat=True)) == [
        "failed",
        "done",
    ]


@pytest.mark.parametrize(("day", "is_due"), [(13, False), (14, False), (15, True), (19, True)])
def test_it_is_due_from_the_chosen_weekday_on(here: World, settings: Any, day: int, is_due: bool) -> None:
    settings.GAM_FORECAST_WEEKDAY = "wed"
    pin_business_date(on=dt.date(2024, 5, day), by=None)
    assert (forecast_freezing.week_due() is not None) is is_due


def test_on_its_day_it_is_due_from_the_chosen_hour_on_in_the_organisations_zone(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.GAM_FORECAST_WEEKDAY, settings.GAM_FORECAST_HOUR = "mon", 6
    for hour, is_due in ((5, False), (6, True)):
        at = dt.datetime(2024, 5, 13, hour, 59, tzinfo=dt.UTC)
        monkeypatch.setattr("core.clock.now", lambda at=at: at)
        monkeypatch.setattr("core.clock.today", lambda at=at: at.date())
        assert (forecast_freezing.week_due() is not None) is is_due


def test_what_closed_long_ago_is_not_frozen(here: World) -> None:
    make.OpportunityFactory(account=here.account, stage_id="won", close_date=dt.date(2021, 1, 1), external_id="old")
    forecast_freezing.freeze(D)
    assert not ForecastLine.objects.filter(external_id="old").exists()
    assert ForecastLine.objects.filter(external_id="sold").exists()


def _changed(deal: Opportunity, day: dt.date, stage: str, amount: str | None, closes: dt.date | None) -> None:
    StageHistory.objects.create(
        opportunity=deal,
        changed_at=dt.datetime.combine(day, dt.time(12), dt.UTC),
        stage_id=stage,
        amount=None if amount is None else Decimal(amount),
        close_date=closes,
    )


def test_a_past_day_is_replayed_from_the_stage_history(here: World) -> None:
    day = dt.date(2024, 4, 20)
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 4, 19), rate=Decimal(4))
    _changed(here.deals["dollar"], dt.date(2024, 4, 1), "prospecting", "80", dt.date(2024, 7, 1))
    _changed(here.deals["dollar"], dt.date(2024, 4, 20), "qualification", None, dt.date(2024, 6, 1))
    _changed(here.deals["dollar"], dt.date(2024, 4, 21), "proposal", "100", None)
    _changed(here.deals["early"], dt.date(2024, 4, 21), "prospecting", "7", None)
    _changed(here.deals["big"], dt.date(2024, 4, 2), "negotiation", "75.005", dt.date(2024, 6, 30))
    _changed(here.deals["big"], dt.date(2024, 5, 2), "negotiation", "150.01", dt.date(2024, 6, 30))
    snapshot = forecast_freezing.freeze_past(day)
    assert snapshot is not None
    rows = {(row.external_id, row.line): row for row in ForecastLine.objects.all()}
    assert set(rows) == {("dollar", 0), ("big", 1), ("big", 2)}
    dollar = rows["dollar", 0]
    assert (dollar.stage, dollar.amount, dollar.close_date) == ("qualification", Decimal(80), dt.date(2024, 6, 1))
    assert dollar.minor == [2000, 8000]
    assert [rows["big", line].amount for line in (1, 2)] == [Decimal("50.005"), Decimal(25)]
    assert (snapshot.kind, snapshot.taken_on) == ("replayed", day)
