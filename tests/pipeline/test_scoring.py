"""A score is the sum of its visible parts; what is not known takes no side."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scoring import Part, ramp, score_by, score_of

WEIGHTS = st.integers(0, 100)
VALUES = st.fractions(0, 1, max_denominator=50)
PARTS = st.lists(st.builds(Part, st.sampled_from("abcdef"), st.none() | VALUES, WEIGHTS), max_size=6)


def test_known_parts_count_by_their_weight() -> None:
    found = score_of([Part("fit", Decimal("0.5"), 2), Part("source", Fraction(1), 1), Part("recency", None, 1)])
    assert (found.value, found.known_weight) == (Fraction(2, 3), Fraction(3, 4))
    assert [found.points(part) for part in found.parts] == [Fraction(1, 3), Fraction(1, 3), None]


def test_an_unknown_part_is_neither_none_nor_all() -> None:
    with_unknown = score_by({"fit": Fraction(1, 2)}, {"fit": 1, "source": 1})
    assert with_unknown.value == score_by({"fit": Fraction(1, 2)}, {"fit": 1}).value
    assert with_unknown.known_weight == Fraction(1, 2)


@pytest.mark.parametrize("parts", [[], [Part("fit", None, 5)], [Part("fit", 1, 0)]])
def test_nothing_known_has_no_score(parts: list[Part]) -> None:
    assert (score_of(parts).value, score_of(parts).known_weight) == (None, Fraction(0))


@given(PARTS)
def test_the_points_of_the_parts_add_up_to_the_score(parts: list[Part]) -> None:
    found = score_of(parts)
    points = [found.points(part) for part in found.parts]
    if found.value is None:
        assert set(points) <= {None}
    else:
        assert sum(one for one in points if one is not None) == found.value
        assert 0 <= found.value <= 1
        assert 0 < found.known_weight <= 1


@given(PARTS, st.integers(1, 1000))
def test_only_the_proportion_of_weights_counts(parts: list[Part], times: int) -> None:
    more = [Part(part.code, part.value, part.weight * times) for part in parts]
    assert (score_of(more).value, score_of(more).known_weight) == (score_of(parts).value, score_of(parts).known_weight)


@pytest.mark.parametrize(
    ("value", "worst", "best", "reached"),
    [(5, 0, 10, Fraction(1, 2)), (90, 60, 0, 0), (15, 60, 0, Fraction(3, 4)), (-3, 60, 0, 1), (None, 0, 1, None)],
)
def test_a_ramp_ends_at_its_ends(value: int | None, worst: int, best: int, reached: Fraction | None) -> None:
    assert ramp(value, worst=worst, best=best) == reached


def test_values_and_weights_out_of_bounds_are_refused() -> None:
    for wrong in ({"value": Decimal("1.01"), "weight": 1}, {"value": None, "weight": -1}):
        with pytest.raises(ValueError, match="fit"):
            Part("fit", **wrong)
    with pytest.raises(ValueError, match="same"):
        ramp(1, worst=2, best=2)
