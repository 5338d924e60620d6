"""The days of a week by code."""

from __future__ import annotations

from collections.abc import Collection

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""
WEEKDAY_PATTERN = f"^({'|'.join(WEEKDAYS)})$"


def in_order(codes: Collection[str]) -> tuple[str, ...]:
    """`codes` as a week of work or rest runs: from the first day that follows one left out. Fri, Sat, not Sat … Fri."""
    held = [day in codes for day in WEEKDAYS]
    first = next((at for at in range(7) if held[at] and not held[at - 1]), 0)
    turned = (*WEEKDAYS[first:], *WEEKDAYS[:first])
    return tuple(day for day in turned if day in codes)


def runs(codes: Collection[str]) -> list[tuple[str, ...]]:
    """`codes` in stretches of days that follow one another."""
    found: list[tuple[str, ...]] = []
    for day in in_order(codes):
        follows = found and (WEEKDAYS.index(found[-1][-1]) + 1) % 7 == WEEKDAYS.index(day)
        if follows:
            found[-1] = (*found[-1], day)
        else:
            found.append((day,))
    return found


def others(codes: Collection[str]) -> tuple[str, ...]:
    """The days of the week that are not among `codes`."""
    return in_order([day for day in WEEKDAYS if day not in codes])
