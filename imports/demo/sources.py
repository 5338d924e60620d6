"""The committed source files under `data/`, read into records."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).resolve().parent / "data"


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of one file under `data/`."""
    with (_DATA / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True, slots=True)
class Place:
    """A country in which somebody of ours or of a customer's sits. `weight` is its share of business, relative."""

    country: str
    time_zone: str
    city: str
    culture: str
    languages: str
    weight: float
    currency: str


@dataclass(frozen=True, slots=True)
class SourceUnit:
    """A legal entity of a real group, with all its parents (`GROUP` is the top)."""

    code: str
    name: str
    local_name: str
    country: str
    city: str
    opened: str
    is_active: bool
    parents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """A real group; its units come parents first, its top first of all."""

    code: str
    name: str
    country: str
    website: str
    units: tuple[SourceUnit, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A given or family name as written at its place, and in Latin letters for an e-mail address."""

    written: str
    latin: str


#: ISO 4217 exponents other than 2 among the currencies of the demo.
_EXPONENTS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "KWD": 3, "TND": 3}


def exponent(currency: str) -> int:
    """Decimals of the minor unit."""
    return _EXPONENTS.get(currency, 2)


@cache
def countries() -> dict[str, dict[str, str]]:
    """ISO code → name, currency and sub-region of every country."""
    return {row["code"]: row for row in rows_of("countries")}


@cache
def places() -> dict[str, Place]:
    """Country code → place."""
    return {
        row["country"]: Place(
            row["country"], row["time_zone"], row["city"], row["culture"], row["languages"], float(row["weight"]),
            countries()[row["country"]]["currency"],
        )
        for row in rows_of("places")
    }  # fmt: skip


@cache
def groups() -> dict[str, SourceGroup]:
    """Code → group, the largest first."""
    parents: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows_of("links"):
        parents[row["group"], row["child"]].append((row["parent"], row["share"]))
    units: dict[str, list[SourceUnit]] = defaultdict(list)
    for row in rows_of("units"):
        units[row["group"]].append(
            SourceUnit(
                row["code"], row["name"], row["local_name"], row["country"], row["city"], row["opened"],
                row["active"] == "1", tuple(parents[row["group"], row["code"]]),
            )
        )  # fmt: skip
    return {
        row["code"]: SourceGroup(row["code"], row["name"], row["country"], row["website"], tuple(units[row["code"]]))
        for row in rows_of("groups")
    }


@cache
def names() -> dict[str, tuple[tuple[Name, ...], tuple[Name, ...]]]:
    """Culture → given names and family names."""
    return {row["culture"]: (_names(row["given"]), _names(row["family"])) for row in rows_of("names")}


def _names(text: str) -> tuple[Name, ...]:
    pairs = (entry.partition("|") for entry in text.split(";"))
    return tuple(Name(written, latin or written) for written, _, latin in pairs)
