"""What the templates of working together read: cells in words, and the weeks ahead as rows of days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from accounts.queries import AccountHead, account_head
from core import formats
from regions.calendars import Calendar
from users.models import User
from workspace.together import Shared, Weeks
from workspace.together_queries import Together

LANGUAGES_SHOWN = 3


def head_or_404(*, viewer: User, code: str) -> AccountHead:
    """The head of an account that `viewer` sees; to others it is not there."""
    try:
        return account_head(viewer=viewer, code=code)
    except Account.DoesNotExist as error:
        raise Http404 from error


@dataclass(frozen=True)
class CellWords:
    """A cell in words. `hours` may say how it changes; `state` has a shape beside it."""

    state: str
    languages: str
    hours: str
    days: str


@dataclass(frozen=True)
class Day:
    """A day of a country in the weeks ahead: worked, free or holiday; `says` tells it in words."""

    day: dt.date
    kind: str
    says: str


def screen(found: Together) -> dict[str, Any]:
    return {
        "found": found,
        "table": [(row, spoken(row.place.languages), [_cell(cell) for cell in row.cells]) for row in found.rows],
        "months": [
            (month, len(list(days))) for month, days in groupby(found.weeks.days, lambda day: day.replace(day=1))
        ],
        "strips": [(calendar.country, _strip(calendar, found.weeks)) for calendar in found.calendars],
        "changes": [(on, _moves(minutes), ", ".join(zones)) for on, minutes, zones in found.ahead.clocks],
    }


def spoken(languages: frozenset[str] | tuple[str, ...] | None) -> str:
    """Languages by name, a few of them; empty when none is known."""
    names = sorted(formats.language_name(code) for code in languages or ())
    more = len(names) - LANGUAGES_SHOWN
    return ", ".join(names[:LANGUAGES_SHOWN]) + (f" +{more}" if more > 0 else "")


def hours(minutes: int) -> str:
    """Minutes as hours of the clock: 3:30 h."""
    return _("%(hours)s h") % {"hours": f"{minutes // 60}:{minutes % 60:02}" if minutes % 60 else str(minutes // 60)}


def _cell(cell: Shared) -> CellWords:
    languages = spoken(cell.languages) if cell.languages else _("no language")
    time = _("hours unknown") if cell.minutes is None else hours(cell.minutes)
    if cell.changes and cell.later is not None:
        time = _("%(now)s, later %(then)s") % {"now": time, "then": hours(cell.later)}
    days = "" if cell.days is None else ngettext("%(n)d day", "%(n)d days", cell.days) % {"n": cell.days}
    return CellWords(cell.state, _("language unknown") if cell.languages is None else languages, time, days)


def _moves(minutes: int) -> str:
    words = _("clocks go forward by %(time)s") if minutes > 0 else _("clocks go back by %(time)s")
    return words % {"time": hours(abs(minutes))}


def _strip(calendar: Calendar, weeks: Weeks) -> list[Day]:
    return [_day(calendar, day) for day in weeks.days]


def _day(calendar: Calendar, day: dt.date) -> Day:
    holiday = calendar.holiday(day)
    if holiday is not None and not calendar.works_on(day):
        return Day(day, "holiday", holiday or _("day off"))
    return Day(day, "worked", "") if calendar.works_on(day) else Day(day, "free", _("free"))
