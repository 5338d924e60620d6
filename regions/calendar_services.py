"""What administrators decide about the working days of countries. All go through the path that imports take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotPermitted
from core.removal import remove
from core.staging_rows import RowsRejected, write_rows
from regions.loading import COUNTRY_CALENDARS, COUNTRY_DAYS
from regions.models import CountryCalendar, CountryDay
from users.models import User
from users.permissions import Permission

_FIELDS = {"valid_from": "on", "valid_to": "until"}


@transaction.atomic
def decide_week(
    *,
    country: str,
    weekend: Sequence[str],
    time_zone: str = "",
    on: dt.date | None = None,
    until: dt.date | None = None,
    by: User,
) -> None:
    """Give a country another week-end, or its places a time zone, from a day on (None: since ever).

    What held before ends on that day. Raises NotPermitted, and DomainError with the form's field.
    """
    if not weekend and not time_zone:
        raise DomainError(_("Choose the days of the week-end, a time zone, or both."), field="weekend")
    row = {"country": country, "valid_from": on, "valid_to": until}
    _write(COUNTRY_CALENDARS, {**row, "weekend": ";".join(weekend), "time_zone": time_zone}, by=by)


@transaction.atomic
def decide_day(*, country: str, day: dt.date, works: bool, name: str = "", by: User) -> None:
    """Say of one day that it is worked, or off under a name, whatever the calendar says."""
    _write(COUNTRY_DAYS, {"country": country, "day": day, "works": works, "name": name}, by=by)


def take_back_week(*, pk: int, country: str, by: User) -> None:
    """Forget a decision about a country's week: the standard holds again then. CountryCalendar.DoesNotExist when unknown."""
    _demand(by)
    remove(CountryCalendar.objects.get(pk=pk, country=country), by=by)


def take_back_day(*, pk: int, country: str, by: User) -> None:
    """Forget a decision about one day. CountryDay.DoesNotExist when there is none."""
    _demand(by)
    remove(CountryDay.objects.get(pk=pk, country=country), by=by)


def _demand(by: User) -> None:
    if not by.may(Permission.CONFIGURE_REGIONS):
        raise NotPermitted(_("You may not change this."))


def _write(spec: Any, row: dict[str, Any], *, by: User) -> None:
    """One row; what is refused names the form's field."""
    try:
        write_rows(spec, [row], by=by)
    except RowsRejected as error:
        problem = error.problems[0]
        raise DomainError(problem.reason, field=_FIELDS.get(problem.column, problem.column) or None) from error
