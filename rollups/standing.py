"""For what the cells hold: which settings and which as-of date, and whether anything waits to be drained."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from money.models import MONTH_AVERAGE
from money.queries import business_date, rates_on_offer, reporting_currencies

# Raised when a cell's meaning changes, so that an upgraded product computes everything again by itself.
_FORMULA = 2


def stored_rates() -> list[str]:
    """The rates that cells are priced with: what a reader may choose, and each month's own mean, for bridges."""
    return [*rates_on_offer(), MONTH_AVERAGE]


@dataclass(frozen=True)
class Standing:
    """The cells' side (`as_of`, `settings`, `is_stale`, `run`) and what waits in the queues."""

    as_of: dt.date | None
    settings: str
    is_stale: bool
    run: int | None
    has_wide_changes: bool
    has_dirty_keys: bool

    @property
    def must_be_rebuilt(self) -> bool:
        return self.is_stale or self.settings != settings_in_force()

    @property
    def is_fresh(self) -> bool:
        """Whether the cells equal the facts, as far as committed."""
        waits = self.has_wide_changes or self.has_dirty_keys or self.must_be_rebuilt
        return not waits and self.as_of == business_date()

    def given(self) -> dict[str, Any]:
        """The parameters under which batches compute."""
        return {"as_of": self.as_of, "max_age": settings.GAM_RATE_MAX_AGE_DAYS}


def settings_in_force() -> str:
    """What cells depend on beside the facts, as one text."""
    return f"{','.join(reporting_currencies())};{settings.GAM_RATE_MAX_AGE_DAYS};{_FORMULA}"


def standing() -> Standing:
    """The present standing, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT as_of, settings, is_stale, run, EXISTS (SELECT FROM rollups_widechange), "
            "EXISTS (SELECT FROM rollups_dirtykey) FROM rollups_state"
        )
        return Standing(*cursor.fetchone())
