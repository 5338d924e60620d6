"""On which day, and from when on, a reader's digest is due: by her own clock and her own working days. Pure: no ORM, no clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from regions.calendars import Calendar


def day_due(now: dt.datetime, *, zone: ZoneInfo, hour: int, calendar: Calendar) -> dt.date | None:
    """The reader's own day whose digest is due at an instant: a day that she works, from the full hour `hour` of her clock on
    until midnight; else None.

    An hour that her clock leaps over is reached with the next one; one that it shows twice is reached the first time.
    """
    local = now.astimezone(zone)
    return local.date() if local.hour >= hour and calendar.works_on(local.date()) else None


def is_over(now: dt.datetime, *, zone: ZoneInfo, day: dt.date) -> bool:
    """Whether a day has ended on the reader's clock: a digest of yesterday says nothing of today."""
    return now.astimezone(zone).date() > day


def zone_of(*names: str) -> ZoneInfo:
    """The first of the zones named that there is; UTC when there is none."""
    for name in filter(None, names):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
