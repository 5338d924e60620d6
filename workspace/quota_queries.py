"""What the pages of quotas read: a list of one scope, one quota with its months and what stands below it, tiles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from babel.dates import format_interval
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import formats
from core.snapshots import one_snapshot
from revenue.models import Quota, QuotaMeasure, QuotaScope
from revenue.quota_queries import Bearer, bearers, key_of
from revenue.quota_queries import quotas as known_quotas
from revenue.quotas import Period
from rollups.quota_figures import Attainment, attainments, period_of
from rollups.quota_parts import Assignment, assignments
from users.models import User

PAGE = 50
TILES = 2


@dataclass(frozen=True)
class Asked:
    """Which quotas a list shows. `on`: their period holds this day, or the as-of date unless `shows_all`."""

    scope: str = QuotaScope.REGION
    measure: str = ""
    on: dt.date | None = None
    book: str = "prime"
    search: str = ""
    shows_all: bool = False


def usual_scope(*, viewer: User) -> str:
    """The first scope of which `viewer` may know a quota; regions where there is none."""
    there = set(known_quotas(viewer=viewer).order_by().values_list("scope", flat=True).distinct())
    return next((scope for scope in QuotaScope.values if scope in there), QuotaScope.REGION.value)


@dataclass(frozen=True)
class QuotaRow:
    """A quota beside what came, and what was given below it (None: nothing stands below it)."""

    found: Attainment
    below: Assignment | None

    @property
    def quota(self) -> Quota:
        return self.found.quota


@dataclass(frozen=True)
class Listed:
    """A page of a list, and the keys where its neighbours begin (0: there is none). `count` is of all pages."""

    rows: list[QuotaRow]
    count: int
    on: dt.date
    previous: int = 0
    next: int = 0


def listed(*, viewer: User, asked: Asked, after: int = 0, before: int = 0, size: int | None = PAGE) -> Listed:
    """Regions in the order of the tree, all others by name; then by measure, the longest period first. `size` None: all."""
    with one_snapshot():
        ordered = _ordered(viewer, asked)
        day = scope_of(viewer).on
        first, last = _window([quota.pk for quota in ordered], after, before, size)
        rows = _rows(viewer, ordered[first:last], day, asked.book)
        return Listed(
            rows,
            len(ordered),
            day,
            previous=ordered[first].pk if first and rows else 0,
            next=ordered[last - 1].pk if last < len(ordered) else 0,
        )


def _ordered(viewer: User, asked: Asked) -> list[Quota]:
    day = None if asked.shows_all and asked.on is None else asked.on or scope_of(viewer).on
    rows = known_quotas(viewer=viewer, scope=asked.scope, measure=asked.measure, on=day)
    found = list(rows.select_related("currency"))
    named = bearers(of={(quota.scope, quota.scope_code) for quota in found})
    words = asked.search.casefold().split()[:10]

    def bearer(quota: Quota) -> Bearer:
        return named[quota.scope, quota.scope_code]

    def matches(quota: Quota) -> bool:
        text = f"{bearer(quota).name} {quota.scope_code}".casefold()
        return all(word in text for word in words)

    known = [quota for quota in found if (quota.scope, quota.scope_code) in named and matches(quota)]
    return sorted(known, key=lambda q: (bearer(q).order, q.scope_code, q.measure, -period_of(q).length, q.period_start))


def _window(keys: Sequence[int], after: int, before: int, size: int | None) -> tuple[int, int]:
    """From where to where the page goes; a key that is not there any more is the first page."""
    if size is None:
        return 0, len(keys)
    if before in keys:
        last = keys.index(before)
        return max(0, last - size), last
    first = keys.index(after) + 1 if after in keys else 0
    return first, min(first + size, len(keys))


def _rows(viewer: User, quotas: Sequence[Quota], on: dt.date, book: str) -> list[QuotaRow]:
    below = assignments(viewer=viewer, quotas=quotas, on=on)
    found = attainments(viewer=viewer, quotas=quotas, on=on, book=book)
    return [QuotaRow(one, below.get(key_of(one.quota))) for one in found]


@dataclass(frozen=True)
class QuotaPage:
    """One quota: what came in the prime book and, of deals, in the overlay book beside it; other quotas of the same bearer."""

    row: QuotaRow
    overlay: Attainment | None
    others: list[Quota]
    children: dict[str, Quota]

    @property
    def found(self) -> Attainment:
        return self.row.found

    @cached_property
    def title(self) -> str:
        words = {"name": self.found.bearer.name, "period": period_words(self.found.period)}
        return _("%(name)s, %(period)s") % words


def quota_page(*, viewer: User, pk: int) -> QuotaPage:
    """Http404 for a quota that `viewer` may not know."""
    with one_snapshot():
        quota = known_quotas(viewer=viewer).select_related("currency").filter(pk=pk).first()
        if quota is None:
            raise Http404(pk)
        rows = _rows(viewer, [quota], scope_of(viewer).on, "prime")
        if not rows:
            raise Http404(pk)
        has_overlay = quota.measure == QuotaMeasure.WON
        overlay = attainments(viewer=viewer, quotas=[quota], book="overlay")[0] if has_overlay else None
        same = known_quotas(viewer=viewer, scope=quota.scope, codes=[quota.scope_code]).exclude(pk=pk)
        below = rows[0].below
        codes = [part.bearer.code for part in below.parts] if below else []
        children = known_quotas(viewer=viewer, scope=quota.scope, measure=quota.measure, codes=codes).filter(
            period_start=quota.period_start, period_end=quota.period_end
        )
        others = list(same.order_by("-period_start", "period_end", "measure"))
        return QuotaPage(rows[0], overlay, others, {one.scope_code: one for one in children} if codes else {})


def tiles(*, viewer: User, scope: str, code: str, months: range | None = None) -> list[QuotaRow]:
    """Of a scope, the quotas to show beside its figures: of each measure that of exactly these months, else the longest whose
    period holds the as-of date. Empty where there is none that `viewer` may know."""
    if "\0" in code or scope not in QuotaScope.values:
        return []
    with one_snapshot():
        day = scope_of(viewer).on
        found = list(known_quotas(viewer=viewer, scope=scope, codes=[code]).select_related("currency"))
        chosen = [
            best
            for measure in QuotaMeasure
            if (best := _best([q for q in found if q.measure == measure], day, months)) is not None
        ]
        return _rows(viewer, chosen[:TILES], day, "prime")


def _best(quotas: Iterable[Quota], on: dt.date, months: range | None) -> Quota | None:
    periods = [(period_of(quota), quota) for quota in quotas]
    exact = [quota for period, quota in periods if period.is_whole and period.months == months]
    holding = [(-period.length, period.start, quota) for period, quota in periods if period.start <= on < period.end]
    if exact:
        return exact[0]
    return min(holding, key=lambda one: one[:2])[2] if holding else None


def period_words(period: Period) -> str:
    """A period of whole months by its months, any other by its first and last day."""
    last = period.end - dt.timedelta(days=1)
    if not period.is_whole:
        return f"{formats.day(period.start)} – {formats.day(last)}"
    if len(period.months) == 1:
        return formats.month(period.start)
    if len(period.months) == 12 and period.start.month == 1:
        return str(period.start.year)
    return str(format_interval(period.start, last, "yMMM", locale=formats.locale()))
