"""What the pages of working calendars read: countries with their week, holidays and what was decided about them."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core import formats
from core.weekdays import WEEKDAYS, others
from regions.calendars import Calendar, Calendars, Holiday, days_between, has_holidays, holidays_between
from regions.models import CountryCalendar, CountryDay
from regions.queries import calendars, region_tree
from regions.standards import countries, standard_of
from users.models import User

SHOWN_CHANGES = 20


@dataclass(frozen=True)
class CountryRow:
    """A country in the list: its week today, the next holiday that is felt, and whether anything was decided for it."""

    country: str
    name: str
    working_days: tuple[str, ...]
    holidays: int
    next_holiday: Holiday | None
    zones: tuple[str, ...]
    is_decided: bool
    has_holidays: bool


SHOWN: Mapping[str, Callable[[Calendars, dt.date], Iterable[str]]] = {
    "regions": lambda known, on: region_tree().on(on).regions_of_countries,
    "decided": lambda known, on: {*known.decided, *known.special},
    "all": lambda known, on: countries(),
}
"""Which countries are listed: those of our regions on the day, those something was decided about, or all."""


def country_rows(*, viewer: User, on: dt.date, shown: str = "regions", search: str = "") -> list[CountryRow]:
    """Countries by name; `holidays` are those of the year of `on` that fall on a day which would be worked."""
    known = calendars()
    wanted = set(SHOWN[shown](known, on)) & set(countries())
    named = sorted(((formats.country(code), code) for code in wanted), key=lambda pair: pair[0].casefold())
    words = search.casefold()
    return [
        _country_row(known, code, name, on) for name, code in named if words in name.casefold() or words == code.lower()
    ]


def _country_row(known: Calendars, code: str, name: str, on: dt.date) -> CountryRow:
    calendar = known.of(code)
    assert calendar is not None
    felt = [one for one in holidays_between([calendar], dt.date(on.year, 1, 1), _later(on)) if one.is_felt]
    return CountryRow(
        country=code,
        name=name,
        working_days=others(calendar.weekend_on(on)),
        holidays=sum(one.day.year == on.year for one in felt),
        next_holiday=next((one for one in felt if one.day >= on), None),
        zones=calendar.zones_on(on),
        is_decided=bool(calendar.decided or calendar.special),
        has_holidays=has_holidays(code),
    )


def _later(on: dt.date) -> dt.date:
    """A year after the end of the year of `on`."""
    return dt.date(min(on.year + 2, dt.MAXYEAR), 1, 1)


@dataclass(frozen=True)
class YearDay:
    """A day of the year's table: its name, whether it is worked, what an administrator said, if anything."""

    day: dt.date
    name: str
    works: bool
    is_felt: bool
    decided: CountryDay | None


@dataclass(frozen=True)
class Month:
    """A month as a calendar shows it: weeks of days, None outside of the month."""

    first: dt.date
    weeks: list[list[tuple[dt.date, str] | None]]


@dataclass(frozen=True)
class CountryView:
    """A country's calendar in one year."""

    country: str
    name: str
    year: int
    standard: tuple[str, ...]
    working_days: tuple[str, ...]
    zones: tuple[str, ...]
    periods: list[CountryCalendar]
    days: list[YearDay]
    months: list[Month]
    changes: list[dict[str, Any]]
    has_holidays: bool


def country_view(*, viewer: User, country: str, on: dt.date, year: int) -> CountryView:
    """KeyError when there is no such country. `on` decides the week that is shown, `year` the days."""
    calendar, standard = calendars().of(country), standard_of(country)
    if calendar is None or standard is None:
        raise KeyError(country)
    periods = CountryCalendar.objects.permitted_to(viewer).filter(country=country)
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    told = {row.day: row for row in CountryDay.objects.filter(country=country, day__range=(first, last))}
    return CountryView(
        country=country,
        name=formats.country(country),
        year=year,
        standard=others(standard.weekend),
        working_days=others(calendar.weekend_on(on)),
        zones=calendar.zones_on(on),
        periods=list(periods.order_by("-valid_from")),
        days=list(_year_days(calendar, told, first, last)),
        months=[_month(calendar, year, number) for number in range(1, 13)],
        changes=_changes(country),
        has_holidays=has_holidays(country),
    )


def _year_days(
    calendar: Calendar, told: Mapping[dt.date, CountryDay], first: dt.date, last: dt.date
) -> Iterator[YearDay]:
    """Holidays and days that were decided about; days worked to make up for others too."""
    for day in days_between(first, last + dt.timedelta(days=1)):
        holiday, works = calendar.holiday(day), calendar.works_on(day)
        is_free = calendar.is_free_weekday(day)
        if holiday is None and day not in told and not (works and is_free):
            continue
        name = holiday or (told[day].name if day in told else "") or _("Worked in place of another day")
        yield YearDay(day, name if holiday != "" else _("Day off"), works, not is_free, told.get(day))


def _month(calendar: Calendar, year: int, number: int) -> Month:
    begins = _first_weekday(calendar, year)
    weeks = months.Calendar(begins).monthdatescalendar(year, number)
    return Month(
        dt.date(year, number, 1),
        [[(day, _kind(calendar, day)) if day.month == number else None for day in week] for week in weeks],
    )


def _first_weekday(calendar: Calendar, year: int) -> int:
    """Weeks are drawn from the first working day on, so that the week-end stands at the end."""
    worked = others(calendar.weekend_on(dt.date(year, 1, 1)))
    return WEEKDAYS.index(worked[0]) if worked else 0


def _kind(calendar: Calendar, day: dt.date) -> str:
    if calendar.holiday(day) is not None:
        return "holiday"
    return "worked" if calendar.works_on(day) else "free"


def _changes(country: str) -> list[dict[str, Any]]:
    """The last decisions about a country as the database wrote them down, the latest first: who, when, what."""
    events = [
        *_events(CountryCalendar, country, _week_words),
        *_events(CountryDay, country, lambda event: formats.day(event.day)),
    ]
    events.sort(key=lambda event: event["at"], reverse=True)
    ids = {event["user"] for event in events if event["user"]}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}
    return [{**event, "by": names.get(event["user"], "")} for event in events[:SHOWN_CHANGES]]


def _events(model: type[models.Model], country: str, words: Callable[[Any], str]) -> Iterator[dict[str, Any]]:
    verbs = {"insert": _("Decided: %(what)s"), "update": _("Changed: %(what)s"), "delete": _("Taken back: %(what)s")}
    recorded: Any = model._meta.get_field("events").related_model
    found = recorded.objects.filter(country=country)
    for event in found.select_related("pgh_context").order_by("-pgh_id")[:SHOWN_CHANGES]:
        told = (event.pgh_context.metadata if event.pgh_context else None) or {}
        title = verbs.get(event.pgh_label, verbs["update"]) % {"what": words(event)}
        yield {"at": event.pgh_created_at, "title": title, "user": told.get("user"), "text": getattr(event, "name", "")}


def _week_words(event: Any) -> str:
    parts = [formats.weekdays(others(event.weekend))] if event.weekend else []
    parts += [event.time_zone] if event.time_zone else []
    since = formats.day(event.valid_from) if event.valid_from.year > 1 else _("since ever")
    return " · ".join([*parts, since])
