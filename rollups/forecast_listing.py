"""The lines under a forecast's figure, the largest first, page by page: together they are the figure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.snapshots import one_snapshot
from money.conversion import from_minor
from regions.models import UNALLOCATED
from rollups import forecast_reading
from rollups.forecast_categories import Category, ForecastPeriod
from rollups.forecasts import forecast_frame, lines_known
from rollups.framing import Frame
from rollups.lens import Lens, LensError
from rollups.measures import NO_COUNTRY, NO_MEMBER
from rollups.member_figures import visible_member
from rollups.region_figures import geography, region_id
from rollups.tally import exact
from users.models import User

PAGE = 50


@dataclass(frozen=True)
class ForecastLineRow:
    """A deal's line, or a member's part of it. `amount` is None without a rate; `native` is exact."""

    deal: int
    line: int
    name: str
    account_code: str
    account_name: str
    country: str
    stage: str
    close_date: dt.date
    native: Decimal
    currency: str
    amount: Decimal | None
    member: str


@dataclass(frozen=True)
class ForecastLines:
    """One page; `after` names the next."""

    rows: tuple[ForecastLineRow, ...]
    after: str


_LIST = """
SELECT x.deal, x.line, d.name, a.code, a.name, x.country::text, s.name, d.close_date, x.native, x.currency, x.minor, x.unpriced_facts,
       {member}
  FROM {rows} x
  JOIN pipeline_opportunity d ON d.id = x.deal
  JOIN pipeline_stage s ON s.code = d.stage_id
  JOIN accounts_account a ON a.id = x.account_id
 WHERE x.measure = %(category)s AND {seen} AND {here} AND {beyond}
 ORDER BY x.minor DESC, x.deal, x.line, {member} LIMIT %(limit)s"""


def forecast_lines(
    *, viewer: User, kind: str, code: str, lens: Lens, period: ForecastPeriod, category: str, after: str = ""
) -> ForecastLines:
    """The lines of one category of a node (`kind`: region or member). Http404 for a node that is not there; LensError for a page
    that is none."""
    with one_snapshot():
        frame = forecast_frame(viewer, lens, period)
        here, given = _of_region(frame, code) if kind == "region" else _of_member(viewer, code)
        is_shared = kind == "member" or lens.is_overlay
        statement = _LIST.format(
            rows=forecast_reading.shared_lines() if is_shared else forecast_reading.lines(frame),
            member="x.member_id" if is_shared else "0::bigint",
            seen=frame.sight.of_account("x"),
            here=here,
            beyond=_beyond(after, is_shared),
        )
        given |= {**frame.source.given(), **frame.sight.given(), **_place(after), "limit": PAGE + 1}
        given["category"] = int(Category[category.upper()])
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            found = cursor.fetchall()
    names = lines_known(viewer) if is_shared else None
    rows = [_row(frame, row, names.scope(row[12]).name if names else "") for row in found[:PAGE]]
    key = found[PAGE - 1] if len(found) > PAGE else None
    return ForecastLines(tuple(rows), f"{key[10]}:{key[0]}:{key[1]}:{key[12]}" if key else "")


def _of_region(frame: Frame, code: str) -> tuple[str, dict[str, Any]]:
    """Countries and months that lie in a region, as a condition."""
    if not code:
        return "true", {}
    where = geography(frame.lens)
    region = region_id(where, code)
    pairs = [(country, month) for month in frame.lens.months for country in where.countries_of(region, month)]
    held = (
        "EXISTS (SELECT FROM unnest(%(at_countries)s::text[], %(at_months)s::int[]) h (country, month) "
        "WHERE h.country = x.country AND h.month = x.month)"
    )
    given = {"at_countries": [country for country, _m in pairs], "at_months": [month for _c, month in pairs]}
    return (f"NOT {held}" if code == UNALLOCATED else held), given


def _of_member(viewer: User, email: str) -> tuple[str, dict[str, Any]]:
    """The shares of a member and of everybody in her line."""
    if not email:
        return "true", {}
    member, _scope = visible_member(viewer, email)
    lines = lines_known(viewer)
    inside = [pk for pk in lines.members if member in lines.path(pk)] if member != NO_MEMBER else [NO_MEMBER]
    return "x.member_id = ANY (%(inside)s::bigint[])", {"inside": inside}


def _place(after: str) -> dict[str, int]:
    if not after:
        return {}
    try:
        minor, deal, line, member = (int(part) for part in after.split(":"))
    except ValueError as error:
        raise LensError(_("“%(wrong)s” is no page of this list.") % {"wrong": after}, field="after") from error
    if max(map(abs, (minor, deal, line, member))) >= 2**62:
        raise LensError(_("“%(wrong)s” is no page of this list.") % {"wrong": after}, field="after")
    return {"after_minor": minor, "after_deal": deal, "after_line": line, "after_member": member}


def _beyond(after: str, is_shared: bool) -> str:
    if not after:
        return "true"
    member = "x.member_id" if is_shared else "0::bigint"
    return f"(-x.minor, x.deal, x.line, {member}) > (-%(after_minor)s::numeric, %(after_deal)s, %(after_line)s, %(after_member)s)"


def _row(frame: Frame, row: tuple[Any, ...], member: str) -> ForecastLineRow:
    deal, line, name, code, account, country, stage, closes, native, currency, minor, unpriced, _member = row
    decimals = frame.shape.exponents
    goal = currency if frame.lens.is_native else frame.lens.currency
    return ForecastLineRow(
        deal,
        line,
        name,
        code,
        account,
        "" if country == NO_COUNTRY else country,
        stage,
        closes,
        exact(native, decimals[currency]),
        currency,
        None if unpriced else from_minor(minor, decimals[goal]),
        member,
    )
