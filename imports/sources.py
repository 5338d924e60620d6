"""What the paths of one command hold: CSV files, folders of them, workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from imports.files import SPECS, Source, UnknownFile, known_file
from imports.reading import csv_source
from imports.workbooks import workbook_sources


def sources_in(paths: Sequence[Path]) -> tuple[list[Source], list[UnknownFile]]:
    """What the paths hold, in dependency order, and what can't be taken."""
    found: list[Source] = []
    unknown: list[UnknownFile] = []
    files = list(_files_in(paths, unknown))
    names = [path.name for path in files]
    for path in files:
        label = path.name if names.count(path.name) == 1 else str(path)
        try:
            if path.suffix.lower() == ".csv":
                found.append(csv_source(path, label, known_file(path.stem, label)))
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
