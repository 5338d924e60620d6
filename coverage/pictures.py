"""A structure as an SVG file: cards from the start to the end of the line, children beside their parent. It holds no script,
no style and nothing from elsewhere, so that the strict policy lets it be opened; the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from core import formats
from coverage.outlines import OutlineRow

ACROSS: Final = 268
CARD: Final = (232, 40)
STEP: Final = 50
EDGE: Final = 24
HEAD: Final = 64
_NAME_ROOM, _LINE_ROOM = 31, 36
_MARKS: Final = {"covered": "#2f7d5b", "inherited": "#7aa894", "gap": "#c2410c"}
_FONT: Final = "Inter, Segoe UI, Helvetica, Arial, sans-serif"


def svg_of(rows: Sequence[OutlineRow], *, title: str, subtitle: str, unit: str) -> Iterator[str]:
    """The file in pieces. `rows` are in outline order; `unit` is the currency of the values."""
    places = _places(rows)
    deepest = max((row.level for row in rows), default=0)
    width = 2 * EDGE + deepest * ACROSS + CARD[0]
    height = HEAD + EDGE + STEP * max(1, sum(1 for row in _leaves(rows)))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family={quoteattr(_FONT)} role="img"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        f'<text x="{EDGE}" y="30" font-size="16" font-weight="600" fill="#1c1f24">{escape(title)}</text>'
        f'<text x="{EDGE}" y="50" font-size="12" fill="#5b6470">{escape(subtitle)}</text>\n'
    )
    above: list[int] = []
    for at, row in enumerate(rows):
        del above[row.level :]
        if above:
            yield _line(places[above[-1]], places[at])
        above.append(at)
        yield _card(row, places[at], unit)
    yield "</svg>\n"


def _leaves(rows: Sequence[OutlineRow]) -> Iterator[int]:
    """The places of rows with nothing below them."""
    for at, row in enumerate(rows):
        if at + 1 == len(rows) or rows[at + 1].level <= row.level:
            yield at


def _places(rows: Sequence[OutlineRow]) -> list[tuple[int, int]]:
    """The start and the middle line of each card: leaves one below the other, a parent beside the middle of its children."""
    middles = [0] * len(rows)
    for number, at in enumerate(_leaves(rows)):
        middles[at] = HEAD + EDGE // 2 + number * STEP + CARD[1] // 2
    spans: dict[int, list[int]] = {}
    for at in reversed(range(len(rows))):
        level = rows[at].level
        if children := spans.pop(level + 1, []):
            middles[at] = (children[0] + children[-1]) // 2
        spans.setdefault(level, []).insert(0, middles[at])
    return [(EDGE + row.level * ACROSS, middle) for row, middle in zip(rows, middles, strict=True)]


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + CARD[0], start[1]
    bend = (x + end[0]) // 2
    return (
        f'<path d="M{x},{y}C{bend},{y} {bend},{end[1]} {end[0]},{end[1]}" fill="none" stroke="#b8bec7"'
        ' stroke-width="1.25"/>\n'
    )


def _card(row: OutlineRow, place: tuple[int, int], unit: str) -> str:
    x, middle = place
    top = middle - CARD[1] // 2
    country = row.unit.country.code
    parts = [formats.country(country) if country else "", row.people]
    value = "" if row.value is None else f"{formats.short(row.value)} {unit}"
    room = _LINE_ROOM - len(value)
    mark = _MARKS.get(row.state, "#8a93a0")
    tell = " · ".join(filter(None, (row.unit.name, row.unit.code, row.unit.city, *parts, value)))
    return (
        f'<g><title>{escape(tell)}</title><rect x="{x}" y="{top}" width="{CARD[0]}" height="{CARD[1]}" rx="5"'
        f' fill="#ffffff" stroke="#b8bec7"/><rect x="{x + 5}" y="{top + 6}" width="4" height="{CARD[1] - 12}" rx="2"'
        f' fill="{mark}"/><text x="{x + 16}" y="{top + 17}" font-size="12" font-weight="550"'
        f' fill="#1c1f24">{escape(_cut(row.unit.name, _NAME_ROOM))}</text>'
        f'<text x="{x + 16}" y="{top + 32}" font-size="11" fill="#5b6470">'
        f"{escape(_cut(' · '.join(filter(None, parts)), room))}</text>"
        f'<text x="{x + CARD[0] - 10}" y="{top + 32}" font-size="11" fill="#1c1f24"'
        f' text-anchor="end">{escape(value)}</text></g>\n'
    )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"
