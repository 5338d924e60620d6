"""A deal's amount among its members and over its lines: nothing is lost, and nobody is far from her share."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollups.shares import WHOLE, Holder, overlay_parts, overlay_shares, prime_parts, prime_shares

_names = st.lists(st.from_regex(r"[a-e]{1,3}@x\.org", fullmatch=True), min_size=1, max_size=6, unique=True)
_amounts = st.one_of(st.integers(-3, 3), st.integers(-(10**14), 10**14))
_lines = st.dictionaries(st.integers(0, 9), _amounts, min_size=1, max_size=5)


@st.composite
def _prime(draw: st.DrawFn) -> list[Holder]:
    names = draw(_names)
    cuts = sorted(
        draw(st.lists(st.integers(1, WHOLE - 1), min_size=len(names) - 1, max_size=len(names) - 1, unique=True))
    )
    edges = [0, *cuts, WHOLE]
    return [Holder(name, edges[at + 1] - edges[at]) for at, name in enumerate(names)]


_overlay = _names.flatmap(
    lambda names: st.tuples(*(st.builds(Holder, st.just(name), st.integers(1, WHOLE)) for name in names)).map(list)
)


@pytest.mark.parametrize(
    ("total", "points", "shares"),
    [
        (1, [5000, 5000], [1, 0]),
        (-1, [5000, 5000], [-1, 0]),
        (100, [3333, 3333, 3334], [33, 33, 34]),
        (2, [3333, 3333, 3334], [1, 0, 1]),
        (5, [2500, 2500, 2500, 2500], [2, 1, 1, 1]),
        (0, [6000, 4000], [0, 0]),
    ],
)
def test_what_is_left_goes_to_the_largest_remainders_then_by_address(
    total: int, points: list[int], shares: list[int]
) -> None:
    holders = [Holder(f"{letter}@x.org", p) for letter, p in zip("abcd", points, strict=False)]
    assert [prime_shares(total, holders)[h.email] for h in holders] == shares


@pytest.mark.parametrize(("total", "points", "share"), [(1, 5000, 0), (3, 5000, 2), (-1, 5000, 0), (-3, 5000, -2)])
def test_an_overlay_share_is_rounded_alone_to_even(total: int, points: int, share: int) -> None:
    assert overlay_shares(total, [Holder("a@x.org", points)]) == {"a@x.org": share}


@given(_amounts, _prime(), st.randoms(use_true_random=False))
def test_prime_shares_are_the_deal_whatever_their_order_and_sign(
    total: int, holders: list[Holder], order: Random
) -> None:
    shares = prime_shares(total, holders)
    assert sum(shares.values()) == total
    assert all(abs(shares[h.email] - Fraction(total * h.points, WHOLE)) < 1 for h in holders)
    assert {name: -share for name, share in shares.items()} == prime_shares(-total, holders)
    shuffled = list(holders)
    order.shuffle(shuffled)
    assert prime_shares(total, shuffled) == shares


@given(_lines, _prime())
def test_prime_parts_add_up_to_the_shares_and_to_the_lines(lines: dict[int, int], holders: list[Holder]) -> None:
    parts, shares = prime_parts(lines, holders), prime_shares(sum(lines.values()), holders)
    assert {h.email: sum(parts[h.email, line] for line in lines) for h in holders} == shares
    assert {line: sum(parts[h.email, line] for h in holders) for line in lines} == lines
    assert all(
        abs(parts[h.email, line] - Fraction(lines[line] * h.points, WHOLE)) <= 2 for h in holders for line in lines
    )
    opposite = prime_parts({line: -amount for line, amount in lines.items()}, holders)
    assert opposite == {key: -part for key, part in parts.items()}


@given(_lines, _overlay)
def test_overlay_parts_add_up_to_the_share(lines: dict[int, int], holders: list[Holder]) -> None:
    parts, shares = overlay_parts(lines, holders), overlay_shares(sum(lines.values()), holders)
    assert {h.email: sum(parts[h.email, line] for line in lines) for h in holders} == shares
    assert all(
        abs(parts[h.email, line] - Fraction(lines[line] * h.points, WHOLE)) <= 1 for h in holders for line in lines
    )


@given(_lines)
def test_who_has_the_whole_has_every_line(lines: dict[int, int]) -> None:
    whole = [Holder("a@x.org", WHOLE)]
    wanted = {("a@x.org", line): amount for line, amount in lines.items()}
    assert prime_parts(lines, whole) == overlay_parts(lines, whole) == wanted
