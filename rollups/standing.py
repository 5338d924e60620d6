"""For what the cells hold: which lenses, settings and as-of date, and whether anything waits to be drained."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from core.snapshots import once_a_snapshot
from money.models import CONSTANT, MONTH_AVERAGE, SPOT
from money.queries import business_date, reporting_currencies

# Raised when a cell's meaning changes, so that an upgraded product computes everything again by itself.
_FORMULA = 4
NATIVE_LENS = ("", "native")


@dataclass(frozen=True)
class StoredLens:
    """A price lens that the cells have a slot for. Until it `is_ready` its figures are computed from the facts."""

    id: int
    currency: str
    rates: str
    slot: int
    is_ready: bool


@dataclass(frozen=True)
class Standing:
    """The cells' side (`as_of`, `settings`, `is_stale`, `marks`, `run`, `fiscal_start`, `has_years`, `lenses`), the published rate
    sets, the month in which fiscal years start now, and what waits."""

    as_of: dt.date | None
    settings: str
    is_stale: bool
    marks: int
    run: int | None
    fiscal_start: int | None
    has_years: bool
    lenses: tuple[StoredLens, ...]
    rate_sets: tuple[str, ...]
    fiscal_start_now: int
    has_wide_changes: bool
    has_dirty_keys: bool

    @property
    def wanted_lenses(self) -> set[tuple[str, str]]:
        """Native money, and every reporting currency under every rate a reader may choose and under each month's own mean,
        which bridges need."""
        rates = {SPOT, CONSTANT, MONTH_AVERAGE, *self.rate_sets}
        return {NATIVE_LENS, *((currency, name) for currency in reporting_currencies() for name in rates)}

    @property
    def is_sound(self) -> bool:
        """Whether the cells mean what they should, under the lenses that are ready."""
        return not self.is_stale and self.settings == settings_in_force()

    @property
    def must_be_rebuilt(self) -> bool:
        ready = {(lens.currency, lens.rates) for lens in self.lenses if lens.is_ready}
        return not self.is_sound or not self.are_years_kept or bool(self.wanted_lenses - ready)

    @property
    def are_years_kept(self) -> bool:
        """Whether accounts' fiscal years are what their cells add up to, by the fiscal year of now."""
        return self.has_years and self.fiscal_start == self.fiscal_start_now

    @property
    def is_fresh(self) -> bool:
        """Whether the cells equal the facts, as far as committed."""
        waits = self.has_wide_changes or self.has_dirty_keys or self.must_be_rebuilt
        return not waits and self.as_of == business_date()

    @property
    def width(self) -> int:
        """How many slots the arrays of a cell have."""
        return max((lens.slot for lens in self.lenses), default=0)

    def lens(self, currency: str, rates: str) -> StoredLens | None:
        """The lens as cells hold it, if they do."""
        if not self.is_sound:
            return None
        wanted = (currency, rates)
        return next((lens for lens in self.lenses if (lens.currency, lens.rates) == wanted and lens.is_ready), None)

    def given(self) -> dict[str, Any]:
        """The parameters under which batches compute."""
        return {
            "as_of": self.as_of,
            "max_age": settings.GAM_RATE_MAX_AGE_DAYS,
            "width": self.width,
            "fiscal_start": self.fiscal_start or self.fiscal_start_now,
        }


def settings_in_force() -> str:
    """What every cell depends on beside facts, rates and lenses, as one text."""
    return f"{settings.GAM_RATE_MAX_AGE_DAYS};{_FORMULA}"


@once_a_snapshot
def standing() -> Standing:
    """The present standing, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT as_of, settings, is_stale, marks, run, fiscal_start, has_years, "
            "(SELECT json_agg(json_build_array(id, currency, rates, slot, is_ready) ORDER BY slot) FROM rollups_pricelens), "
            "(SELECT json_agg(code ORDER BY code) FROM money_rateset), "
            "(SELECT start_month FROM money_fiscalcalendar ORDER BY code LIMIT 1), "
            "EXISTS (SELECT FROM rollups_widechange), EXISTS (SELECT FROM rollups_dirtykey) FROM rollups_state"
        )
        as_of, text, is_stale, marks, run, start, has_years, lenses, sets, start_now, has_wide, has_dirty = (
            cursor.fetchone()
        )
    stored = tuple(StoredLens(*lens) for lens in lenses or ())
    now = start_now or int(settings.GAM_FISCAL_YEAR_START)
    return Standing(
        as_of, text, is_stale, marks, run, start, has_years, stored, tuple(sets or ()), now, has_wide, has_dirty
    )
