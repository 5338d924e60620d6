"""Whatever happens to lines, the parts of a flow add up, every line is in one movement, and the picture holds what the sums hold."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rollups.forecast_flow import FX, MOVEMENTS, Position, Step, flow, links, step

AMOUNTS = st.integers(-(10**12), 10**12)
FIRST, LAST = 100, 102


@st.composite
def positions(draw: st.DrawFn) -> Position:
    return Position(
        outcome=draw(st.sampled_from(("open", "open", "open", "won", "lost"))),
        category=draw(st.sampled_from(("commit", "best_case", "pipeline", "omitted"))),
        month=draw(st.integers(FIRST - 2, LAST + 2)),
        native=Decimal(draw(st.integers(-100, 100))),
        currency=draw(st.sampled_from(("EUR", "USD"))),
        minor=draw(AMOUNTS),
        is_here=draw(st.booleans()),
        shares=draw(st.sampled_from((None, "ann", "bob"))),
    )


@st.composite
def steps(draw: st.DrawFn) -> Step | None:
    before, after = draw(st.none() | positions()), draw(st.none() | positions())
    return step(
        before,
        after,
        draw(AMOUNTS) if after else 0,
        first=FIRST,
        last=LAST,
        deal_was=before is not None or draw(st.booleans()),
        deal_is=after is not None or draw(st.booleans()),
    )


@given(st.lists(steps()))
def test_opening_and_all_movements_and_rates_are_closing(found: list[Step | None]) -> None:
    lines = [one for one in found if one is not None]
    sums = flow(lines)
    assert sums.adds_up
    assert sums.opening == sum(sums.opened.values())
    assert sums.closing == sum(sums.closed.values())
    assert set(sums.movements) == set(MOVEMENTS)


@given(steps())
def test_a_line_that_changed_is_in_exactly_one_movement(one: Step | None) -> None:
    if one is not None:
        assert (one.movement in MOVEMENTS) or (one.movement == "" and one.change == 0)


@given(steps())
def test_what_flows_in_flows_out(one: Step | None) -> None:
    if one is None or min(one.opening, one.steady, one.closing) < 0:
        return
    found = list(links(one))
    assert all(amount > 0 for _source, _sink, amount in found)
    assert sum(a for source, _, a in found if source.startswith("open:")) == one.opening
    assert sum(a for _, sink, a in found if sink.startswith("close:")) == one.closing
    assert sum(a for source, _, a in found if source == FX) - sum(a for _, sink, a in found if sink == FX) == one.fx
