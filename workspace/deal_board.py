"""The board of opportunities: a column for each stage, with what all its deals come to, and one page of cards.

The head of a column is of every deal that matches, shown or not. Won and lost deals are those of the month of the business date,
by their own business date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import BuyingRole
from core import cursors, last_change, months
from money.queries import exponents, reporting_currencies
from pipeline.journey_queries import Median, days_in_stage, missing_roles, stage_medians
from pipeline.models import ForecastCategory, Opportunity, Outcome, Stage
from rollups.deal_sums import DealSum, sums_by_stage, sums_of_deals
from rollups.sight import sight_of
from users.models import User
from users.permissions import Permission

PAGE = 20
"""Cards of a column at a time."""


@dataclass(frozen=True)
class Card:
    """A deal as the board shows it. `days` in its stage is None when nothing tells it; `version` is what a move is checked by."""

    deal: Any
    sum: DealSum
    days: int | None
    is_slow: bool
    missing: list[Any]
    is_overdue: bool
    is_omitted: bool
    may_move: bool
    version: int


@dataclass(frozen=True)
class BoardColumn:
    """A stage with all that matches in it (`sum`, `total` deals) and some of its cards; `more` is the cursor of those that follow."""

    stage: Stage
    sum: DealSum
    median: Median | None
    cards: list[Card] = field(default_factory=list)
    more: str = ""

    @property
    def total(self) -> int:
        """Every deal, also what is left out of the forecast."""
        return self.sum.deals + self.sum.omitted


@dataclass(frozen=True)
class Board:
    columns: list[BoardColumn]
    currency: str
    exponent: int
    month: dt.date

    @property
    def is_empty(self) -> bool:
        return not any(column.total for column in self.columns)


def deal_board(*, viewer: User, deals: QuerySet[Any], on: dt.date) -> Board:
    """Of `deals` that the viewer sees, narrowed by the list's own filters (`pipeline.queries.opportunities`)."""
    shown = of_board(deals, on)
    sums = sums_by_stage(shown, sight=sight_of(viewer), on=on)
    medians = stage_medians(viewer=viewer)
    stages = Stage.objects.order_by("position", "code")
    standing = [stage for stage in stages if stage.is_active or stage.pk in sums]
    windows = {stage.pk: _window(shown, stage) for stage in standing if stage.pk in sums}
    rows = [deal for window in windows.values() for deal in window.rows]
    cards = _cards(rows, viewer=viewer, on=on, medians=medians)
    columns = []
    for stage in standing:
        window = windows.get(stage.pk)
        here = [cards[deal.pk] for deal in window.rows] if window else []
        found = sums.get(stage.pk, DealSum())
        columns.append(BoardColumn(stage, found, medians.get(stage.pk), here, window.next if window else ""))
    return _board(columns, on)


def column_page(*, viewer: User, deals: QuerySet[Any], on: dt.date, stage: str, after: str) -> Board:
    """The cards of one stage that follow a cursor. Stage.DoesNotExist when there is no such stage."""
    found = Stage.objects.get(pk=stage)
    window = _window(of_board(deals, on), found, after=after)
    cards = _cards(window.rows, viewer=viewer, on=on, medians=stage_medians(viewer=viewer))
    column = BoardColumn(found, DealSum(), None, [cards[deal.pk] for deal in window.rows], window.next)
    return _board([column], on)


def of_board(deals: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    """What stands on the board: every open deal, and what was won or lost in the month of the business date."""
    return deals.filter(Q(stage__outcome=Outcome.OPEN) | Q(month=months.month_of(on)))


def _board(columns: list[BoardColumn], on: dt.date) -> Board:
    currency = reporting_currencies()[0]
    return Board(columns, currency, exponents()[currency], on.replace(day=1))


def _window(deals: QuerySet[Any], stage: Stage, *, after: str = "") -> cursors.Window:
    """Open deals by the day on which they should close, those that are closed with the latest first."""
    order = cursors.Order(F("close_date"), descending=stage.outcome != Outcome.OPEN, nullable=False)
    return cursors.window(deals.filter(stage=stage), order, size=PAGE, after=after)


def _cards(rows: list[Any], *, viewer: User, on: dt.date, medians: Mapping[str, Median]) -> dict[int, Card]:
    """All cards of a page in a few statements, however many they are."""
    ids = [deal.pk for deal in rows]
    sums = sums_of_deals(ids, sight=sight_of(viewer), on=on)
    days = days_in_stage(deal_ids=ids, on=on)
    missing = missing_roles(deals=rows)
    versions = last_change.versions_of(Opportunity, ids)
    movable = set()
    if viewer.may(Permission.EDIT_FACTS):
        movable = set(Opportunity.objects.editable_by(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    found = {}
    for deal in rows:
        stage, spent = deal.stage, days.get(deal.pk)
        is_open = stage.outcome == Outcome.OPEN
        median = medians.get(stage.pk)
        found[deal.pk] = Card(
            deal=deal,
            sum=sums.get(deal.pk, DealSum()),
            days=spent if is_open else None,
            is_slow=is_open and spent is not None and median is not None and spent > median.days,
            missing=[BuyingRole(role).label for role in missing.get(deal.pk, [])],
            is_overdue=is_open and deal.close_date < on,
            is_omitted=is_open
            and (deal.forecast_category or stage.forecast_category) == ForecastCategory.OMITTED.value,
            may_move=deal.pk in movable,
            version=versions.get(deal.pk, 0),
        )
    return found
