"""What is measured: the codes that cells store and the names that readers see. Pure data."""

from __future__ import annotations

from enum import IntEnum


class Measure(IntEnum):
    """A cell's measure. Kinds of revenue are three measures, so that they are never added up by accident."""

    BOOKED = 1
    BILLED = 2
    RECOGNISED = 3
    OPEN = 4
    WEIGHTED = 5
    WON = 6
    LOST = 7


class Book(IntEnum):
    """Whose share of a deal: prime shares are the deal, overlay shares stand beside it."""

    PRIME = 1
    OVERLAY = 2


NO_COUNTRY = "ZZ"
NO_UNIT = 0
NO_MEMBER = 0
ANY_MEMBER = -1
BUCKETS = 32

REVENUE_KINDS = {"booked": Measure.BOOKED, "billed": Measure.BILLED, "recognised": Measure.RECOGNISED}
PIPELINE_KEYS = {
    Measure.OPEN: "pipeline_open",
    Measure.WEIGHTED: "pipeline_weighted",
    Measure.WON: "won",
    Measure.LOST: "lost",
}
BOOKS = {"prime": Book.PRIME, "overlay": Book.OVERLAY}
MONEY_KEYS = ("revenue", "pipeline_open", "pipeline_weighted", "won", "lost")
COUNT_KEYS = ("opportunities_open", "opportunities_won", "opportunities_lost")


class Domain(IntEnum):
    """Which facts of an account's month changed: its revenue entries, or its deals with their lines."""

    REVENUE = 1
    DEALS = 2

    @property
    def measures(self) -> tuple[int, int]:
        """First and last measure that these facts feed."""
        return (1, 3) if self is Domain.REVENUE else (4, 7)


def keys_by_measure(revenue_kind: str) -> dict[int, str]:
    """Which measures a figure holds and under which names, for one revenue kind."""
    return {int(REVENUE_KINDS[revenue_kind]): "revenue", **{int(m): name for m, name in PIPELINE_KEYS.items()}}
