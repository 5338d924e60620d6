"""The tables of `docs/algorithms/reorganisation.md`, executed as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gam.environment import ROOT
from imports.legal_forms import named
from imports.matching import CERTAIN, LIKELY_PAIR, Line, Unit, match
from imports.reorganisation import parents_of, settle
from tests.imports import registers

PAGE = (ROOT / "docs" / "algorithms" / "reorganisation.md").read_text(encoding="utf-8")
PAIRS = (
    Unit(1, "Acme Inc", "A", "US"),
    Unit(2, "Beta Werke GmbH", "B", "DE", registry_id="HRB 1"),
    Unit(3, "Gamma Ltd", "C", "GB"),
    Unit(4, "Gamma Ltd", "D", "IE"),
    Unit(5, "青葉化学株式会社", "E", "JP"),
    Unit(6, "ООО «Волга»", "F", "RU"),
    Unit(7, "Delta Fund II Ltd", "G", "GB"),
    Unit(8, "Lincoln Electric Products Ltd", "H", "GB"),
    Unit(9, "النيل للأسمنت ش.م.م", "I", "EG"),
    Unit(10, "Αιγαίο Α.Ε.", "J", "GR"),
)
CODES = {unit.key: unit.code for unit in PAIRS}
TREE = tuple(
    Unit(key, f"{code} GmbH", code, "DE", registry_id=code, parent=parent)
    for key, code, parent in ((1, "TOP", None), (2, "NORD", 1), (3, "SUED", 1), (4, "WERK", 2))
)


def table(name: str) -> Iterator[list[str]]:
    """The rows of the table that stands below the mark `name`."""
    rows = PAGE.partition(f"<!-- {name} -->")[2].strip().partition("\n\n")[0].splitlines()[2:]
    assert rows
    return ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)


@pytest.mark.parametrize("row", list(table("pairs")), ids=lambda row: f"{row[0]} {row[1]}")
def test_pairs(row: list[str]) -> None:
    name, country, registry_id, certainty, unit, offered = row
    found = match([Line(2, name, "", country, "", registry_id)], PAIRS)[2]
    is_new = found.unit is None and not found.candidates
    candidates = [] if found.unit else sorted(CODES[one.unit] for one in found.candidates)
    said = ["new" if is_new else found.certainty, CODES.get(found.unit or 0, ""), " ".join(candidates)]
    assert said == [certainty, unit, offered]


def list_of(text: str) -> tuple[list[Line], dict[int, str]]:
    lines, parents = [], {}
    for number, entry in enumerate(text.split(", "), start=2):
        own, _under, parent = entry.partition(" < ")
        name, _is, registry_id = own.partition(" = ")
        lines.append(Line(number, f"{name} GmbH", "", "DE", "", registry_id or name))
        parents[number] = f"{parent} GmbH" if parent else ""
    return lines, parents


@pytest.mark.parametrize("row", list(table("kinds")), ids=lambda row: row[0])
def test_kinds(row: list[str]) -> None:
    lines, texts = list_of(row[0])
    parents, unknown = parents_of(lines, TREE, texts, top={})
    found = settle(lines, TREE, match(lines, TREE), choices={}, parents=parents, closes={2, 3, 4})
    codes = {line.number: line.registry_id for line in lines} | {-unit.key: unit.code for unit in TREE}
    said = [f"{codes[one.line or -(one.unit or 0)]} {one.kind}" for one in found if one.kind != "unchanged"]
    assert (sorted(said), unknown) == (sorted(filter(None, row[1].split(", "))), [])


def figures(keeps_ids: float) -> list[str]:
    """The row of the page for a share of lines that keep their registry id."""
    counts = dict.fromkeys(("lines", "known", CERTAIN, LIKELY_PAIR, "certain right", "likely right"), 0)
    for units in registers.groups():
        for seed in range(3):
            version = registers.newer(units, seed, keeps_ids=keeps_ids)
            for number, found in match(version.lines, version.units).items():
                truth = version.truth[number]
                counts["lines"] += 1
                counts["known"] += truth is not None
                if found.unit is not None:
                    counts[found.certainty] += 1
                    counts[f"{found.certainty} right"] += found.unit == truth
    right = counts["certain right"] + counts["likely right"]
    pairs = [f"{counts[f'{word} right']} of {counts[word]}" for word in (CERTAIN, LIKELY_PAIR)]
    return [
        f"{keeps_ids:.0%}".replace("%", " %"),
        str(counts["lines"]),
        *pairs,
        f"{right / counts['known']:.1%}".replace("%", " %"),
    ]


@pytest.mark.parametrize("row", list(table("figures")), ids=lambda row: row[0])
def test_figures(row: list[str]) -> None:
    assert figures(float(re.sub(r"\D", "", row[0])) / 100) == row


def test_the_page_speaks_of_forms_that_are_known() -> None:
    assert all(named(f"Acme {form}").form == form for form in ("Inc", "GmbH", "ООО", "ΑΕ", "ش.م.م"))
