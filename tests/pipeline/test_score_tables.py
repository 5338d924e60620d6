"""The tables of docs/algorithms/scores.md, executed as they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.scores import OPPORTUNITY, WEIGHTS, DealTraits, back_test, opportunity_parts
from pipeline.scoring import score_by
from tests.rollups.worked_tables import Table, examples


def rows(figure: str) -> Table:
    """The rows of the one table that has the column `figure`."""
    tables = [table for found in examples("scores.md", figure).values() for table in found if figure in table[0]]
    assert len(tables) == 1, figure
    return tables[0]


def _number(text: str) -> int | None:
    return int(text) if text else None


def _ratio(text: str) -> Fraction | None:
    return None if text == "none" else Fraction(text)


def test_the_page_names_every_part_and_its_weight() -> None:
    said = {(row["kind"], row["part"]): int(row["weight"]) for row in rows("value")}
    assert said == {(kind, part): weight for kind, parts in WEIGHTS.items() for part, weight in parts.items()}


@pytest.mark.parametrize("row", rows("known weight"), ids=lambda row: row["score"])
def test_a_deal_scores_as_the_page_says(row: dict[str, str]) -> None:
    columns = ("days", "usual", "postponed", "roles", "wanted", "step in", "amount", "usual amount")
    found = score_by(opportunity_parts(DealTraits(*(_number(row[name]) for name in columns))), WEIGHTS[OPPORTUNITY])
    assert (found.value, found.known_weight) == (_ratio(row["score"]), Fraction(row["known weight"]))


@pytest.mark.parametrize("row", rows("pairs"), ids=lambda row: row["won"])
def test_a_back_test_counts_as_the_page_says(row: dict[str, str]) -> None:
    won, lost = ([Fraction(one.strip()) for one in row[name].split(",")] for name in ("won", "lost"))
    found = back_test(won, lost)
    assert (found.pairs, found.higher, found.equal) == tuple(int(row[name]) for name in ("pairs", "higher", "equal"))
    assert found.share == _ratio(row["share"])
