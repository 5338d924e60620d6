"""How well the lines of command of a team mirror those of its customer. Pure: no ORM and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from accounts.structures import Forest


@dataclass(frozen=True)
class Mirror:
    """Of `links` between two units that are both covered on themselves, how many are `mirrored`."""

    links: int = 0
    mirrored: int = 0

    @property
    def ratio(self) -> Fraction | None:
        """None where no link has both its ends covered."""
        return Fraction(self.mirrored, self.links) if self.links else None


def mirror_of(management: Forest, covers: Mapping[int, Collection[int]], leads: Mapping[int, int]) -> Mirror:
    """`covers`: the members on each unit, in whatever role. `leads`: the manager of each member that has one.

    A link is mirrored when somebody on the upper unit is on the lower one too, or leads somebody there, directly or through
    others. Inherited coverage is nobody on the unit, and does not count.
    """
    links = [
        (covers[above], covers[unit])
        for unit, above in management.parents.items()
        if covers.get(above) and covers.get(unit)
    ]
    return Mirror(len(links), sum(_is_mirrored(above, below, leads) for above, below in links))


def _is_mirrored(above: Collection[int], below: Iterable[int], leads: Mapping[int, int]) -> bool:
    upper = set(above)
    return any(upper.intersection(_with_leaders(member, leads)) for member in below)


def _with_leaders(member: int, leads: Mapping[int, int]) -> Iterator[int]:
    """The member, the manager, the manager's manager…; each once, though two lead each other."""
    seen: set[int] = set()
    at: int | None = member
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = leads.get(at)
