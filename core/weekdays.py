"""The days of a week by code."""

from __future__ import annotations

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `date.weekday()`."""
WEEKDAY_PATTERN = f"^({'|'.join(WEEKDAYS)})$"
