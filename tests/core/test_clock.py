"""Which day it is: the organisation's, whatever the servers' and the reader's clocks say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from core import clock

HALF_PAST_ELEVEN_UTC = dt.datetime(2024, 12, 31, 23, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", dt.date(2024, 12, 31)),
        ("Europe/Berlin", dt.date(2025, 1, 1)),
        ("America/New_York", dt.date(2024, 12, 31)),
        ("Pacific/Auckland", dt.date(2025, 1, 1)),
    ],
)
def test_today_is_the_organisations_day(
    zone: str, day: dt.date, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = zone
    monkeypatch.setattr(timezone, "now", lambda: HALF_PAST_ELEVEN_UTC)
    assert clock.today() == day


def test_today_is_the_same_day_for_readers_in_every_zone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(timezone, "now", lambda: HALF_PAST_ELEVEN_UTC)
    with timezone.override("America/Los_Angeles"):
        assert clock.today() == dt.date(2025, 1, 1)
