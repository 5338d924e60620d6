"""What the template of the meeting finder reads: windows by everybody's clock, and who carries what."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from core import formats
from core.icalendar import Event
from core.weekdays import WEEKDAYS
from workspace.meeting_queries import Asked, Found
from workspace.meetings import Attendee, Cost, Obstacle, Window
from workspace.together_queries import Person


@dataclass(frozen=True)
class Local:
    """A window by one person's clock. `shift` is how many days her date is from that of the row; `tone` its cost."""

    time: str
    shift: int
    tone: str
    says: str


@dataclass(frozen=True)
class WindowRow:
    """A window: day and time by the reader's clock, everybody's own, minutes that are uncomfortable, its file."""

    day: str
    time: str
    locals: list[Local]
    uncomfortable: int
    url: str


@dataclass(frozen=True)
class Carried:
    """What one person carries over a series."""

    name: str
    minutes: int
    outside: int
    night: int


def screen(found: Found, asked: Asked, code: str, people: Sequence[Person]) -> dict[str, Any]:
    series = found.series
    rows = {
        "found": found,
        "rows": [_row(window, found.attendees, asked, code) for window in found.windows],
        "people": [(person, _zone_of(person, found.attendees)) for person in people],
        "off": [(_day(day), [_off(one) for one in held]) for day, held in _by_day(found.obstacles)],
        "zone": asked.zone,
    }
    if series is None:
        return rows
    return rows | {
        "series": [_row(window, found.attendees, asked, code) for window in series.windows],
        "carried": _carried(found.attendees, series.windows),
        "is_exact": series.is_exact,
        "series_url": _file(series.windows, asked, code),
    }


def _row(window: Window, attendees: Sequence[Attendee], asked: Asked, code: str) -> WindowRow:
    here = window.begins.astimezone(zoneinfo.ZoneInfo(asked.zone))
    return WindowRow(
        day=_day(here.date()),
        time=_span(window, asked.zone),
        locals=[_local(window, one.zone, cost, here.date()) for one, cost in zip(attendees, window.costs, strict=True)],
        uncomfortable=sum(window.weights),
        url=_file([window], asked, code),
    )


def _day(day: dt.date) -> str:
    return f"{formats.weekday(WEEKDAYS[day.weekday()], style='abbreviated')}, {formats.day(day)}"


def _span(window: Window, zone: str) -> str:
    there = zoneinfo.ZoneInfo(zone)
    ends = (moment.astimezone(there).time() for moment in (window.begins, window.ends))
    return "–".join(map(formats.time_of_day, ends))


def _local(window: Window, zone: str, cost: Cost, day: dt.date) -> Local:
    shift = (window.begins.astimezone(zoneinfo.ZoneInfo(zone)).date() - day).days
    tone = "night" if cost.night else "outside" if cost.outside else "inside"
    says = {
        "inside": _("in working hours"),
        "outside": _("%(n)d minutes outside working hours") % {"n": cost.outside},
        "night": _("%(n)d minutes outside working hours, %(night)d of them at night")
        % {"n": cost.outside, "night": cost.night},
    }
    return Local(_span(window, zone), shift, tone, says[tone])


def _carried(attendees: Sequence[Attendee], chosen: Sequence[Window]) -> list[Carried]:
    held = [[window.costs[at] for window in chosen] for at in range(len(attendees))]
    return [
        Carried(
            one.name,
            sum(cost.weight for cost in costs),
            sum(cost.outside for cost in costs),
            sum(cost.night for cost in costs),
        )
        for one, costs in zip(attendees, held, strict=True)
    ]


def _zone_of(person: Person, attendees: Sequence[Attendee]) -> str:
    return next((one.zone for one in attendees if one.key == person.key), "")


def _by_day(held: Sequence[Obstacle]) -> list[tuple[dt.date, list[Obstacle]]]:
    """Days on which somebody is off for another reason than everybody's week-end: holidays first of all."""
    found = [(day, list(group)) for day, group in groupby(held, key=lambda one: one.day)]
    return [(day, group) for day, group in found if any(one.holiday for one in group) or day.weekday() < 5]


def _off(one: Obstacle) -> str:
    return f"{one.attendee.name}: {one.holiday or _('not a working day')}"


def _file(chosen: Sequence[Window], asked: Asked, code: str) -> str:
    at = ",".join(f"{window.begins:%Y-%m-%dT%H:%MZ}" for window in chosen)
    query = [*(("people", key) for key in asked.people), ("at", at), ("minutes", asked.minutes)]
    return f"{reverse('together:invitation', args=[code])}?{urlencode(query)}"


def asked_again(query: QueryDict, today: dt.date) -> dict[str, Any]:
    """What the form holds before anything was asked: an hour in the five days after the next."""
    first = today + dt.timedelta(days=1)
    return {
        "people": query.getlist("people"),
        "minutes": 60,
        "since": first,
        "until": first + dt.timedelta(days=6),
        "times": 1,
        "every": 7,
    }


def events(
    account: str, code: str, people: Sequence[Person], begins: Sequence[dt.datetime], minutes: int
) -> list[Event]:
    """What a file of the chosen windows holds."""
    names = ", ".join(person.name for person in people)
    return [
        Event(
            uid=f"{code}-{moment:%Y%m%dT%H%M}-{minutes}@gam",
            begins=moment,
            ends=moment + dt.timedelta(minutes=minutes),
            summary=_("Meeting: %(account)s") % {"account": account},
            description=_("With %(names)s") % {"names": names},
            attendees=tuple((person.name, person.email) for person in people if person.email),
        )
        for moment in begins
    ]
