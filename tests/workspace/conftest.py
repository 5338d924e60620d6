"""A small world of money: the geography of the cast, three currencies, two years, one deal of each outcome."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from rollups import services
from tests import factories as make
from tests.cast import Cast

ON = dt.date(2025, 10, 20)


@pytest.fixture
def money(cast: Cast, settings: pytest.FixtureRequest) -> Cast:
    """ACME sells in Germany and France, OTHER in Japan; D is 20 October 2025."""
    settings.GAM_AS_OF = ON  # type: ignore[attr-defined]  # pytest-django's settings
    for year in (2024, 2025):
        for day in (dt.date(year, 10, 1), dt.date(year, 10, 20), dt.date(year, 3, 5), dt.date(year, 10, 21)):
            make.ExchangeRateFactory(currency_id="JPY", date=day, rate=Decimal("160.5"))
            make.ExchangeRateFactory(currency_id="USD", date=day, rate=Decimal("1.1"))
    _revenue(cast)
    _deals(cast)
    services.rebuild()
    return cast


def _revenue(cast: Cast) -> None:
    def sold(account: object, country: str, day: dt.date, amount: str, currency: str = "EUR") -> None:
        make.RevenueEntryFactory(
            account=account, country=country, date=day, amount=Decimal(amount), currency_id=currency
        )

    sold(cast.acme, "DE", dt.date(2025, 3, 5), "1000.10")
    sold(cast.acme, "DE", dt.date(2025, 10, 20), "500.05")
    sold(cast.acme, "FR", dt.date(2025, 3, 5), "300.33", "USD")
    sold(cast.acme, "FR", dt.date(2025, 3, 6), "150000.00", "ARS")
    sold(cast.other, "JP", dt.date(2025, 3, 5), "100000", "JPY")
    sold(cast.other, "BR", dt.date(2025, 3, 5), "77.77")
    sold(cast.acme, "DE", dt.date(2024, 3, 5), "800.00")
    sold(cast.acme, "DE", dt.date(2024, 10, 20), "40.00")
    sold(cast.acme, "DE", dt.date(2024, 10, 21), "9000.00", "USD")
    sold(cast.acme, "DE", dt.date(2024, 11, 2), "7.00")
    sold(cast.acme, "FR", dt.date(2024, 3, 5), "60.00")


def _deals(cast: Cast) -> None:
    from pipeline.models import Stage

    for stage, day, amount in (("proposal", 25, "4000.00"), ("won", 2, "2500.00"), ("lost", 3, "1500.00")):
        make.OpportunityFactory(
            account=cast.acme, country="DE", name=f"Robots {stage}", stage=Stage.objects.get(pk=stage),
            close_date=dt.date(2025, 10, day), amount=Decimal(amount),
        )  # fmt: skip
    make.OpportunityFactory(
        account=cast.acme, country="FR", name="Filters", close_date=dt.date(2025, 9, 1), amount=Decimal("900.00")
    )


@pytest.fixture
def day(cast: Cast, settings: pytest.FixtureRequest) -> Cast:
    """The cast on that day, without a fact yet."""
    settings.GAM_AS_OF = ON  # type: ignore[attr-defined]  # pytest-django's settings
    return cast
