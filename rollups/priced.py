"""Single amounts priced under one lens, by the one conversion: each once, to the minor unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from rollups import formulas as f
from rollups.source import ONE_LENS

_STATEMENT = f"""
WITH facts AS MATERIALIZED (
    SELECT * FROM unnest(%(currencies)s::text[], %(days)s::date[], %(amounts)s::numeric[])
           WITH ORDINALITY p (currency, rate_on, amount, at)),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT money_half_even(x.amount, q.numerator, q.denominator)
  FROM facts x JOIN quotes q USING (currency, rate_on) ORDER BY x.at"""


class Native(NamedTuple):
    """An amount in its own currency, and the day whose rate prices it."""

    currency: str
    rate_on: dt.date
    amount: Decimal


def minors(amounts: Sequence[Native], given: dict[str, Any]) -> list[int | None]:
    """Each amount in minor units of the lens that `given` names as a `Source` does; None where a rate is missing."""
    if not amounts:
        return []
    columns: dict[str, Any] = {
        "currencies": [one.currency for one in amounts],
        "days": [one.rate_on for one in amounts],
        "amounts": [one.amount for one in amounts],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {**given, **columns})
        return [None if minor is None else int(minor) for (minor,) in cursor.fetchall()]


def priced_in(amounts: Sequence[Native], *, currency: str, rates: str) -> list[int | None]:
    """Each amount in minor units of a reporting currency at `rates`; None where a rate is missing, never 1 or a later one."""
    given = {
        "lens": 0,
        "lens_currency": currency,
        "lens_rates": rates,
        "max_age": settings.GAM_RATE_MAX_AGE_DAYS,
    }
    return minors(amounts, given)
