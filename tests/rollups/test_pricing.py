"""The quick way of rounding is the exact one, whatever the amount and the price."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from money.conversion import half_even
from rollups import pricing

_amounts = (
    st.decimals(-(10**15), 10**15, places=4, allow_nan=False)
    | st.decimals(-1000, 1000, places=2, allow_nan=False)
    | st.sampled_from([Decimal(n) / 2000 for n in range(-40, 41)])
)
_prices = st.decimals("0.000001", 100000, places=6, allow_nan=False) | st.sampled_from(
    [Decimal(n) for n in (1, 2, 3, 100)]
)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(_amounts, _prices, _prices), min_size=60, max_size=100))
def test_the_nearest_double_rounds_like_the_fraction(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    amounts, over, under = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {pricing.minor(1)}
                  FROM (SELECT f.*, {pricing.quick(1)} AS minor1, q.*, at
                          FROM unnest(%s::numeric[], %s::numeric[], %s::numeric[]) WITH ORDINALITY u (a, n, d, at)
                         CROSS JOIN LATERAL (SELECT a AS amount, a::float8 AS approximate) f
                         CROSS JOIN LATERAL (SELECT ARRAY[n] AS numerators, ARRAY[d] AS denominators, (n / d)::float8 AS p1) q) priced
                 GROUP BY at ORDER BY at""",
            [amounts, over, under],
        )
        found = [int(row[0]) for row in cursor.fetchall()]
    assert found == [half_even(Fraction(a) * Fraction(n) / Fraction(d)) for a, n, d in rows]
