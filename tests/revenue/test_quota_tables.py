"""The tables of docs/algorithms/quotas.md, executed as they stand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from revenue.quotas import Attained, MonthDays, Period, apart, over_assignment, spread
from tests.rollups.worked_tables import Table, examples


def rows(figure: str) -> Table:
    """The rows of the one table that has the column `figure`."""
    tables = [table for found in examples("quotas.md", figure).values() for table in found if figure in table[0]]
    assert len(tables) == 1, figure
    return tables[0]


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _months(days: str, passed: str = "") -> list[MonthDays]:
    over = _listed(passed) or ["0"] * len(_listed(days))
    return [
        MonthDays(2025 * 12 + at, Fraction(day), Fraction(gone))
        for at, (day, gone) in enumerate(zip(_listed(days), over, strict=True))
    ]


def _period(text: str) -> Period:
    start, end = (dt.date.fromisoformat(f"{month}-01") for month in text.split("/"))
    return Period(start, end)


def _ratio(text: str) -> Fraction | None:
    return None if text == "none" else Fraction(text)


@pytest.mark.parametrize("row", rows("working days"), ids=lambda row: row["quota"])
def test_a_quota_is_spread_as_the_page_says(row: dict[str, str]) -> None:
    found = spread(int(row["quota"]), _months(row["working days"]))
    assert [month.target for month in found] == [int(one) for one in _listed(row["months"])]


@pytest.mark.parametrize("row", rows("pace"), ids=lambda row: f"{row['actual']} of {row['quota']}")
def test_attainment_is_what_the_page_says(row: dict[str, str]) -> None:
    months = spread(int(row["quota"]), _months(row["months"], row["passed"]))
    found = Attained(months, int(row["actual"]), int(row["to date"]), int(row["open"]))
    assert (found.due, found.left) == (int(row["due"]), int(row["left"]))
    assert (found.attainment, found.pace) == (_ratio(row["attainment"]), _ratio(row["pace"]))
    assert found.is_met == (row["coverage"] == "met")
    assert found.coverage == (None if found.is_met else Fraction(row["coverage"]))


@pytest.mark.parametrize("row", rows("counted"), ids=lambda row: row["within"])
def test_quotas_that_overlap_are_never_added_up(row: dict[str, str]) -> None:
    found = apart(map(_period, _listed(row["periods of a child"])), _period(row["within"]))
    assert found == [_period(one) for one in _listed(row["counted"])]


@pytest.mark.parametrize("row", rows("ratio"), ids=lambda row: row["below"])
def test_over_assignment_is_what_the_page_says(row: dict[str, str]) -> None:
    assert over_assignment(int(row["quota"]), map(int, _listed(row["below"]))) == _ratio(row["ratio"])
