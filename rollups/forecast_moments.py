"""The two moments that a flow lies between, read side by side: a line of a snapshot beside the same line of a later one, or of
now. Only deals that were in the open pipeline of the period at either moment are read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from accounts.merged import AccountMerge
from money.queries import business_date, reporting_currencies
from rollups import forecast_freezing, forecast_lines
from rollups.forecast_categories import ForecastPeriod
from rollups.forecast_models import ForecastSnapshot
from rollups.lens import LensError
from rollups.shares import WHOLE, Holder
from rollups.sight import Sight

_SIDE = (
    "country",
    "path",
    "owner",
    "prime",
    "outcome",
    "category",
    "month",
    "amount",
    "currency",
    "close_date",
    "stage",
)
_FROZEN = """
SELECT deal, line, external_id, name, account_id, account_code, account_name, {side}, minor[{slot}] AS minor
  FROM rollups_forecastline WHERE snapshot_id = {snapshot}"""
_LIVE = """
SELECT deal, line, external_id, name, account_id, account_code, account_name, {side}, minor[{slot}] AS minor FROM lines"""
_PAIRS = """
{with_}
older AS MATERIALIZED ({before}),
later AS MATERIALIZED ({after}),
wanted AS MATERIALIZED (
SELECT deal FROM older WHERE outcome = 'open' AND month BETWEEN %(first)s AND %(last)s
 UNION SELECT deal FROM later WHERE outcome = 'open' AND month BETWEEN %(first)s AND %(last)s)
SELECT w.deal, COALESCE(b.line, a.line), COALESCE(a.external_id, b.external_id), COALESCE(a.name, b.name),
       COALESCE(a.account_code, b.account_code), COALESCE(a.account_name, b.account_name),
       EXISTS (SELECT FROM older o WHERE o.deal = w.deal), EXISTS (SELECT FROM later o WHERE o.deal = w.deal),
       money_half_even(a.amount, q.numerator, q.denominator),
       b.line IS NOT NULL, {seen_b}, b.minor, {side_b},
       a.line IS NOT NULL, {seen_a}, a.minor, {side_a}
  FROM wanted w
  JOIN ((SELECT deal, line FROM older) UNION (SELECT deal, line FROM later)) k ON k.deal = w.deal
  LEFT JOIN older b ON b.deal = k.deal AND b.line = k.line
  LEFT JOIN later a ON a.deal = k.deal AND a.line = k.line
  LEFT JOIN rollups_forecastrate q ON q.snapshot_id = %(older)s AND q.currency = a.currency AND q.goal = %(goal)s
 ORDER BY w.deal, 2"""


@dataclass(frozen=True)
class Moment:
    """A snapshot, or with None now. `managers` by e-mail address."""

    snapshot: ForecastSnapshot | None
    on: dt.date
    managers: Mapping[str, str]

    @property
    def currencies(self) -> list[str]:
        return self.snapshot.currencies if self.snapshot else reporting_currencies()


class Side(NamedTuple):
    """A line at one moment, as it was read. `is_seen`: the reader may see it as it was then. `prime` is JSON."""

    is_seen: bool
    minor: int | None
    country: str
    path: list[str]
    owner: str
    prime: str
    outcome: str
    category: str
    month: int
    amount: Decimal | None
    currency: str
    close_date: dt.date
    stage: str


@dataclass(frozen=True)
class Pair:
    """The same line at both moments; None where it is not there. `steady` is the later amount at the earlier moment's rates."""

    deal: int
    line: int
    external_id: str
    name: str
    account_code: str
    account_name: str
    deal_was: bool
    deal_is: bool
    steady: int | None
    before: Side | None
    after: Side | None


def holders(prime: str, owner: str) -> list[Holder]:
    """Who shares a deal, from a frozen row; without a prime share the owner has it, or nobody."""
    shares = json.loads(prime)
    if shares:
        return [Holder(str(email), int(points)) for email, points in shares]
    return [Holder(owner, WHOLE)] if owner else []


def refuse_unless_reported(currency: str, known: list[str]) -> None:
    """LensError for a currency that was not among those of a moment."""
    if currency not in known:
        text = _("“%(currency)s” was no reporting currency then. There are: %(known)s.")
        raise LensError(text % {"currency": currency, "known": ", ".join(known)}, field="currency")


def moment_of(snapshot: ForecastSnapshot | None) -> Moment:
    if snapshot is None:
        return Moment(None, business_date(), forecast_freezing.managers_by_email())
    return Moment(snapshot, snapshot.taken_on, snapshot.managers)


def pairs(older: Moment, later: Moment, period: ForecastPeriod, goal: str, sight: Sight) -> list[Pair]:
    """Every line of the deals that either moment has in the open pipeline of the period. `goal` is a reporting currency of
    both."""
    assert older.snapshot is not None
    given: dict[str, Any] = {
        **(forecast_freezing.lines_given(later.on) if later.snapshot is None else {}),
        **given_sight(sight),
        "older": older.snapshot.pk,
        "goal": goal,
        "first": period.first,
        "last": period.last,
        "older_slot": older.currencies.index(goal) + 1,
        "later_slot": later.currencies.index(goal) + 1,
    }
    side, width = ", ".join(_SIDE), len(_SIDE)
    before = _FROZEN.format(side=side, slot="%(older_slot)s::int", snapshot="%(older)s")
    with_ = "WITH "
    if later.snapshot is None:
        # A deal that has left the period is read too, by its key: what became of it decides the movement.
        where = """(d.month BETWEEN %(first)s AND %(last)s OR d.id IN (SELECT deal FROM rollups_forecastline
                    WHERE snapshot_id = %(older)s AND month BETWEEN %(first)s AND %(last)s))"""
        with_ = f"WITH {forecast_lines.ctes(width=len(later.currencies), where=where)},"
        after = _LIVE.format(side=side, slot="%(later_slot)s::int")
    else:
        after = _FROZEN.format(side=side, slot="%(later_slot)s::int", snapshot="%(newer)s")
        given["newer"] = later.snapshot.pk
    statement = _PAIRS.format(
        with_=with_,
        before=before,
        after=after,
        seen_b=sight.of_account("b"),
        seen_a=sight.of_account("a"),
        side_b=", ".join(f"b.{name}" for name in _SIDE),
        side_a=", ".join(f"a.{name}" for name in _SIDE),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [_pair(row, width) for row in cursor.fetchall()]


def _pair(row: tuple[Any, ...], width: int) -> Pair:
    deal, line, external_id, name, account_code, account_name, deal_was, deal_is, steady, *sides = row
    return Pair(
        deal,
        line,
        external_id,
        name,
        account_code,
        account_name,
        deal_was,
        deal_is,
        None if steady is None else int(steady),
        _side(sides[: 3 + width]),
        _side(sides[3 + width :]),
    )


def _side(read: list[Any]) -> Side | None:
    is_there, is_seen, minor, *rest = read
    if not is_there:
        return None
    return Side(bool(is_seen), None if minor is None else int(minor), *rest)


def given_sight(sight: Sight) -> dict[str, Any]:
    """The sight's parameters for frozen rows: who sees an account whole sees what was merged into it, by its old key."""
    given = sight.given()
    gone = AccountMerge.objects.filter(leads_to_id__in=given["whole"], undone_at__isnull=True)
    return {**given, "whole": [*given["whole"], *gone.values_list("gone_id", flat=True)]}
