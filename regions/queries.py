from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import get_language

from core.snapshots import once_a_snapshot
from regions.calendars import Calendars, Decided, SpecialDay
from regions.models import CountryCalendar, CountryDay, Region, RegionCountry, RegionLead, RegionLink
from regions.tree import Edge, RegionTree
from users.models import User


@once_a_snapshot
def region_tree() -> RegionTree:
    """Every dated edge of the sales geography, in two queries."""
    links = RegionLink.objects.values_list("child_id", "parent_id", "valid_from", "valid_to")
    countries = RegionCountry.objects.values_list("country", "region_id", "valid_from", "valid_to")
    return RegionTree(
        links=tuple(Edge(*row) for row in links.order_by("valid_from", "id")),
        countries=tuple(Edge(str(c), r, since, until) for c, r, since, until in countries.order_by("valid_from", "id")),
    )


def regions_led_by(*, viewer: User, on: dt.date) -> dict[int, str]:
    """Ids and codes of the regions that `viewer` leads on a day."""
    leads = RegionLead.objects.filter(user=viewer).as_of(on)
    return dict(leads.values_list("region_id", "region__code"))


@once_a_snapshot
def region_names() -> dict[int, tuple[str, str]]:
    """Code and name of every region by id."""
    return {pk: (code, name) for pk, code, name in Region.objects.values_list("id", "code", "name")}


@once_a_snapshot
def _decided() -> tuple[dict[str, tuple[Decided, ...]], dict[str, dict[dt.date, SpecialDay]]]:
    periods: dict[str, tuple[Decided, ...]] = {}
    rows = CountryCalendar.objects.order_by("country", "valid_from")
    for country, since, until, weekend, zone in rows.values_list(
        "country", "valid_from", "valid_to", "weekend", "time_zone"
    ):
        periods[str(country)] = (*periods.get(str(country), ()), Decided(since, until, tuple(weekend), zone))
    days: dict[str, dict[dt.date, SpecialDay]] = {}
    for country, day, works, name in CountryDay.objects.values_list("country", "day", "works", "name"):
        days.setdefault(str(country), {})[day] = SpecialDay(works, name)
    return periods, days


def calendars() -> Calendars:
    """The working calendars of all countries, with names of holidays in the language in force. Two queries."""
    decided, special = _decided()
    return Calendars(get_language() or "en", decided, special)


@dataclass(frozen=True)
class RegionHistory:
    """A region with everything that ever belonged to it, the latest first."""

    region: Region
    places: list[RegionLink]
    parts: list[RegionLink]
    countries: list[RegionCountry]
    leads: list[RegionLead]


def region_history(*, viewer: User, code: str) -> RegionHistory:
    """Region.DoesNotExist when there is none with this code."""
    region = Region.objects.permitted_to(viewer).get(code=code)
    newest = ("-valid_from", "id")
    return RegionHistory(
        region=region,
        places=list(RegionLink.objects.filter(child=region).select_related("parent").order_by(*newest)),
        parts=list(RegionLink.objects.filter(parent=region).select_related("child").order_by(*newest)),
        countries=list(RegionCountry.objects.filter(region=region).order_by("country", *newest)),
        leads=list(RegionLead.objects.filter(region=region).select_related("user").order_by(*newest)),
    )
