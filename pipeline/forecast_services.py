"""Adjusting, submitting and locking a forecast. Figures come from the caller, who computed them; rows are only added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import clock, formats
from core.errors import DomainError, NotPermitted
from pipeline.forecast_access import ForecastNode, lock_in_force, may_close, may_judge
from pipeline.forecast_models import ForecastAdjustment, ForecastLock, ForecastSubmission, SubmittedFigure, in_node
from users.models import User

_JUDGING = 7_105  # the advisory lock that puts adjustments, submissions and locks of a period in one order


class ForecastLocked(DomainError):
    """The period of the node is locked: nothing was written."""


@dataclass(frozen=True)
class Against:
    """What an adjustment was made against: the computed figure, and the native sums of the node and of its parts."""

    computed: Decimal
    basis: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """One category of a forecast that is handed in."""

    category: str
    computed: Decimal
    forecast: Decimal
    source: str


def _begin(node: ForecastNode, first: int, last: int, by: User) -> None:
    """Whoever locks the period meanwhile waits, or is seen. Raises NotPermitted and ForecastLocked."""
    if not may_judge(by, node):
        raise NotPermitted(_("Who leads this node, or one above it, adjusts and submits its forecast."))
    _in_turn(first)
    lock = lock_in_force(node, first, last, viewer=by)
    if lock is not None:
        raise ForecastLocked(
            _("This period was locked by %(who)s on %(day)s. Have it unlocked to change its forecast.")
            % {"who": lock.by, "day": formats.day(lock.at, style="long")}
        )


def _in_turn(first: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_JUDGING, first])


@transaction.atomic
def adjust_forecast(
    *,
    node: ForecastNode,
    first: int,
    last: int,
    category: str,
    amount: Decimal,
    currency: str,
    note: str,
    against: Against,
    by: User,
) -> int:
    """Say what a category of a node will be, whatever is computed. Returns the row's id.

    Raises NotPermitted and ForecastLocked; DomainError without a note."""
    _begin(node, first, last, by)
    if not note.strip():
        raise DomainError(_("Say why: whoever reads the figure reads this note."), field="note")
    row = _adjustment(node, first, last, category, currency, against, by, amount=amount, note=note.strip())
    return int(row.pk)


@transaction.atomic
def take_back_adjustment(*, node: ForecastNode, first: int, last: int, category: str, by: User) -> None:
    """The computed figure counts again. Raises NotPermitted and ForecastLocked; DomainError when none is in force."""
    _begin(node, first, last, by)
    rows = in_node(ForecastAdjustment.objects.filter(first=first, last=last, category=category), node.scope, node.id)
    held = rows.order_by("-id").first()
    if held is None or held.amount is None:
        raise DomainError(_("No adjustment is in force here: somebody took it back before you."))
    _adjustment(node, first, last, category, held.currency_id, Against(held.against), by, amount=None, note="")


def _adjustment(
    node: ForecastNode, first: int, last: int, category: str, currency: str, against: Against, by: User, **values: Any
) -> ForecastAdjustment:
    made: ForecastAdjustment = ForecastAdjustment.objects.create(
        **node.columns,
        first=first,
        last=last,
        category=category,
        currency_id=currency,
        against=against.computed,
        basis=dict(against.basis),
        by=by,
        at=clock.now(),
        **values,
    )
    return made


@transaction.atomic
def submit_forecast(
    *, node: ForecastNode, first: int, last: int, figures: Sequence[Figure], currency: str, note: str, by: User
) -> int:
    """Hand in a node's forecast: its figures are kept as they are. Handing in again supersedes. Returns the row's id.

    Raises NotPermitted and ForecastLocked."""
    _begin(node, first, last, by)
    made = ForecastSubmission.objects.create(
        **node.columns, first=first, last=last, note=note.strip(), by=by, at=clock.now()
    )
    SubmittedFigure.objects.bulk_create(
        SubmittedFigure(
            submission=made,
            category=one.category,
            computed=one.computed,
            forecast=one.forecast,
            currency_id=currency,
            source=one.source,
        )
        for one in figures
    )
    return int(made.pk)


@transaction.atomic
def set_forecast_lock(*, node: ForecastNode, first: int, last: int, is_locked: bool, note: str, by: User) -> None:
    """Lock or unlock a node's period. Raises NotPermitted; DomainError when it stands so already."""
    if not may_close(by, node):
        raise NotPermitted(
            _("An administrator, or who leads something above this node, locks and unlocks its periods.")
        )
    _in_turn(first)
    rows = in_node(ForecastLock.objects.filter(first=first, last=last), node.scope, node.id)
    held = rows.order_by("-id").first()
    if (held is not None and held.is_locked) is is_locked:
        raise DomainError(_("This period is locked already.") if is_locked else _("No lock of this node is in force."))
    ForecastLock.objects.create(
        **node.columns, first=first, last=last, note=note.strip(), by=by, at=clock.now(), is_locked=is_locked
    )
