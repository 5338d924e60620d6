"""CSV files as they come: UTF-8 with or without BOM, comma or semicolon, quoted line breaks, and everything that is wrong."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from imports.files import SPECS, Reject, Source, Table

_BOM = b"\xef\xbb\xbf"
_LOST = "\ufffd"
csv.field_size_limit(1024 * 1024)


def csv_source(path: Path, label: str, name: str) -> Source:
    def read(reject: Reject) -> Table | None:
        return csv_table(path, {column.name for column in SPECS[name].columns}, reject)

    return Source(name, label, read)


class _Lines:
    """The physical lines of a file as text. Bytes that aren't UTF-8 are noted by line and replaced, so that reading goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad: dict[int, str] = {}

    def __iter__(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = raw.removeprefix(_BOM) if number == 1 else raw
                try:
                    text = line.decode()
                except UnicodeDecodeError as error:
                    self.bad[number] = _("not UTF-8 at byte %(byte)s of the line (0x%(value)s)") % {
                        "byte": error.start + 1,
                        "value": line[error.start : error.start + 1].hex().upper(),
                    }
                    text = line.decode(errors="replace")
                if "\0" in text:
                    self.bad[number] = _("a NUL byte at character %(at)s of the line") % {"at": text.index("\0") + 1}
                    text = text.replace("\0", _LOST)
                yield text


def csv_table(path: Path, known: Collection[str], reject: Reject) -> Table | None:
    """A file's header and rows, or None when it was refused as a whole. `known` columns tell comma from semicolon."""
    lines = _Lines(path)
    first = next(iter(_Lines(path)), "")
    reader = csv.reader(iter(lines), delimiter=_delimiter(first, known), strict=True)
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), None)
    except csv.Error as error:
        reject(max(reader.line_num, 1), "", _broken(error))
        return None
    line = max(reader.line_num, 1)
    if lines.bad:
        reject(min(lines.bad), "", next(iter(lines.bad.values())))
        return None
    if header is None:
        reject(1, "", _("the file is empty: it needs a header line"))
        return None
    names = [cell.strip() for cell in header]
    wide = len(names)
    while names and not names[-1]:
        names.pop()
    if "" in names:
        reject(line, "", _("column %(number)s of the header has no name") % {"number": names.index("") + 1})
        return None
    return Table(names, line, _rows(reader, lines, names, wide, reject))


def _delimiter(header: str, known: Collection[str]) -> str:
    """Comma or semicolon: whichever finds more of the file's columns in the header."""

    def found(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip() for cell in header.split(delimiter)]
        return sum(cell in known for cell in cells), len(cells)

    return max(",", ";", key=found)


def _rows(
    reader: Iterator[list[str]], lines: _Lines, names: Sequence[str], wide: int, reject: Reject
) -> Iterator[tuple[int, list[str]]]:
    width = len(names)
    while True:
        start = reader.line_num + 1  # type: ignore[attr-defined]  # csv.reader has it
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reject(start, names[0], _broken(error))
            continue
        if not row:
            continue
        cells = [cell.strip() for cell in row]
        if lines.bad and not _is_readable(start, cells, lines, names, reject):
            continue
        if len(cells) != width:
            if len(cells) == wide and not any(cells[width:]):
                cells = cells[:width]
            else:
                _refuse_ragged(start, cells, names, reject)
                continue
        if any(cells):
            yield start, cells


def _is_readable(start: int, cells: list[str], lines: _Lines, names: Sequence[str], reject: Reject) -> bool:
    """Whether a record holds no unreadable bytes; else it is refused, at the line and column where they are."""
    bad = next((number for number in lines.bad if number >= start), None)
    if bad is not None:
        column = next((name for name, cell in zip(names, cells, strict=False) if _LOST in cell), "")
        reject(start, column, lines.bad[bad])
    lines.bad.clear()
    return bad is None


def _refuse_ragged(line: int, cells: Sequence[str], names: Sequence[str], reject: Reject) -> None:
    counts = {"cells": len(cells), "columns": len(names)}
    if len(cells) < len(names):
        reject(line, names[len(cells)], _("the row ends before this column: %(cells)s cells for %(columns)s") % counts)
    else:
        reject(line, names[-1], _("the row goes on after this column: %(cells)s cells for %(columns)s") % counts)


def _broken(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return _("a quoted cell that starts here never ends")
    if "expected after" in text:
        return _("text stands after a closing quote; a quote inside a cell is written twice")
    if "new-line character" in text:
        return _("lines must end with a line feed")
    if "field larger" in text:
        return _("a cell of more than a million characters; is a quote missing?")
    return text
