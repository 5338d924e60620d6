"""Two teams become one: which stints move as they are, which in part, and which the target's team has already.

The target's team stands as it is. A stint is a member's role from a day on (`since`) to a day (`until`, exclusive; None: open).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

Period = tuple[dt.date, dt.date | None]


@dataclass(frozen=True)
class Stint:
    id: int
    member_id: int
    role_id: str
    since: dt.date
    until: dt.date | None

    @property
    def period(self) -> Period:
        return self.since, self.until


@dataclass
class Joined:
    """What becomes of the stints of the team that goes. `changed` are pairs of what was and what becomes."""

    moved: list[Stint] = field(default_factory=list)
    changed: list[tuple[Stint, Stint]] = field(default_factory=list)
    added: list[Stint] = field(default_factory=list)
    left_out: list[Stint] = field(default_factory=list)

    @property
    def standing(self) -> list[Stint]:
        """Every stint that the target's team gets."""
        return [*self.moved, *(new for _old, new in self.changed), *self.added]


def without(period: Period, taken: Iterable[Period]) -> list[Period]:
    """What is left of a period when others are taken out of it, in order."""
    left = [period]
    for since, until in taken:
        pieces: list[Period] = []
        for start, end in left:
            before_ends = since if end is None else min(end, since)
            if start < before_ends:
                pieces.append((start, before_ends))
            if until is not None and (end is None or until < end):
                pieces.append((max(start, until), end))
        left = sorted(set(pieces), key=lambda piece: piece[0])
    return left


def join(gone: Sequence[Stint], into: Sequence[Stint], *, leading: str, leader_becomes: str = "") -> Joined:
    """The stints of `gone` in the team `into`, which keeps its own.

    Only one member holds the role `leading` on a day: the target's. Where both teams have one, that of `gone` takes the role
    `leader_becomes` for these days, or none when it is empty.
    """
    taken: dict[tuple[int, str], list[Period]] = defaultdict(list)
    for stint in into:
        taken[stint.member_id, stint.role_id].append(stint.period)
    led = [stint.period for stint in into if stint.role_id == leading]
    joined = Joined()
    # Those who lead come last: what they become instead must not push out what somebody is already.
    for stint in sorted(gone, key=lambda one: (one.role_id == leading, one.since, one.id)):
        _settle(stint, _pieces(stint, taken, led, leading, leader_becomes), joined)
        for piece in joined.standing:
            if piece.period not in taken[piece.member_id, piece.role_id]:
                taken[piece.member_id, piece.role_id].append(piece.period)
    return joined


def _pieces(
    stint: Stint, taken: dict[tuple[int, str], list[Period]], led: list[Period], leading: str, leader_becomes: str
) -> list[Stint]:
    is_leader = stint.role_id == leading
    own = taken[stint.member_id, stint.role_id]
    kept = [(stint.role_id, piece) for piece in without(stint.period, [*own, *(led if is_leader else [])])]
    if is_leader and leader_becomes:
        same_person = [piece for _role, piece in kept]
        elsewhere = without(stint.period, [*same_person, *own, *taken[stint.member_id, leader_becomes]])
        kept += [(leader_becomes, piece) for piece in elsewhere]
    return [replace(stint, role_id=role, since=since, until=until) for role, (since, until) in kept]


def _settle(stint: Stint, pieces: list[Stint], joined: Joined) -> None:
    if not pieces:
        joined.left_out.append(stint)
    elif pieces == [stint]:
        joined.moved.append(stint)
    else:
        joined.changed.append((stint, pieces[0]))
        joined.added += [replace(piece, id=0) for piece in pieces[1:]]
