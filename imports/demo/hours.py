"""When Meridian's people work otherwise than their country does, and when its houses are closed. All of it is invented."""

import datetime as dt
from typing import NamedTuple

from imports.demo.tables import Tables

_DAY = dt.timedelta(days=1)


class Hours(NamedTuple):
    """A working day by the member's own clock, and her days; empty: 09:00, 17:00, and the days of her country."""

    begins: str = ""
    ends: str = ""
    days: str = ""


#: By mailbox. Part-timers, early and late risers, and people who keep other hours for customers far away.
OWN_HOURS = {
    "femke.vandijk": Hours(days="mon;tue;wed;thu"),
    "saskia.vermeulen": Hours(days="mon;tue;wed"),
    "malgorzata.dabrowska": Hours("08:00", "12:00"),
    "margaux.perrin": Hours("08:00", "16:00"),
    "florian.schonfeld": Hours("07:00", "15:00"),
    "khalid.almansoori": Hours("08:00", "16:00"),
    "noura.alharbi": Hours("08:00", "16:00", "sun;mon;tue;wed;thu"),
    "kenta.sato": Hours("10:00", "19:00"),
    "misaki.takahashi": Hours("12:00", "20:00"),
    "ji-hoon.park": Hours("10:00", "19:00"),
    "rahul.iyer": Hours("12:00", "20:00"),
    "kevin.pruitt": Hours("07:00", "15:00"),
    "alicia.navarro": Hours("07:00", "16:00"),
    "minhanh.nguyen": Hours("08:00", "17:00", "mon;tue;wed;thu;fri;sat"),
    "naomi.thornton": Hours("07:30", "15:30"),
}
_YEARS = range(2024, 2028)


def add_closed_days(tables: Tables) -> None:
    """Fill `country_days`: days on which our houses in a country are closed though its law knows no holiday."""
    for year in _YEARS:
        for country in ("AT", "CH", "DE"):
            _closed(tables, country, dt.date(year, 12, 24), "Christmas Eve")
            _closed(tables, country, dt.date(year, 12, 31), "New Year’s Eve")
        for month, day in ((1, 2), (1, 3), (12, 29), (12, 30), (12, 31)):
            _closed(tables, "JP", dt.date(year, month, day), "Turn of the year")
        _closed(tables, "US", _thanksgiving(year) + _DAY, "Day after Thanksgiving")


def _closed(tables: Tables, country: str, day: dt.date, name: str) -> None:
    tables.add("country_days", country=country, day=day, works="false", name=name)


def _thanksgiving(year: int) -> dt.date:
    """The fourth Thursday of November."""
    first = dt.date(year, 11, 1)
    return first + _DAY * ((3 - first.weekday()) % 7 + 21)
