"""Members' shares of a deal: arithmetic on whole minor units alone. Pure: no ORM, no clock.

The same arithmetic stands as SQL in `share_formulas`; a test compares the two on random deals.

A deal's amount is first shared among its members, then each share is laid over the deal's lines, so that a member's part of
every line is a whole number of minor units, a member's parts add up to her share, and the parts of a line to the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from money.conversion import half_even

WHOLE = 10_000  # basis points


@dataclass(frozen=True)
class Holder:
    """A member's share of a deal in one book: `points` are basis points above 0. The e-mail address settles ties."""

    email: str
    points: int


def prime_shares(total: int, holders: Sequence[Holder]) -> dict[str, int]:
    """`total` minor units by e-mail address: largest remainder on the size of the amount, ties by address ascending, the
    sign put back. The points of `holders` are 10 000 together; the shares are `total` together."""
    size, sign = abs(total), -1 if total < 0 else 1
    ranked = sorted(holders, key=lambda h: (-(size * h.points % WHOLE), h.email))
    left = size - sum(size * h.points // WHOLE for h in holders)
    return {h.email: sign * (size * h.points // WHOLE + (rank < left)) for rank, h in enumerate(ranked)}


def overlay_shares(total: int, holders: Sequence[Holder]) -> dict[str, int]:
    """`total` minor units × points of each, rounded alone, ties to even."""
    return {h.email: _rounded(total, h.points) for h in holders}


def prime_parts(lines: Mapping[int, int], holders: Sequence[Holder]) -> dict[tuple[str, int], int]:
    """The lines' minor units by address and line number. Members, by address, and lines, by number, are two scales of
    running sums; the corner at (member, line) is the rounded product of both, in the last line the running sum of the
    shares. A part is what lies between four corners, so it is never more than 2 units from points × line."""
    shares = prime_shares(sum(lines.values()), holders)
    found: dict[tuple[str, int], int] = {}
    points = share = 0
    for holder in sorted(holders, key=lambda h: h.email):
        below = _corners(lines, points, share)
        points, share = points + holder.points, share + shares[holder.email]
        above = _corners(lines, points, share)
        found |= {(holder.email, line): above[line] - below[line] for line in lines}
    return found


def overlay_parts(lines: Mapping[int, int], holders: Sequence[Holder]) -> dict[tuple[str, int], int]:
    """As `prime_parts`, each member alone: she and the rest of the deal are not one book."""
    shares = overlay_shares(sum(lines.values()), holders)
    return {(h.email, line): part for h in holders for line, part in _corners(lines, h.points, shares[h.email]).items()}


def _corners(lines: Mapping[int, int], points: int, share: int) -> dict[int, int]:
    """What each line adds to the running sum of the lines × `points`, the last one up to `share`."""
    found: dict[int, int] = {}
    reached = upto = 0
    for line in sorted(lines):
        upto += lines[line]
        corner = share if line == max(lines) else _rounded(upto, points)
        found[line], reached = corner - reached, corner
    return found


def _rounded(amount: int, points: int) -> int:
    return half_even(Fraction(amount * points, WHOLE))
