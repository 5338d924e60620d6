"""What was decided about the working days of countries, in the REST API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.api import filters
from core.api.columns import Column, period
from core.api.kinds import COUNTRY, DAY, FLAG, WEEKDAY_LIST, Kind
from core.api.writing import Collection
from regions import loading
from regions.api import in_region
from regions.models import CountryCalendar, CountryDay


class CountryCalendars(Collection):
    slug = "country-calendars"
    noun = "calendar of a country"
    about = "The week-end and the time zone that were decided for a country, and when, in place of the standard ones."
    model = CountryCalendar
    spec = loading.COUNTRY_CALENDARS
    columns = (
        Column("country", "country", COUNTRY, is_key=True, required=True),
        period()[0],
        Column("weekend", "weekend", WEEKDAY_LIST, note="Days of the week, e.g. fri;sat; null leaves the standard."),
        Column("time_zone", "time_zone", Kind(64), note="Where places of the country are that name no zone."),
        period()[1],
    )
    search = ("country",)
    filters = (filters.country("country"), in_region("country"), filters.in_force())

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return CountryCalendar.objects.permitted_to(viewer)


class CountryDays(Collection):
    slug = "country-days"
    noun = "day of a country"
    about = "Single days that are worked against a country's calendar, or off under a name."
    model = CountryDay
    spec = loading.COUNTRY_DAYS
    columns = (
        Column("country", "country", COUNTRY, is_key=True, required=True),
        Column("day", "day", DAY, is_key=True, required=True),
        Column("works", "works", FLAG, required=True),
        Column("name", "name", Kind(120)),
    )
    search = ("country", "name")
    filters = (
        filters.country("country"),
        in_region("country"),
        filters.on("Only this day.", lambda rows, day: rows.filter(day=day)),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return CountryDay.objects.permitted_to(viewer)


COLLECTIONS = (CountryCalendars, CountryDays)
