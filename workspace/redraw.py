"""The dry run of a draft of the geography: figures, quotas, sight and coverage, before and after.

Nothing is written. The figures after are those of the same cells under the tree as it would be, so that they are what the
pages show once the draft is carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.access import scope_of
from core import months
from regions.draft_queries import DraftView, open_draft
from regions.models import UNALLOCATED
from regions.plan import Estate
from revenue.models import Quota
from rollups import queries as rollups
from rollups.figures import Measures
from rollups.lens import Lens, parse_lens
from rollups.redrawn import Drawn, Part, TreeFigures
from users.models import User
from workspace import gaps, redraw_people
from workspace.dashboard import Amount
from workspace.gaps import CountryCount
from workspace.lenses import PageLens
from workspace.redraw_people import Person

MONEY = ("revenue", "pipeline_open", "pipeline_weighted", "won")


@dataclass(frozen=True)
class Shift:
    """An amount before and after."""

    before: Amount | None
    after: Amount | None

    @property
    def difference(self) -> Amount | None:
        if isinstance(self.before, dict) or isinstance(self.after, dict):
            was = self.before if isinstance(self.before, dict) else {}
            becomes = self.after if isinstance(self.after, dict) else {}
            found = {code: becomes.get(code, Decimal(0)) - was.get(code, Decimal(0)) for code in {*was, *becomes}}
            return {code: amount for code, amount in sorted(found.items()) if amount}
        if self.before is None and self.after is None:
            return None
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


@dataclass(frozen=True)
class RegionShift:
    """A region (or `unallocated`) with its amounts by measure. `unpriced` counts facts without a price after."""

    code: str
    name: str
    depth: int
    amounts: Mapping[str, Shift]
    unpriced: int


@dataclass(frozen=True)
class FigureShifts:
    """Every region that changes, the roots and `unallocated`; and everything, which does not change."""

    rows: list[RegionShift]
    before: TreeFigures
    after: TreeFigures

    @property
    def whole(self) -> Measures:
        return self.after.whole.measures

    @cached_property
    def agrees(self) -> bool:
        """Whether roots and `unallocated` hold the same before and after, in every measure: all there is in sight."""
        sums = [_sum(part.measures for part in side.roots.values()) for side in (self.before, self.after)]
        return all(found == _sum([side.whole.measures]) for found in sums for side in (self.before, self.after))


@dataclass(frozen=True)
class QuotaShift:
    """A region's quota, which does not move by itself, and how much of it is attained. `why` says why that is not stated."""

    name: str
    quota: Quota
    actual: Shift
    why: str = ""

    def share(self, actual: Amount | None) -> Decimal | None:
        if not isinstance(actual, Decimal) or not self.quota.amount:
            return None
        return actual / self.quota.amount


@dataclass(frozen=True)
class CoverageShift:
    """What of coverage comes to a region (below zero: leaves it) with the countries that move."""

    name: str
    count: CountryCount


@dataclass(frozen=True)
class DryRun:
    """A draft and what it would do. `figures` and `quotas` are None for who sees no figure at all."""

    view: DraftView
    figures: FigureShifts | None
    quotas: list[QuotaShift]
    people: list[Person]
    coverage: list[CoverageShift]


def dry_run(*, viewer: User, lens: PageLens, is_then: bool, today: dt.date) -> DryRun | None:
    """The dry run of the draft that `viewer` works on; None when she has none or it is empty. The statements are as many
    whatever the tree and the draft."""
    view = open_draft(viewer=viewer)
    if view is None or not view.rows:
        return None
    found = parse_lens(lens.api_params)
    moved = _moved(view)
    scope = scope_of(viewer)
    sees_figures = scope.is_everything or bool(scope.whole_account_ids or scope.spans)
    quotas = _quotas(viewer, moved, found)
    figures = _figures(viewer, view, found, is_then, moved, {q.scope_code for q in quotas}) if sees_figures else None
    return DryRun(
        view=view,
        figures=figures,
        quotas=[_quota(quota, figures, found, view.after) for quota in quotas],
        people=redraw_people.people(view, max(view.on, today)),
        coverage=_coverage(viewer, view, moved, max(view.on, today)),
    )


def _moved(view: DraftView) -> dict[str, tuple[set[str], set[str]]]:
    """The regions whose countries differ, or that only one side has, with the countries that come and that go."""
    found = {}
    for pk, (code, _name) in view.after.names.items():
        held = view.before.tree.on(view.on).countries_under([pk])
        holds = view.after.tree.on(view.on).countries_under([pk])
        if held != holds or pk not in view.before.names:
            found[code] = (holds - held, held - holds)
    return found


def _figures(
    viewer: User, view: DraftView, lens: Lens, is_then: bool, moved: Mapping[str, object], monthly: set[str]
) -> FigureShifts:
    day = None if is_then else view.on
    sides = [Drawn(side.tree, dict(side.names), day) for side in (view.before, view.after)]
    before, after = rollups.figures_under(viewer=viewer, lens=lens, drawn=sides, monthly=monthly)
    return FigureShifts(_rows(view, before, after, moved), before, after)


