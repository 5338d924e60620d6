"""Quotas: how a target is spread over months by working days, and how much of it is attained. Pure: no ORM, no clock.

Money is in minor units of the quota's own currency, shares are exact fractions of 1. `docs/algorithms/quotas.md` says what
each word means.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core import months
from money.conversion import half_even


@dataclass(frozen=True)
class MonthDays:
    """The part of a month that lies in a period: its working days, and how many of them have passed. Of a region a day
    counts as the share of its countries that work on it."""

    month: int
    days: Fraction
    passed: Fraction


@dataclass(frozen=True)
class MonthTarget:
    """A month's part of a quota (`target`), and what of that is due when so many of its working days have passed."""

    month: int
    target: int
    due: int
    days: Fraction
    passed: Fraction


def spread(target: int, parts: Sequence[MonthDays]) -> tuple[MonthTarget, ...]:
    """`target` over months by their working days: the largest remainder on its size, ties by the earlier month, the sign put
    back. The months add up to it. Raises ValueError where no month has a day."""
    whole = sum((part.days for part in parts), Fraction(0))
    if whole <= 0:
        raise ValueError("no day to spread over")
    size, sign = abs(target), -1 if target < 0 else 1
    exact = [size * part.days / whole for part in parts]
    given = [int(share) for share in exact]
    ranked = sorted(range(len(parts)), key=lambda at: (given[at] - exact[at], parts[at].month))
    for at in ranked[: size - sum(given)]:
        given[at] += 1
    return tuple(
        MonthTarget(part.month, sign * share, _due(sign * share, part), part.days, part.passed)
        for part, share in zip(parts, given, strict=True)
    )


def _due(target: int, part: MonthDays) -> int:
    return half_even(Fraction(target) * part.passed / part.days) if part.days else 0


@dataclass(frozen=True)
class Attained:
    """A quota beside what came. `actual` is what lies in the period, `to_date` what of it is dated until the day, `open` the
    pipeline that is to close in the period; None where it is not known or not the reader's to know.
    """

    months: tuple[MonthTarget, ...]
    actual: int | None
    to_date: int | None
    open: int | None

    @property
    def target(self) -> int:
        return sum(month.target for month in self.months)

    @property
    def due(self) -> int:
        """What of the target is due by the working days that have passed."""
        return sum(month.due for month in self.months)

    @property
    def days(self) -> Fraction:
        return sum((month.days for month in self.months), Fraction(0))

    @property
    def passed(self) -> Fraction:
        return sum((month.passed for month in self.months), Fraction(0))

    @property
    def attainment(self) -> Fraction | None:
        """Actual ÷ quota. None without an actual, or of a quota that is not above zero."""
        return None if self.actual is None or self.target <= 0 else Fraction(self.actual, self.target)

    @property
    def pace(self) -> Fraction | None:
        """Actual to date ÷ spread to date. None as long as nothing is due."""
        return None if self.to_date is None or self.due <= 0 else Fraction(self.to_date, self.due)

    @property
    def left(self) -> int | None:
        """What is left of the quota, never below zero."""
        return None if self.actual is None else max(0, self.target - self.actual)

    @property
    def is_met(self) -> bool:
        return self.left == 0

    @property
    def coverage(self) -> Fraction | None:
        """Open pipeline ÷ what is left; None where nothing is left (`is_met`) or something is not known. Never below zero."""
        if self.open is None or not self.left:
            return None
        return Fraction(max(0, self.open), self.left)


@dataclass(frozen=True)
class Period:
    """The days `[start, end)`."""

    start: dt.date
    end: dt.date

    @property
    def months(self) -> range:
        """The months that share a day with it."""
        return range(months.month_of(self.start), months.month_of(self.end - dt.timedelta(days=1)) + 1)

    @property
    def is_whole(self) -> bool:
        """Whether it is made of whole months."""
        return not self.cut_months

    @property
    def cut_months(self) -> set[int]:
        """Months of which it holds a part only."""
        return {month for month in self.months if not self.holds_whole(month)}

    def holds_whole(self, month: int) -> bool:
        return self.start <= months.first_day(month) and months.last_day(month) < self.end

    def part_of(self, month: int) -> tuple[dt.date, dt.date]:
        """Its days in a month, half-open."""
        following = months.last_day(month) + dt.timedelta(days=1)
        return max(self.start, months.first_day(month)), min(self.end, following)

    def is_partial(self, on: dt.date) -> bool:
        """Whether some day of it has not passed when `on` is over."""
        return on < self.end - dt.timedelta(days=1)

    def holds(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def length(self) -> int:
        return (self.end - self.start).days


def apart(periods: Iterable[Period], within: Period) -> list[Period]:
    """Of periods inside `within`, those that may be added up: the longest first, of equal ones the earlier, and none that
    shares a day with one taken before. Quotas that overlap are never added up."""
    taken: list[Period] = []
    for period in sorted(set(periods), key=lambda p: (-p.length, p.start)):
        if within.holds(period) and not any(period.overlaps(other) for other in taken):
            taken.append(period)
    return sorted(taken, key=lambda p: p.start)


def over_assignment(target: int, parts: Iterable[int]) -> Fraction | None:
    """What the parts below were given ÷ the quota itself; 1 is neither too much nor too little. None of a quota that is not
    above zero, or without parts."""
    given = list(parts)
    return Fraction(sum(given), target) if target > 0 and given else None
