"""A picture of what flowed from where to where: bars on both sides, bands between them. Pure: places only, drawn by a template.

Both sides have the same height, since what flows in flows out. Places are in units of the picture's own box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, BAR, GAP, LEAST = 880, 12, 10, 2
LABEL = 200
"""Room for words on either side."""
_TALL = 300


@dataclass(frozen=True)
class Bar:
    """One thing that flows, on the left (`is_source`) or on the right. `kind` is its colour's name."""

    key: str
    amount: int
    kind: str
    is_source: bool
    y: float
    height: float

    @property
    def x(self) -> int:
        return LABEL if self.is_source else WIDTH - LABEL - BAR

    @property
    def text_x(self) -> int:
        return LABEL - 8 if self.is_source else WIDTH - LABEL + 8

    @property
    def middle(self) -> float:
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True)
class Band:
    """From one bar to another: the outline of a ribbon."""

    source: str
    sink: str
    amount: int
    kind: str
    path: str


@dataclass(frozen=True)
class Sankey:
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    height: int

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {self.height}"


def kind_of(key: str) -> str:
    """The colour of a bar: what stays, what came, what went, what rates did."""
    side, _sign, _rest = key.partition(":")
    return {"open": "stays", "close": "stays", "fx": "fx", "won": "won"}.get(side, "moves")


def drawn(links: Mapping[tuple[str, str], int], sources: Sequence[str], sinks: Sequence[str]) -> Sankey:
    """The picture of `links` (source, sink: amount above 0), in the order of `sources` and `sinks`."""
    total = sum(links.values())
    if not total:
        return Sankey((), (), 0)
    outs = {key: sum(a for (s, _), a in links.items() if s == key) for key in sources}
    ins = {key: sum(a for (_, s), a in links.items() if s == key) for key in sinks}
    scale = _TALL / total
    left, right = _bars(outs, scale, is_source=True), _bars(ins, scale, is_source=False)
    bars = {(bar.key, bar.is_source): bar for bar in (*left, *right)}
    at = {key: bar.y for key, bar in bars.items()}
    bands = []
    for source in outs:
        for sink in ins:
            amount = links.get((source, sink), 0)
            if amount:
                here, there = at[source, True], at[sink, False]
                thick = amount * scale
                bands.append(Band(source, sink, amount, _band_kind(source, sink), _ribbon(here, there, thick)))
                at[source, True], at[sink, False] = here + thick, there + thick
    return Sankey((*left, *right), tuple(bands), round(max(b.y + b.height for b in bars.values()) + GAP))


def _band_kind(source: str, sink: str) -> str:
    return kind_of(sink) if kind_of(source) == "stays" else kind_of(source)


def _bars(amounts: Mapping[str, int], scale: float, *, is_source: bool) -> list[Bar]:
    found, y = [], float(GAP)
    for key, amount in amounts.items():
        if amount:
            height = max(amount * scale, LEAST)
            found.append(Bar(key, amount, kind_of(key), is_source, round(y, 1), round(height, 1)))
            # Two lines of words need their room, however thin the bar.
            y += max(height, 26) + GAP
    return found


def _ribbon(y: float, to: float, thick: float) -> str:
    start, end = LABEL + BAR, WIDTH - LABEL - BAR
    half = (start + end) / 2
    thick = max(thick, 0.5)
    return (
        f"M{start} {y:.1f}C{half} {y:.1f} {half} {to:.1f} {end} {to:.1f}V{to + thick:.1f}"
        f"C{half} {to + thick:.1f} {half} {y + thick:.1f} {start} {y + thick:.1f}Z"
    )
