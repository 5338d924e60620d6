"""The queue and the drain: what changes is found, computed and equal to a rebuild."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import Opportunity, Stage
from revenue.models import RevenueEntry
from rollups import services
from rollups.models import AccountCell, AccountDeals, Cell, CountryCell, CountryDeals, DirtyKey, PriceLens, Run
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2024, 1, 15)


@pytest.fixture(autouse=True)
def _as_of() -> None:
    pin_business_date(on=dt.date(2024, 6, 28), by=None)


def _minor(country: str = "DE", *, currency: str = "EUR", measure: int = 3, model: Any = CountryCell) -> Any:
    slot = PriceLens.objects.get(currency=currency, rates="spot" if currency else "native").slot
    cells = model.objects.filter(country=country, measure=measure)
    found = cells.values_list("minor", flat=True).first()
    return found and found[slot - 1]


def _unpriced(currency: str = "EUR") -> list[tuple[str, int]]:
    """Currency and measure of the country cells with one fact that has no spot price."""
    slot = PriceLens.objects.get(currency=currency, rates="spot").slot
    cells = CountryCell.objects.order_by("measure").values_list("currency", "measure", "unpriced_facts")
    return [(code, measure) for code, measure, facts in cells if facts and facts[slot - 1] == 1]


def _drift() -> int:
    return services.verify().drift


def test_an_entry_reaches_every_level() -> None:
    make.RevenueEntryFactory(amount=Decimal("12.345"), currency_id="EUR")
    services.drain()
    assert {_minor(model=model) for model in (Cell, AccountCell, CountryCell)} == {Decimal(1234)}
    assert _drift() == 0


def test_a_second_drain_finds_nothing() -> None:
    make.RevenueEntryFactory()
    services.drain()
    assert services.drain().keys == 0
    assert not services.has_work()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal("-7.5")),
        ("date", dt.date(2023, 2, 28)),
        ("country", "FR"),
        ("country", ""),
        ("kind", "billed"),
        ("currency_id", "USD"),
    ],
)
def test_an_edit_of_any_field_moves_the_figure(field: str, value: object) -> None:
    entry = make.RevenueEntryFactory()
    make.RevenueEntryFactory(account=entry.account)
    services.drain()
    RevenueEntry.objects.filter(pk=entry.pk).update(**{field: value})
    assert services.drain().cells > 0
    assert _drift() == 0


def test_an_edit_of_what_no_figure_depends_on_marks_nothing() -> None:
    entry = make.RevenueEntryFactory()
    services.drain()
    RevenueEntry.objects.filter(pk=entry.pk).update(product=make.ProductFactory())
    assert not DirtyKey.objects.exists()


def test_a_deleted_entry_leaves_no_cell() -> None:
    entry = make.RevenueEntryFactory()
    services.drain()
    entry.delete()
    services.drain()
    assert not any(model.objects.exists() for model in (Cell, AccountCell, CountryCell))
    assert _drift() == 0


def test_two_entries_that_cancel_out_keep_their_cell() -> None:
    entry = make.RevenueEntryFactory(amount=Decimal(5))
    make.RevenueEntryFactory(account=entry.account, amount=Decimal(-5))
    services.drain()
    assert _minor() == 0
    assert CountryCell.objects.filter(facts=2).count() == 1


def test_a_deal_with_lines_is_counted_once_where_they_lie() -> None:
    deal = make.OpportunityFactory(country="DE", amount=None)
    for number, country in enumerate(["DE", "FR", "FR"]):
        make.OpportunityLineFactory(
            opportunity=deal, account=deal.account, line=number, country=country, amount=Decimal(10)
        )
    services.drain()
    assert list(CountryDeals.objects.values_list("countries", "deals")) == [("DE,FR", 1)]
    assert (_minor("DE", measure=4), _minor("FR", measure=4)) == (Decimal(1000), Decimal(2000))
    assert _drift() == 0


def test_a_moved_close_date_moves_deal_and_lines() -> None:
    deal = make.OpportunityFactory()
    make.OpportunityLineFactory(opportunity=deal, account=deal.account, amount=Decimal(10))
    services.drain()
    Opportunity.objects.filter(pk=deal.pk).update(close_date=dt.date(2025, 1, 1))
    services.drain()
    assert set(Cell.objects.values_list("month", flat=True)) == {2025 * 12}
    assert _drift() == 0


@pytest.mark.parametrize(
    "change", [{"probability": 60}, {"outcome": "won"}, {"forecast_category": "omitted"}], ids=lambda c: next(iter(c))
)
def test_a_changed_stage_reaches_its_deals(change: dict[str, object]) -> None:
    make.OpportunityFactory()
    services.drain()
    before = list(Cell.objects.order_by("pk").values_list("measure", "minor"))
    Stage.objects.filter(pk="proposal").update(**change)
    services.drain()
    assert list(Cell.objects.order_by("pk").values_list("measure", "minor")) != before
    assert _drift() == 0


def test_a_restated_rate_restates_the_days_it_serves() -> None:
    rate = make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 1, 12), rate=Decimal("1.25"))
    make.RevenueEntryFactory(date=DAY, currency_id="USD", amount=Decimal(100))
    services.drain()
    assert _minor() == 8000
    ExchangeRate.objects.filter(pk=rate.pk).update(rate=Decimal("1.6"))
    services.drain()
    assert _minor() == 6250
    rate.delete()
    services.drain()
    assert _unpriced() == [("USD", 3)]
    assert _drift() == 0


def test_a_new_rate_of_the_reporting_leg_reaches_other_currencies() -> None:
    make.ExchangeRateFactory(currency_id="GBP", date=DAY, rate=Decimal("0.8"))
    make.RevenueEntryFactory(date=DAY, currency_id="GBP", amount=Decimal(100))
    services.drain()
    assert _unpriced("USD") == [("GBP", 3)]
    make.ExchangeRateFactory(currency_id="USD", date=DAY, rate=Decimal("1.25"))
    services.drain()
    assert _minor(currency="USD") == Decimal(15625)
    assert _drift() == 0


def test_open_deals_follow_the_as_of_date() -> None:
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 6, 28), rate=Decimal("1.25"))
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 7, 1), rate=Decimal("2"))
    make.OpportunityFactory(currency_id="USD", amount=Decimal(100))
    services.drain()
    assert _minor(measure=4) == 8000
    pin_business_date(on=dt.date(2024, 7, 2), by=None)
    assert services.has_work()
    services.drain()
    assert _minor(measure=4) == 5000
    assert _drift() == 0


def test_an_as_of_date_on_which_nothing_can_be_priced() -> None:
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2024, 6, 28), rate=Decimal("1.25"))
    make.OpportunityFactory(currency_id="USD", amount=Decimal(100))
    services.drain()
    pin_business_date(on=dt.date(2024, 7, 6), by=None)
    services.drain()
    assert _unpriced() == [("USD", 4), ("USD", 5)]
    assert _drift() == 0


@pytest.mark.parametrize("model", [Cell, AccountCell, CountryCell])
@pytest.mark.parametrize("column", ["minor", "native", "facts", "unpriced_native", "oldest_rate"])
def test_the_check_sees_a_tampered_cell(model: Any, column: str) -> None:
    make.ExchangeRateFactory(currency_id="USD", date=DAY, rate=Decimal("1.25"))
    make.RevenueEntryFactory(currency_id="USD", date=DAY)
    services.drain()
    assert _drift() == 0
    change = {
        "minor": "minor[1] + 1",
        "unpriced_native": "7",
        "oldest_rate": "'2020-01-01'",
    }.get(column, f"{column} + 1")
    place = f"{column}[1]" if column in ("minor", "unpriced_native", "oldest_rate") else column
    with connection.cursor() as cursor:
        table = model._meta.db_table
        cursor.execute(f"UPDATE {table} SET {place} = {change}")
    assert _drift() > 0
    services.rebuild()
    assert _drift() == 0


@pytest.mark.parametrize("model", [AccountDeals, CountryDeals])
def test_the_check_sees_tampered_deals(model: Any) -> None:
    make.OpportunityFactory()
    services.drain()
    model.objects.update(deals=2)
    assert _drift() > 0


def test_the_check_sees_a_missing_and_a_superfluous_cell() -> None:
    make.RevenueEntryFactory()
    services.drain()
    CountryCell.objects.all().delete()
    assert _drift() == 1
    services.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rollups_countrycell SET country = 'AT'")
    assert _drift() == 2


def test_other_settings_cause_a_rebuild(settings: Any) -> None:
    make.ExchangeRateFactory(currency_id="CHF", date=DAY, rate=Decimal("0.95"))
    make.RevenueEntryFactory(date=DAY, amount=Decimal(100))
    services.drain()
    settings.GAM_REPORTING_CURRENCIES = ["CHF", "EUR"]
    assert services.has_work()
    services.drain()
    assert _minor(currency="CHF") == Decimal(9500)
    assert Run.objects.filter(kind=Run.Kind.REBUILD).count() == 2
    assert _drift() == 0


def test_a_run_tells_what_it_did() -> None:
    services.drain()
    make.RevenueEntryFactory()
    services.drain()
    run = Run.objects.filter(kind=Run.Kind.DRAIN).get()
    assert (run.state, run.keys, run.facts, run.cells) == ("done", 1, 1, 5)
    assert set(Cell.objects.values_list("run", flat=True)) == {run.pk}


def _minors(rates: str) -> list[int]:
    slot = PriceLens.objects.get(currency="EUR", rates=rates).slot
    return [int(minor[slot - 1]) for minor in CountryCell.objects.order_by("month").values_list("minor", flat=True)]


def test_a_restated_rate_reaches_the_means_it_is_part_of() -> None:
    rate = make.ExchangeRateFactory(currency_id="USD", date=dt.date(2023, 3, 1), rate=Decimal("2"))
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2023, 3, 2), rate=Decimal("2"))
    make.RevenueEntryFactory(date=dt.date(2023, 3, 31), currency_id="USD", amount=Decimal(100))
    make.RevenueEntryFactory(date=dt.date(2024, 3, 31), currency_id="USD", amount=Decimal(100))
    services.drain()
    assert (_minors("month_average"), _minors("constant")) == ([5000, 0], [0, 5000])
    ExchangeRate.objects.filter(pk=rate.pk).update(rate=Decimal("3"))
    services.drain()
    assert (_minors("month_average"), _minors("constant")) == ([4000, 0], [0, 4000])
    assert _drift() == 0


def test_a_budget_rate_serves_until_the_next_one() -> None:
    make.RevenueEntryFactory(date=dt.date(2023, 1, 31), currency_id="USD", amount=Decimal(100))
    make.RevenueEntryFactory(date=dt.date(2024, 1, 31), currency_id="USD", amount=Decimal(100))
    services.drain()
    plan = make.RateSetFactory(code="plan", base_id="EUR")
    assert services.has_work()
    services.drain()
    make.ExchangeRateFactory(rate_set=plan, currency_id="USD", date=dt.date(2020, 1, 1), rate=Decimal("2"))
    services.drain()
    assert _minors("plan") == [5000, 5000]
    later = make.ExchangeRateFactory(rate_set=plan, currency_id="USD", date=dt.date(2024, 1, 1), rate=Decimal("4"))
    services.drain()
    assert _minors("plan") == [5000, 2500]
    later.delete()
    services.drain()
    assert _minors("plan") == [5000, 5000]
    assert _drift() == 0


def test_a_dropped_set_leaves_its_slot_to_the_next_one() -> None:
    make.RevenueEntryFactory(currency_id="USD", amount=Decimal(100))
    for code in ("old", "new"):
        plan = make.RateSetFactory(code=code, base_id="EUR")
        make.ExchangeRateFactory(rate_set=plan, currency_id="USD", date=dt.date(2020, 1, 1), rate=len(code) - 1)
        services.drain()
        assert _minors(code) == [5000]
        width = PriceLens.objects.count()
        ExchangeRate.objects.filter(rate_set=plan).delete()
        plan.delete()
        services.rebuild()
        assert _drift() == 0
    assert PriceLens.objects.order_by("-slot").values_list("slot", flat=True)[0] <= width


def test_the_check_sees_a_price_that_the_rates_do_not_say() -> None:
    make.ExchangeRateFactory(currency_id="USD", date=DAY, rate=Decimal("1.25"))
    make.RevenueEntryFactory(currency_id="USD", date=DAY)
    services.drain()
    assert _drift() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rollups_quote SET numerators[2] = 7 WHERE currency = 'USD'")
    assert _drift() > 0
