"""The region tree as data: any day, any month."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from core import months
from core.periods import BEGINNING
from regions.tree import Edge, RegionTree, Span

WORLD, EUROPE, ASIA = 1, 2, 3
MOVE = dt.date(2024, 4, 15)


def tree(*extra: Edge) -> RegionTree:
    return RegionTree(
        links=(Edge(EUROPE, WORLD, BEGINNING), Edge(ASIA, WORLD, BEGINNING)),
        countries=(Edge("FR", ASIA, BEGINNING, MOVE), Edge("FR", EUROPE, MOVE), *extra),
    )


def test_a_country_stands_where_it_stood_on_the_day() -> None:
    assert tree().on(MOVE - dt.timedelta(days=1)).path_of_country("FR") == [ASIA, WORLD]
    assert tree().on(MOVE).path_of_country("FR") == [EUROPE, WORLD]
    assert tree().on(MOVE).path_of_country("XX") == []


def test_a_move_within_a_month_counts_for_the_whole_month() -> None:
    march, april = months.parse("2024-03"), months.parse("2024-04")
    assert tree().spans_under([ASIA]) == [Span("FR", 0, march)]
    assert [(s.country, s.first) for s in tree().spans_under([EUROPE])] == [("FR", april)]
    assert [(s.country, s.first) for s in tree().spans_under([WORLD])] == [("FR", 0)]


def test_moves_at_both_ends_of_the_calendar() -> None:
    """A link planned for the last day that a date can name must not shut its region's lead out."""
    late, early = dt.date(9999, 12, 31), dt.date(1, 6, 1)
    edges = tree(Edge("DE", EUROPE, late), Edge("MC", EUROPE, early))
    assert edges.spans_under([WORLD]) == [
        Span("FR", 0, months.month_of(months.LAST_COUNTED)),
        Span("MC", months.parse("0001-06"), months.month_of(months.LAST_COUNTED)),
    ]
    assert edges.at_month_end(months.month_of(late)).path_of_country("DE") == [EUROPE, WORLD]


days = st.dates(dt.date(2023, 1, 1), dt.date(2025, 12, 31))


@given(days=st.lists(days, min_size=1, max_size=4, unique=True), regions=st.lists(st.sampled_from([2, 3]), min_size=5))
def test_spans_say_the_same_as_asking_month_by_month(days: list[dt.date], regions: list[int]) -> None:
    starts = [BEGINNING, *sorted(days)]
    ends = [*starts[1:], None]
    edges = [Edge("FR", r, a, b) for r, a, b in zip(regions, starts, ends, strict=False)]
    moving = RegionTree(links=(Edge(EUROPE, WORLD, BEGINNING),), countries=tuple(edges))
    spans = moving.spans_under([WORLD])
    for month in range(months.parse("2022-12"), months.parse("2026-02")):
        inside = WORLD in moving.at_month_end(month).path_of_country("FR")
        assert inside == any(s.first <= month <= s.last for s in spans)
