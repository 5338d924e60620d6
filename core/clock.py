"""The one place that reads the clock. Everything else takes an instant or a day as an argument."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """The calendar day of the present instant in the organisation's time zone (`GAM_TIME_ZONE`)."""
    return timezone.localdate(timezone.now(), timezone.get_default_timezone())
