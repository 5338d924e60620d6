"""A member's working week: her own days and hours, else those of her country, else unknown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core import formats
from core.weekdays import WEEKDAYS, in_order
from regions.calendars import Calendars
from teams.models import Member
from teams.overlap import DAY_BEGINS, DAY_ENDS


@dataclass(frozen=True)
class Week:
    """`days` are codes in the order of the week, None while they are unknown; hours are of her own clock.

    `is_own`: she works on other days, or at other hours, than her country's.
    """

    days: tuple[str, ...] | None
    begins: dt.time
    ends: dt.time
    is_own: bool

    @property
    def words(self) -> str:
        """Mon–Fri, 09:00–17:00; empty while the days are unknown."""
        if self.days is None:
            return ""
        return f"{formats.weekdays(self.days)}, {self.begins:%H:%M}–{self.ends:%H:%M}"


def week_of(member: Member, calendars: Calendars, on: dt.date) -> Week:
    """Her working week as it stands on a day."""
    calendar = calendars.of(member.country.code or "")
    own = set(member.working_days)
    free = calendar.weekend_on(on) if calendar else None
    worked = own or (set(WEEKDAYS) - free if free is not None else None)
    return Week(
        days=None if worked is None else in_order(worked),
        begins=member.works_from or DAY_BEGINS,
        ends=member.works_to or DAY_ENDS,
        is_own=bool(own or member.works_from or member.works_to),
    )


def hours(value: Decimal | None) -> Decimal | None:
    """Hours as people say them: 40, 37.5."""
    return value if value is None or value != value.to_integral() else value.to_integral()
