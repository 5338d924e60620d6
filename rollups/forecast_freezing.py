"""Taking the weekly snapshot. One transaction writes it whole; a worker that dies in it leaves nothing, and the next look at
the database finds the week still without one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core import clock, months
from core.weekdays import WEEKDAYS
from money.models import Currency
from money.queries import business_date, pinned_date, reporting_currencies
from pipeline.forecast_access import managers
from regions.queries import region_names, region_tree
from rollups import forecast_lines, locks, runs
from rollups import formulas as f
from rollups.forecast_models import ForecastSnapshot
from rollups.models import Run
from teams.models import Member

CLOSED_KEPT = 24
"""For how many months back a snapshot holds what was closed, so that a later one can tell won from lost."""

_WRITE = """
WITH {ctes} INSERT INTO rollups_forecastline (snapshot_id, {columns}) SELECT %(snapshot)s, {columns} FROM lines
"""
_RATES = f"""
WITH facts AS MATERIALIZED (SELECT code AS currency, %(as_of)s::date AS rate_on FROM unnest(%(codes)s::text[]) c (code)),
quotes AS MATERIALIZED ({f.quotes(forecast_lines.LENSES)})
INSERT INTO rollups_forecastrate (snapshot_id, currency, goal, numerator, denominator)
SELECT %(snapshot)s, q.currency, n.currency, q.numerator, q.denominator
  FROM quotes q JOIN {forecast_lines.LENSES} ON n.id = q.lens_id WHERE q.numerator IS NOT NULL
"""


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week_due() -> dt.date | None:
    """The week whose snapshot is due and not there, by its Monday: from the configured weekday and hour on, in the organisation's
    zone. A pinned date has no hours."""
    day = business_date()
    week = monday_of(day)
    due_on = week + dt.timedelta(days=WEEKDAYS.index(settings.GAM_FORECAST_WEEKDAY))
    local = timezone.localtime(clock.now(), timezone.get_default_timezone())
    is_early = day == due_on and pinned_date() is None and local.hour < settings.GAM_FORECAST_HOUR
    if day < due_on or is_early or ForecastSnapshot.objects.filter(week=week).exists():
        return None
    return week


def freeze_due() -> ForecastSnapshot | None:
    """Take this week's snapshot when it is due; None when there is nothing to do. However often and by however many it is
    asked for, a week has one. The run is on the job page."""
    if week_due() is None:
        return None
    with runs.long_run(Run.Kind.FORECAST) as run:
        found = freeze(business_date())
        run.facts = run.cells = found.lines if found else 0
    return found


def freeze_past(day: dt.date) -> ForecastSnapshot | None:
    """A snapshot of a past day from the stage history: what it says of each deal at that day's end. Lines, shares and owners
    are those of now, in the proportions of now; None when the week has one already."""
    return freeze(day, is_past=True)


@transaction.atomic
def freeze(day: dt.date, *, is_past: bool = False) -> ForecastSnapshot | None:
    """Write the snapshot of a day, unless its week has one: then None."""
    locks.lock_snapshots()
    if ForecastSnapshot.objects.filter(week=monday_of(day)).exists():
        return None
    given = {**lines_given(day), "until": _end_of(day)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('rollups_forecastsnapshot', 'id'))")
        pk = cursor.fetchone()[0]
        # The lines first: the snapshot says how many there are, and is never changed afterwards.
        statement = _WRITE.format(
            ctes=forecast_lines.ctes(width=len(given["currencies"]), is_past=is_past),
            columns=", ".join(forecast_lines.COLUMNS),
        )
        cursor.execute(statement, {**given, "snapshot": pk})
        lines = cursor.rowcount
        codes = list(Currency.objects.values_list("code", flat=True))
        cursor.execute(_RATES, {**given, "snapshot": pk, "codes": codes})
    return ForecastSnapshot.objects.create(
        pk=pk,
        week=monday_of(day),
        taken_on=day,
        taken_at=clock.now(),
        kind=ForecastSnapshot.Kind.REPLAYED if is_past else ForecastSnapshot.Kind.SCHEDULED,
        currencies=given["currencies"],
        managers=managers_by_email(),
        lines=lines,
    )


def lines_given(day: dt.date) -> dict[str, Any]:
    """The parameters of `forecast_lines` for a day."""
    tree, names = region_tree().on(day), region_names()
    paths = {
        country: forecast_lines.SEPARATOR.join(names[region][0] for region in tree.path_of_country(country))
        for country in tree.regions_of_countries
    }
    return {
        "as_of": day,
        "since": months.month_of(day) - CLOSED_KEPT,
        "max_age": settings.GAM_RATE_MAX_AGE_DAYS,
        "currencies": reporting_currencies(),
        "countries": list(paths),
        "paths": list(paths.values()),
    }


def managers_by_email() -> dict[str, str]:
    emails = dict(Member.objects.values_list("pk", "email"))
    return {emails[pk]: emails[manager] for pk, manager in managers().items()}


def _end_of(day: dt.date) -> dt.datetime:
    """The last instant of a day in the organisation's zone."""
    following = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_default_timezone())
    return following - dt.timedelta(microseconds=1)
