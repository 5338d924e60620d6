"""One conversion, defined once for Python and once for the database, and equal to the last unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from money import conversion
from money.models import ExchangeRate
from tests import factories as make

FRIDAY = dt.date(2024, 1, 12)


def _sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    ("amount", "rate", "exponent", "minor"),
    [
        ("10.005", "1", 2, 1000),  # a tie goes to the even unit
        ("10.015", "1", 2, 1002),
        ("-10.005", "1", 2, -1000),
        ("-10.015", "1", 2, -1002),
        ("10.0051", "1", 2, 1001),
        ("0.5", "1", 0, 0),
        ("1.5", "1", 0, 2),
        ("0.0005", "1", 3, 0),
        ("0.0015", "1", 3, 2),
        ("2.5", "160.23", 0, 401),
        ("9999999999999999.9999", "16000", 0, 159999999999999999998),
    ],
)
def test_an_amount_is_rounded_once_half_even(amount: str, rate: str, exponent: int, minor: int) -> None:
    assert conversion.to_minor(Decimal(amount), Fraction(rate), exponent) == minor


def test_a_tie_that_only_an_exact_quotient_shows() -> None:
    # 4.5 at one third is exactly 1.5; a quotient cut after 28 digits would say 1.
    assert conversion.to_minor(Decimal("4.5"), Fraction(1, 3), 0) == 2


def test_minor_units_become_an_amount_at_any_length() -> None:
    assert str(conversion.from_minor(10**40 + 1, 2)) == f"1{'0' * 37}0.01"
    assert str(conversion.from_minor(0, 3)) == "0.000"
    assert str(conversion.from_minor(-5, 2)) == "-0.05"


_amounts = st.decimals(-(10**15), 10**15, places=4, allow_nan=False) | st.sampled_from(
    [Decimal(n) / 2000 for n in range(-40, 41)]
)
_rates = st.decimals("0.000001", 100000, places=6, allow_nan=False) | st.sampled_from(
    [Decimal(1), Decimal(2), Decimal(3)]
)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(_amounts, _rates, _rates, st.integers(0, 4)), min_size=40, max_size=80))
def test_the_database_rounds_as_python_does(rows: list[tuple[Decimal, Decimal, Decimal, int]]) -> None:
    found = _sql(
        "SELECT money_half_even(a, n * ('1e' || e)::numeric, d) "
        "FROM unnest(%s::numeric[], %s::numeric[], %s::numeric[], %s::int[]) WITH ORDINALITY x (a, n, d, e, at) ORDER BY at",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    assert [int(row[0]) for row in found] == [
        conversion.to_minor(amount, Fraction(over) / Fraction(under), exponent)
        for amount, over, under, exponent in rows
    ]


# The pivot is EUR. Rates: USD every working day, ISK with a hole of years, HRK until the euro came, RUB until March 2022.
_RATES = [
    ("USD", dt.date(2024, 1, 11), "1.1"),
    ("USD", FRIDAY, "1.25"),
    ("USD", dt.date(2024, 1, 15), "1.3"),
    ("ISK", dt.date(2008, 12, 3), "290"),
    ("ISK", dt.date(2018, 2, 1), "125.4"),
    ("HRK", dt.date(2022, 12, 30), "7.5365"),
    ("RUB", dt.date(2022, 3, 1), "117.201"),
    ("JPY", FRIDAY, "160"),
    ("KWD", FRIDAY, "0.335812345678901234"),
]
_CASES = [
    ("USD", "EUR", FRIDAY, (Fraction(4, 5), FRIDAY), "the day itself"),
    ("USD", "EUR", dt.date(2024, 1, 14), (Fraction(4, 5), FRIDAY), "a Sunday takes Friday's"),
    ("USD", "EUR", dt.date(2024, 1, 10), None, "never a later rate"),
    ("USD", "EUR", dt.date(2024, 1, 22), (Fraction(10, 13), dt.date(2024, 1, 15)), "seven days are in reach"),
    ("USD", "EUR", dt.date(2024, 1, 23), None, "eight are not"),
    ("EUR", "EUR", dt.date(1990, 1, 1), (Fraction(1), None), "a currency needs no rate to itself"),
    ("ARS", "ARS", FRIDAY, (Fraction(1), None), "not even one without any rate"),
    ("ARS", "EUR", FRIDAY, None, "no rate is no price"),
    ("USD", "JPY", FRIDAY, (Fraction(128), FRIDAY), "two legs, divided"),
    ("JPY", "USD", dt.date(2024, 1, 16), (Fraction(13, 1600), FRIDAY), "the older leg dates the price"),
    ("JPY", "USD", dt.date(2024, 1, 20), None, "each leg has its own reach"),
    ("ISK", "EUR", dt.date(2012, 6, 1), None, "in the hole"),
    ("ISK", "EUR", dt.date(2018, 2, 2), (Fraction(10, 1254), dt.date(2018, 2, 1)), "after the hole"),
    ("HRK", "EUR", dt.date(2023, 1, 6), (Fraction(10000, 75365), dt.date(2022, 12, 30)), "a dead currency's last week"),
    ("HRK", "EUR", dt.date(2023, 1, 7), None, "and its end"),
    ("KWD", "EUR", FRIDAY, (Fraction(10**18, 335812345678901234), FRIDAY), "every decimal that was published"),
    ("RUB", "EUR", dt.date(2022, 3, 9), None, "a suspended currency"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("source", "goal", "day", "wanted", "why"), _CASES, ids=[case[4] for case in _CASES])
def test_a_price_is_the_same_in_python_and_in_the_database(
    source: str, goal: str, day: dt.date, wanted: tuple[Fraction, dt.date | None] | None, why: str
) -> None:
    published: dict[str, list[tuple[dt.date, Decimal]]] = {}
    make.RateSetFactory()
    for currency, date, rate in _RATES:
        ExchangeRate.objects.create(rate_set_id="spot", currency_id=currency, date=date, rate=Decimal(rate))
        published.setdefault(currency, []).append((date, Decimal(rate)))
    quote = conversion.quote(published, "EUR", source, goal, day, 7)
    assert (quote and (quote.rate, quote.oldest)) == wanted
    found = _sql("SELECT numerator, denominator, oldest FROM money_quote('spot', %s, %s, %s, 7)", source, goal, day)
    assert [(Fraction(n) / Fraction(d), oldest) for n, d, oldest in found] == ([wanted] if wanted else [])


@pytest.mark.django_db
def test_without_an_age_limit_an_old_rate_still_holds() -> None:
    make.ExchangeRateFactory(currency_id="USD", date=dt.date(2020, 1, 1), rate=Decimal(2))
    assert _sql("SELECT oldest FROM money_quote('spot', 'USD', 'EUR', '2024-01-01', NULL)") == [(dt.date(2020, 1, 1),)]
    assert conversion.leg({"USD": [(dt.date(2020, 1, 1), Decimal(2))]}, "EUR", "USD", FRIDAY, None) is not None


# Means over published days only: two in December 2023, one in January 2023, none in any other month.
_MONTHS = [
    ("USD", dt.date(2023, 1, 31), "1.2"),
    ("USD", dt.date(2023, 12, 28), "1.1"),
    ("USD", dt.date(2023, 12, 29), "1.3"),
    ("JPY", dt.date(2023, 1, 2), "130"),
    ("JPY", dt.date(2023, 1, 3), "131"),
    ("JPY", dt.date(2023, 1, 31), "133"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rates", "source", "goal", "day", "rate", "oldest"),
    [
        ("month_average", "USD", "EUR", dt.date(2023, 12, 1), Fraction(10, 12), dt.date(2023, 12, 28)),
        ("constant", "USD", "EUR", dt.date(2024, 12, 31), Fraction(10, 12), dt.date(2023, 12, 28)),
        ("constant", "USD", "EUR", dt.date(2024, 11, 30), None, None),  # not the nearest month: that one or none
        ("constant", "USD", "JPY", dt.date(2024, 1, 31), Fraction(394, 3) / Fraction(12, 10), dt.date(2023, 1, 2)),
        ("month_average:1", "EUR", "USD", dt.date(2024, 1, 31), Fraction(12, 10), dt.date(2023, 12, 28)),
        ("constant", "ARS", "ARS", dt.date(2024, 1, 31), Fraction(1), None),
    ],
)
def test_a_mean_rate_is_that_of_the_published_days_of_one_month(
    rates: str, source: str, goal: str, day: dt.date, rate: Fraction | None, oldest: dt.date | None
) -> None:
    published: dict[str, list[tuple[dt.date, Decimal]]] = {}
    for currency, date, value in _MONTHS:
        make.ExchangeRateFactory(currency_id=currency, date=date, rate=value)
        published.setdefault(currency, []).append((date, Decimal(value)))

    quote = conversion.quote(published, "EUR", source, goal, day, 7, back=conversion.months_back(rates))
    found = _sql("SELECT numerator, denominator, oldest FROM money_quote(%s, %s, %s, %s, 7)", rates, source, goal, day)

    assert (quote.rate, quote.oldest) == (rate, oldest) if quote else rate is None
    assert [(Fraction(over) / Fraction(under), dated) for over, under, dated in found] == (
        [(rate, oldest)] if rate is not None else []
    )


@pytest.mark.django_db
def test_a_budget_rate_does_not_age_and_has_its_own_pivot() -> None:
    budget = make.RateSetFactory(code="budget", base_id="USD")
    make.ExchangeRateFactory(rate_set=budget, currency_id="EUR", date=dt.date(2023, 1, 1), rate="0.8")

    assert _sql("SELECT numerator, denominator FROM money_quote('budget', 'EUR', 'USD', '2024-12-31', 7)") == [
        (Decimal(1), Decimal("0.8"))
    ]
    assert _sql("SELECT 1 FROM money_quote('budget', 'EUR', 'USD', '2022-12-31', 7)") == []
