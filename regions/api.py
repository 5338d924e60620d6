"""Regions, their links, countries and leads in the REST API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from core.api import filters
from core.api.columns import Column, period
from core.api.filters import Filter
from core.api.kinds import COUNTRY, DAY, EMAIL, Kind
from core.api.writing import Collection
from money.queries import business_date
from regions import loading
from regions.models import Region, RegionCountry, RegionLead, RegionLink
from regions.queries import region_tree
from users.permissions import Access

_CODE = Kind(40)


def _region(code: str) -> int:
    found = Region.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise ValidationError(_("There is no region “%(code)s”.") % {"code": code})
    return found


def _below(code: str) -> set[int]:
    """The region and all below it, now."""
    return region_tree().on(business_date()).subtree([_region(code)])


def _countries_of(code: str) -> set[str]:
    """The countries in the region and below it, now."""
    return region_tree().on(business_date()).countries_under([_region(code)])


def in_region(*countries: str) -> Filter:
    """Rows where one of the paths holds a country that lies in a region or below it now."""
    return in_region_by(lambda rows, codes, viewer: rows.filter(filters.any_of(countries, codes, "__in")))


def in_region_by(narrow: Callable[[QuerySet[Any], list[str], Any], QuerySet[Any]]) -> Filter:
    """Rows as `narrow` picks them for the countries of a region and a viewer."""
    return Filter("region", REGION_NOTE, lambda rows, text, viewer: narrow(rows, sorted(_countries_of(text)), viewer))


def _of_region(*paths: str) -> Filter:
    return Filter(
        "region", REGION_NOTE, lambda rows, text, viewer: rows.filter(filters.any_of(paths, _below(text), "__in"))
    )


REGION_NOTE = "Code of a region; those below it count, as the tree stands now."


@cache
def _link_in_force(field: str, day: dt.date) -> Subquery:
    held = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return Subquery(RegionLink.objects.filter(held, child=OuterRef("pk"), valid_from__lte=day).values(field)[:1])


class Regions(Collection):
    slug = "regions"
    noun = "region"
    about = "Nodes of the sales geography. `parent_code` and `valid_from` are the link in force; null for a root."
    model = Region
    spec = loading.REGIONS
    link = ("parent_code", "valid_from")
    kind_of_code = "region"
    columns = (
        Column("code", "code", _CODE, is_key=True, required=True),
        Column("name", "name", Kind(200), required=True),
        Column("parent_code", "code", _CODE, note="The parent in force; empty writes no link."),
        Column("valid_from", "code", DAY, note="Since when that parent is in force."),
    )
    search = ("code", "name")
    filters = (
        _of_region("pk"),
        filters.on("The day whose parent is shown; without it, now.", lambda rows, day: rows),
        Filter(
            "country",
            "The region that holds this country now.",
            lambda rows, text, viewer: rows.filter(pk=region_tree().on(business_date()).regions_of_countries.get(text)),
            COUNTRY,
        ),
    )
    day_decides = True

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return Region.objects.permitted_to(viewer)

    def columns_for(self, viewer: Any, day: dt.date | None) -> tuple[Column, ...]:
        day = day or business_date()
        code, name, parent, since = self.columns
        return (
            code,
            name,
            Column(parent.name, _link_in_force("parent__code", day), parent.kind),
            Column(since.name, _link_in_force("valid_from", day), since.kind),
        )


class RegionLinks(Collection):
    slug = "region-links"
    noun = "region link"
    about = "Which region stands below which, and when."
    model = RegionLink
    spec = loading.REGION_LINKS
    columns = (
        Column("child_code", "child__code", _CODE, is_key=True, required=True),
        period()[0],
        Column("parent_code", "parent__code", _CODE, required=True),
        period()[1],
    )
    search = ("child__code", "child__name", "parent__code", "parent__name")
    filters = (_of_region("child", "parent"), filters.in_force())

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return RegionLink.objects.filter(child__in=Region.objects.permitted_to(viewer))


class RegionCountries(Collection):
    slug = "region-countries"
    noun = "country of a region"
    about = "Which country belongs to which region, and when. To one at a time."
    model = RegionCountry
    spec = loading.REGION_COUNTRIES
    taken_by = ("country", "valid_from")
    columns = (
        Column("region_code", "region__code", _CODE, is_key=True, required=True),
        Column("country", "country", COUNTRY, is_key=True, required=True),
        *period(),
    )
    search = ("region__code", "region__name", "country")
    filters = (_of_region("region"), filters.country("country"), filters.in_force())

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return RegionCountry.objects.filter(region__in=Region.objects.permitted_to(viewer))


class RegionLeads(Collection):
    slug = "region-leads"
    noun = "region lead"
    about = "Who leads a region, and when. Viewers see themselves only."
    model = RegionLead
    spec = loading.REGION_LEADS
    columns = (
        Column("region_code", "region__code", _CODE, is_key=True, required=True),
        Column("user_email", "user__email", EMAIL, is_key=True, required=True),
        *period(),
    )
    search = ("region__code", "region__name", "user__email", "user__given_name", "user__family_name")
    filters = (_of_region("region"), filters.in_force())

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        rows = RegionLead.objects.all()
        is_plain_viewer = viewer.access == Access.VIEWER and not viewer.is_superuser
        return (
            rows.filter(user=viewer) if is_plain_viewer else rows.filter(region__in=Region.objects.permitted_to(viewer))
        )


COLLECTIONS = (Regions, RegionLinks, RegionCountries, RegionLeads)
__all__ = ["COLLECTIONS", "REGION_NOTE", "in_region", "in_region_by"]
