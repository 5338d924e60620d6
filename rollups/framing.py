"""From tallies to the frozen figure: lens, instants, runs and names around the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from core import clock
from money.queries import exponents
from rollups.figures import Child, Figure, Measures, ScopeOf
from rollups.lens import Lens
from rollups.reading import last_published
from rollups.sight import Sight, sight_of
from rollups.source import Source, source_of
from rollups.stamps import last_work
from rollups.tally import Node, Shape, Tally
from users.models import User


@dataclass(frozen=True)
class Frame:
    """What all figures of one answer share. Made inside the snapshot in which the cells are read."""

    sight: Sight
    source: Source
    shape: Shape
    computed_at: dt.datetime | None
    published: dt.date | None
    is_fresh: bool

    @property
    def lens(self) -> Lens:
        return self.source.lens

    def child(self, kind: str, code: str, name: str, tally: Tally) -> Child:
        return Child(kind, code, name, self.shape.measures(tally), self.shape.unpriced(tally))

    def figure(
        self,
        scope: ScopeOf,
        node: Node,
        children: Iterable[Child],
        *,
        restricted: bool,
        own: Measures | None = None,
    ) -> Figure:
        total, newest = node.total, node.total.newest_priced
        return Figure(
            scope=scope,
            lens=self.lens,
            as_of=self.lens.as_of,
            computed_at=self.computed_at,
            run=max(total.run, self.source.standing.run or 0) or None,
            fresh=self.is_fresh,
            oldest_rate=None if self.lens.is_native else total.oldest_rate,
            provisional=bool(newest and self.published and newest > self.published),
            restricted=restricted,
            measures=self.shape.measures(total),
            unpriced=self.shape.unpriced(total),
            own=own,
            months=self.shape.months(node),
            children=tuple(children),
        )


def frame_for(viewer: User, lens: Lens, *, has_revenue: bool = True) -> Frame:
    """`has_revenue`: whether what the frame is for may have revenue, as members may not."""
    source = source_of(lens)
    last = last_work()
    computed_at = clock.now() if source.live else last[1] if last else None
    return Frame(
        sight_of(viewer),
        source,
        Shape(lens, exponents(), has_revenue),
        computed_at,
        last_published(),
        is_fresh=source.standing.is_fresh,
    )
