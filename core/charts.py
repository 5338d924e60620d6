"""What a picture shows, in the form that its script reads and that its table repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from core import formats

Kind = Literal["bars", "lines", "trend", "waterfall"]
Value = Decimal | int | float | str | None


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[Value]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One picture. `labels` stand along the axis; `None` among the values is not known or not yet there.

    `bars`: horizontal, one or more series. `lines`: several equal lines. `trend`: the first series as columns of
    this period, the second as last year's line. `waterfall`: one series; `totals` are the places of the bars that
    stand on the ground, all others are changes.
    """

    id: str
    kind: Kind
    title: Any
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    note: Any = ""
    totals: Sequence[int] = ()
    head: Any = ""
    size: Literal["", "tall", "short"] = ""
    urls: Sequence[str] = field(default_factory=tuple)

    @property
    def source(self) -> dict[str, Any]:
        """The JSON that the script draws: floats, for positions only; written figures come from the table."""
        return {
            "labels": [str(label) for label in self.labels],
            "series": [{"name": str(s.name), "values": [_position(v) for v in s.values]} for s in self.series],
            "unit": self.unit,
            "decimals": self.decimals,
            "totals": list(self.totals),
            "urls": list(self.urls),
            "title": str(self.title),
        }

    @property
    def data_id(self) -> str:
        return f"{self.id}-data"

    @property
    def decimals(self) -> int:
        values = [v for s in self.series for v in s.values if v is not None]
        return max((formats.decimals_of(formats.exact(v)) for v in values if not isinstance(v, float)), default=0)

    @property
    def table(self) -> list[tuple[str, list[Value]]]:
        """The rows of the table: a label and the value of each series."""
        return [(str(label), [s.values[at] for s in self.series]) for at, label in enumerate(self.labels)]


def _position(value: Value) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True, kw_only=True)
class MapCountry:
    """A country on the map. `key` links it with the table row `data-country=KEY` (a region's code colours all its
    countries); a `value` of None is unknown and dotted, an absent country is plain land."""

    country: str
    value: Value
    text: str
    url: str = ""
    key: str = ""
    name: str = ""

    @property
    def source(self) -> Mapping[str, Any]:
        return {
            "country": self.country,
            "value": _position(self.value),
            "text": self.text,
            "url": self.url,
            "key": self.key or self.country,
            "name": self.name or formats.country(self.country),
        }
