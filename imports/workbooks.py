"""XLSX workbooks: one sheet for each file, native dates and numbers taken exactly."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from core.staging_rows import as_text
from imports.files import Reject, Source, Table, UnknownFile, known_sheet

_FAULTS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def workbook_sources(path: Path, label: str) -> list[Source]:
    """A source for each sheet that isn't empty. Raises UnknownFile for a sheet or a workbook that can't be taken."""
    book = _open(path, label)
    sources = []
    try:
        for title in book.sheetnames:
            sheet = book[title]
            if not hasattr(sheet, "iter_rows"):
                continue  # a chart
            if not any(any(cell is not None for cell in row) for row in sheet.iter_rows(max_row=5, values_only=True)):
                continue
            name = known_sheet(title, f"{label}/{title}")
            sources.append(Source(name, f"{label}/{name}", _reader(path, label, title)))
    finally:
        book.close()
    if not sources:
        raise UnknownFile(label, _("the workbook holds no rows"))
    return sources


def first_sheet(path: Path, label: str, reject: Reject) -> Table | None:
    """The header and rows of a workbook's first sheet that holds any. Raises UnknownFile for what is no workbook."""
    book = _open(path, label)
    try:
        for title in book.sheetnames:
            if hasattr(book[title], "iter_rows") and any(map(any, book[title].iter_rows(max_row=5, values_only=True))):
                table = _table_of(book[title], reject)
                return table and Table(table.header, table.line, iter(list(table.rows)))
    finally:
        book.close()
    raise UnknownFile(label, _("the workbook holds no rows"))


def _open(path: Path, label: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which we don't read
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise UnknownFile(label, _("not an XLSX workbook: %(why)s") % {"why": error}) from error


def _reader(path: Path, label: str, title: str) -> Any:
    def read(reject: Reject) -> Table | None:
        return _table_of(_open(path, label)[title], reject)

    return read


def _table_of(sheet: Any, reject: Reject) -> Table | None:
    sheet.reset_dimensions()  # some writers state a wrong size
    rows = enumerate(sheet.iter_rows(values_only=True), start=1)
    for line, row in rows:
        if any(cell is not None for cell in row):
            names = [as_text(_exact(cell)) for cell in row]
            while names and not names[-1]:
                names.pop()
            if "" in names:
                reject(line, "", _("column %(number)s of the header has no name") % {"number": names.index("") + 1})
                return None
            return Table(names, line, _rows(rows, names, reject))
    reject(1, "", _("the sheet is empty: it needs a header row"))
    return None


def _exact(cell: object) -> Any:
    if isinstance(cell, dt.datetime | dt.date | str | bool | int | float) or cell is None:
        return cell
    return str(cell)


def _rows(
    rows: Iterator[tuple[int, tuple[object, ...]]], names: list[str], reject: Reject
) -> Iterator[tuple[int, list[str]]]:
    width = len(names)
    for line, row in _unbroken(rows, reject):
        cells = [as_text(_exact(cell)) for cell in row]
        if not any(cells):
            continue
        fault = next((at for at, cell in enumerate(cells) if cell in _FAULTS), None)
        if fault is not None:
            reject(
                line, names[fault] if fault < width else "", _("a formula's error: %(value)s") % {"value": cells[fault]}
            )
        elif any(cells[width:]):
            reject(line, names[-1], _("cells stand beside the columns of the header"))
        else:
            yield line, (cells + [""] * width)[:width]


def _unbroken(
    rows: Iterator[tuple[int, tuple[object, ...]]], reject: Reject
) -> Iterator[tuple[int, tuple[object, ...]]]:
    line = 1
    try:
        for line, row in rows:  # the line is named when reading breaks
            yield line, row
    except (ElementTree.ParseError, zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
        reject(line, "", _("the workbook is damaged here: %(why)s") % {"why": error})