def _rows(view: DraftView, before: TreeFigures, after: TreeFigures, moved: Mapping[str, object]) -> list[RegionShift]:
    """Top down as the tree would stand; a region is told when its countries or its figures change, or as a root."""
    rows = []
    for code, name, depth in _top_down(view.after, view.on):
        was, becomes = before.regions.get(code), after.regions[code]
        is_root = code in before.roots or code in after.roots
        if is_root or code in moved or was is None or was.measures != becomes.measures:
            rows.append(_row(code, name, depth, was, becomes))
    nowhere = [side.roots.get(UNALLOCATED) for side in (before, after)]
    return [*rows, _row(UNALLOCATED, _("Unallocated"), 0, *nowhere)]


def _row(code: str, name: str, depth: int, was: Part | None, becomes: Part | None) -> RegionShift:
    shifts = {
        key: Shift(getattr(was.measures, key) if was else None, getattr(becomes.measures, key) if becomes else None)
        for key in MONEY
    }
    # The weighted pipeline repeats the open one.
    told = [key for key in MONEY if key != "pipeline_weighted"]
    unpriced = sum(found.facts for key, found in becomes.unpriced.items() if key in told) if becomes else 0
    return RegionShift(code, name, depth, shifts, unpriced)


def _top_down(estate: Estate, on: dt.date) -> Iterable[tuple[str, str, int]]:
    snapshot = estate.tree.on(on)
    order = sorted(estate.names, key=lambda pk: (estate.names[pk][1], pk), reverse=True)
    waiting = [(pk, 0) for pk in order if pk not in snapshot.parents]
    while waiting:
        pk, depth = waiting.pop()
        yield (*estate.names[pk], depth)
        below = set(snapshot.children.get(pk, ()))
        waiting.extend((child, depth + 1) for child in order if child in below)


def _sum(measures: Iterable[Measures]) -> dict[tuple[str, str], Decimal]:
    """Every money measure by currency ("" under one currency), without zeros."""
    found: dict[tuple[str, str], Decimal] = {}
    for one in measures:
        for key in MONEY:
            amount = getattr(one, key)
            for code, value in (amount if isinstance(amount, dict) else {"": amount or Decimal(0)}).items():
                found[key, code] = found.get((key, code), Decimal(0)) + value
    return {key: value for key, value in found.items() if value}


def _quotas(viewer: User, moved: Mapping[str, object], lens: Lens) -> list[Quota]:
    """Quotas of regions that change, whose period shares a month with those shown."""
    rows = Quota.objects.permitted_to(viewer).filter(
        scope="region", scope_code__in=moved,
        period_start__lte=months.last_day(lens.last), period_end__gt=months.first_day(lens.first),
    )  # fmt: skip
    return list(rows.order_by("scope_code", "measure", "period_start"))


def _quota(quota: Quota, figures: FigureShifts | None, lens: Lens, after: Estate) -> QuotaShift:
    name, nothing = after.name_of(quota.scope_code), Shift(None, None)
    if figures is None:
        return QuotaShift(name, quota, nothing)
    if quota.currency_id != lens.currency:
        why = _("Choose %(currency)s above to see how much is attained.") % {"currency": quota.currency_id}
        return QuotaShift(name, quota, nothing, why)
    last = quota.period_end - dt.timedelta(days=1)
    first_month, last_month = months.month_of(quota.period_start), months.month_of(last)
    whole = quota.period_start == months.first_day(first_month) and last == months.last_day(last_month)
    if not whole or first_month < lens.first or last_month > lens.last:
        return QuotaShift(name, quota, nothing, _("Its period reaches beyond the months shown."))
    key = {"revenue": "revenue", "won": "won"}[quota.measure]

    def actual(side: TreeFigures) -> Decimal:
        part = side.regions.get(quota.scope_code)
        by_month = part.months if part else {}
        return sum(
            (getattr(by_month[m], key) or Decimal(0) for m in range(first_month, last_month + 1) if m in by_month),
            Decimal(0),
        )

    return QuotaShift(name, quota, Shift(actual(figures.before), actual(figures.after)))


def _coverage(
    viewer: User, view: DraftView, moved: Mapping[str, tuple[set[str], set[str]]], on: dt.date
) -> list[CoverageShift]:
    every = {country for sides in moved.values() for side in sides for country in side}
    counts = gaps.by_country(viewer=viewer, countries=every, on=on)

    def of(countries: set[str]) -> CountryCount:
        return sum((counts.get(country, CountryCount()) for country in countries), CountryCount())

    found = []
    for code, name, _depth in _top_down(view.after, view.on):
        comes, goes = moved.get(code, (set(), set()))
        if comes or goes:
            found.append(CoverageShift(name, of(comes) - of(goes)))
    return found
