"""Which files there are, in the order in which they depend on each other, and what one of them looks like when read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

import accounts.loading
import accounts.loading_people
import coverage.loading
import money.loading
import pipeline.enablement_loading
import pipeline.loading_deals
import pipeline.loading_parts
import regions.loading
import revenue.loading
import teams.loading
from core.staging import FileSpec

_ORDER = [
    "regions",
    "region_links",
    "region_countries",
    "country_calendars",
    "country_days",
    "members",
    "region_leads",
    "exchange_rates",
    "products",
    "stages",
    "competitors",
    "accounts",
    "team_members",
    "org_units",
    "org_links",
    "contacts",
    "posts",
    "relationships",
    "coverage_policies",
    "coverage",
    "potentials",
    "campaigns",
    "leads",
    "lead_history",
    "opportunities",
    "opportunity_lines",
    "opportunity_splits",
    "stage_history",
    "opportunity_contacts",
    "opportunity_competitors",
    "plays",
    "play_uses",
    "revenue",
    "quotas",
]
_ROOMS = (
    regions.loading,
    money.loading,
    teams.loading,
    accounts.loading,
    accounts.loading_people,
    revenue.loading,
    pipeline.loading_parts,
    pipeline.loading_deals,
    pipeline.enablement_loading,
    coverage.loading,
)
_FOUND: dict[str, FileSpec] = {spec.name: spec for room in _ROOMS for spec in room.SPECS}

SPECS: dict[str, FileSpec] = {name: _FOUND[name] for name in _ORDER}
"""Every file of the contract by name, in dependency order."""

Reject = Callable[[int, str, str], None]


@dataclass
class Table:
    """A file's header (and its line) and its rows, each with the line on which it starts."""

    header: list[str]
    line: int
    rows: Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class Source:
    """One file, or one sheet of a workbook. `read` gives its table, or None when it was refused as a whole."""

    name: str
    label: str
    read: Callable[[Reject], Table | None]


class UnknownFile(Exception):
    """A path that holds nothing we know. `label` names it and `reason` says why."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"{label}: {reason}")
        self.label, self.reason = label, reason


def known_file(stem: str, label: str) -> str:
    """The name itself when it is an import file's; UnknownFile otherwise."""
    if stem not in SPECS:
        reason = _("not the name of an import file; they are: %(names)s")
        raise UnknownFile(label, reason % {"names": ", ".join(f"{name}.csv" for name in SPECS)})
    return stem


def known_sheet(title: str, label: str) -> str:
    """The file whose rows a sheet holds."""
    return known_file(title.strip().removesuffix(".csv"), label)
