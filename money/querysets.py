from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from money.models import ExchangeRate


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def in_force(self, day: dt.date) -> ExchangeRateQuerySet:
        """Each currency's latest rate on or before `day`."""
        return (
            self.filter(date__lte=day)
            .order_by("rate_set_id", "currency_id", "-date")
            .distinct("rate_set_id", "currency_id")
        )
