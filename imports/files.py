"""Which files there are, in the order in which they depend on each other, and what a path holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

import accounts.loading
import accounts.loading_people
import coverage.loading
import money.loading
import pipeline.loading_parts
import regions.loading
import revenue.loading
import teams.loading
from core.staging import FileSpec

_ORDER = [
    "regions",
    "region_links",
    "region_countries",
    "members",
    "region_leads",
    "exchange_rates",
    "products",
    "stages",
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
    "leads",
    "opportunities",
    "opportunity_lines",
    "opportunity_splits",
    "stage_history",
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


def sources_in(paths: Sequence[Path]) -> tuple[list[Source], list[UnknownFile]]:
    """What the paths hold, in dependency order, and what can't be taken."""
    from imports.reading import csv_source
    from imports.workbooks import workbook_sources

    found: list[Source] = []
    unknown: list[UnknownFile] = []
    files = list(_files_in(paths, unknown))
    names = [path.name for path in files]
    for path in files:
        label = path.name if names.count(path.name) == 1 else str(path)
        try:
            if path.suffix.lower() == ".csv":
                found.append(csv_source(path, label, _known(path.stem, label)))
            elif path.suffix.lower() in (".xlsx", ".xlsm"):
                found += workbook_sources(path, label)
            else:
                unknown.append(UnknownFile(label, _("neither a CSV file nor an XLSX workbook")))
        except UnknownFile as error:
            unknown.append(error)
    order = list(SPECS)
    return sorted(found, key=lambda source: order.index(source.name)), unknown


def _files_in(paths: Iterable[Path], unknown: list[UnknownFile]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
            if not inside:
                unknown.append(UnknownFile(str(path), _("the folder holds no CSV file")))
            yield from inside
        elif path.is_file():
            yield path
        else:
            unknown.append(UnknownFile(str(path), _("there is no such file")))


def _known(stem: str, label: str) -> str:
    if stem not in SPECS:
        reason = _("not the name of an import file; they are: %(names)s")
        raise UnknownFile(label, reason % {"names": ", ".join(f"{name}.csv" for name in SPECS)})
    return stem


def known_sheet(title: str, label: str) -> str:
    """The file whose rows a sheet holds."""
    return _known(title.strip().removesuffix(".csv"), label)
