"""The work list as its page shows it: tabs of kinds, a page of lines with their forms, and the addresses of everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import work
from accounts.work import Whose, WorkSource
from core.lists import address
from users.models import User
from workspace.work_forms import WHOSE, WorkFilter
from workspace.work_queries import Chosen, Line, WorkList, offered, worklist
from workspace.work_rank import KIND, LATENESS, LATEST, MONEY, WEIGHTS

PAGE: Final = 30
PARTS: Final[Mapping[str, Promise]] = {
    KIND: gettext_lazy("How much its kind presses"),
    LATENESS: gettext_lazy("How late it is"),
    MONEY: gettext_lazy("Its money beside the largest of the list"),
}
FAR_AHEAD: Final = dt.timedelta(days=14)


@dataclass(frozen=True)
class Shown:
    """A line with its form; `is_open`: what was sent could not be done, and the form says why."""

    line: Line
    form: forms.Form | None
    is_open: bool = False

    @property
    def parts(self) -> Iterator[tuple[Promise, int, Fraction | None]]:
        """Of each part of the rank: its name, its weight, and the points of 100 that it gives; None where it is not known."""
        score = self.line.rank
        for part in score.parts:
            points = score.points(part)
            yield PARTS[part.code], int(part.weight), None if points is None else points * 100

    @property
    def points(self) -> int:
        return round((self.line.rank.value or 0) * 100)


class WorkScreen:
    """A reader's list under the choices of an address. `sent` is a form that could not be carried out, by source and key."""

    def __init__(
        self, query: QueryDict, viewer: User, *, sent: Mapping[tuple[str, str], forms.Form] | None = None
    ) -> None:
        self.query, self.viewer = query, viewer
        self.chosen: Chosen = WorkFilter(query).chosen()
        self.list: WorkList = worklist(viewer=viewer, chosen=self.chosen)
        self._sent = sent or {}

    @cached_property
    def _first(self) -> int:
        """Where the page begins: after the place that the address names, whether that still waits or not."""
        points, _comma, rest = self.query.get("after", "").partition(":")
        source, _comma, key = rest.partition(":")
        if not points.isdecimal():
            return 0
        place = (-int(points), source, key)
        return next((at for at, line in enumerate(self.list.lines) if line.place > place), len(self.list.lines))

    @cached_property
    def lines(self) -> Sequence[Shown]:
        rows = self.list.lines[self._first : self._first + PAGE]
        return [self._shown(line) for line in rows]

    def _shown(self, line: Line) -> Shown:
        deed = line.source.deed
        if deed is None or not line.item.may_act:
            return Shown(line, None)
        sent = self._sent.get((line.source.code, line.item.key))
        initial = {"on": self.list.on, **line.item.facts}
        named = f"{line.source.code}-{line.item.key}-%s"
        return Shown(line, sent or deed.form(initial=initial, auto_id=named), is_open=sent is not None)

    @property
    def next_url(self) -> str:
        if self._first + PAGE >= len(self.list.lines) or not self.lines:
            return ""
        points, source, key = self.lines[-1].line.place
        return self.url(after=f"{-points}:{source}:{key}")

    @property
    def first_url(self) -> str:
        return self.url() if self._first else ""

    @property
    def tabs(self) -> list[tuple[str, str, bool, int]]:
        """Every kind of which something waits, and the one that is chosen."""
        kept = [(s, n) for s, n in self.list.counts if n or s.code == self.chosen.kind]
        found = [(str(s.label), self.url(kind=s.code), s.code == self.chosen.kind, n) for s, n in kept]
        return [(_("All"), self.url(kind=None), not self.chosen.kind, self.list.all), *found]

    @property
    def ways(self) -> list[tuple[Any, str, bool]]:
        """Whose work may be asked for; none when there is no choice."""
        found = offered(self.viewer)
        if len(found) < 2:
            return []
        order = [one for one in Whose if one in found]
        return [(WHOSE[one], self.url(whose=one.value), one is self.list.whose) for one in order]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen.kind or self.chosen.account or self.chosen.is_snoozed)

    @property
    def clear_url(self) -> str:
        return self.url(kind=None, account=None, show=None)

    @property
    def snoozed_url(self) -> str:
        return self.url(show=None if self.chosen.is_snoozed else "snoozed", kind=None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the choice of an account carries along."""
        return [(n, v) for n, vs in self.query.lists() for v in vs if n not in ("account", "after")]

    @property
    def here(self) -> str:
        """The query of this page, for forms that lead back to it."""
        return self.query.urlencode()

    @property
    def days(self) -> list[dt.date]:
        """To which days a thing is put off at a press: tomorrow, in three days, the next Monday, in two weeks."""
        on = self.list.on
        ahead = {on + dt.timedelta(days=n) for n in (1, 3, 7 - on.weekday())} | {on + FAR_AHEAD}
        return sorted(ahead)

    @property
    def kinds(self) -> Sequence[WorkSource]:
        return work.sources()

    @property
    def weights(self) -> list[tuple[Promise, int]]:
        return [(PARTS[code], int(weight)) for code, weight in WEIGHTS.items()]

    @property
    def latest(self) -> int:
        return LATEST

    def url(self, **changes: str | None) -> str:
        return address(reverse("work:list"), self.query, changes, without=("after",))
