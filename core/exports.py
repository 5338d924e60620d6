"""Lists as files, streamed: the first row leaves before the last one is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from django.http import StreamingHttpResponse

from core.cells import Column

CHUNK = 2000
PIECE = 32_000  # characters
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take a file without it for another encoding


class Rows(Protocol):
    """A query set, or anything else that is run through in pieces."""

    def iterator(self, *, chunk_size: int) -> Iterator[Any]: ...


def streamed_csv(
    columns: Sequence[Column], rows: Rows, *, name: str, head: Iterable[str] = ()
) -> StreamingHttpResponse:
    """Every row of `rows` in the order given, with the columns the reader sees. `head` lines stand above the header."""
    response = StreamingHttpResponse(_lines(columns, rows, head), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(columns: Sequence[Column], rows: Rows, head: Iterable[str]) -> Iterator[str]:
    """The header at once, then pieces of many rows: each piece is a write to the network."""
    piece = io.StringIO(BYTE_ORDER_MARK)
    piece.seek(0, io.SEEK_END)
    writer = csv.writer(piece)
    for line in head:
        writer.writerow([f"# {line}"])
    writer.writerow([title for column in columns for title in _titles(column)])
    yield _taken(piece)
    for row in rows.iterator(chunk_size=CHUNK):
        writer.writerow([value for column in columns for value in _values(column, row)])
        if piece.tell() > PIECE:
            yield _taken(piece)
    yield _taken(piece)


def _taken(piece: io.StringIO) -> str:
    text = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    return text


def _titles(column: Column) -> list[str]:
    return (
        [str(column.label), f"{column.label} ({column.name}_currency)"]
        if column.kind == "money"
        else [str(column.label)]
    )


def _values(column: Column, row: Any) -> list[str]:
    value = column.exported(row)
    return [value, column.currency_of(row)] if column.kind == "money" else [value]
