"""By when a lead that was handed over is to be accepted or rejected, in the receiver's working days. Pure: no ORM, no clock.

The day of the hand-over does not count. A lead handed over on a Thursday with a limit of two days is due on Monday where
Saturday and Sunday are free and Friday and Monday are worked; from Tuesday on it is overdue.
"""

from __future__ import annotations

import datetime as dt

from regions.calendars import ONE_DAY, Calendar

_FURTHEST = 400


def due_on(calendar: Calendar, handed_on: dt.date, days: int) -> dt.date:
    """The last day on which the lead may be accepted in time: the `days`-th worked day after it was handed over."""
    return _walk(calendar, handed_on, days, ONE_DAY)


def overdue_before(calendar: Calendar, on: dt.date, days: int) -> dt.date:
    """What was handed over before this day is overdue on `on`: `due_on` of it lies before `on`, of later days it does not."""
    return _walk(calendar, on, days, -ONE_DAY)


def _walk(calendar: Calendar, day: dt.date, days: int, step: dt.timedelta) -> dt.date:
    """The `days`-th worked day from `day` on, in one direction. A year without any ends the search where it stands."""
    found = day
    for _ in range(_FURTHEST):
        if not days:
            break
        found += step
        days -= calendar.works_on(found)
    return found
