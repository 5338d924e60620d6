from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from core.periods import DatedQuerySet
from users.permissions import Permission

if TYPE_CHECKING:
    from regions.models import CountryCalendar, CountryDay, Region, RegionCountry, RegionDraft, RegionLead, RegionLink
    from users.models import User


class RegionQuerySet(models.QuerySet["Region"]):
    def permitted_to(self, viewer: User) -> RegionQuerySet:
        """The region tree is no secret inside the organisation: every user reads it; figures are scoped elsewhere."""
        return self if viewer.is_active else self.none()


class RegionLinkQuerySet(DatedQuerySet["RegionLink"]):
    pass


class RegionCountryQuerySet(DatedQuerySet["RegionCountry"]):
    pass


class CountryCalendarQuerySet(DatedQuerySet["CountryCalendar"]):
    def permitted_to(self, viewer: User) -> CountryCalendarQuerySet:
        """Working days are no secret inside the organisation."""
        return self if viewer.is_active else self.none()


class CountryDayQuerySet(models.QuerySet["CountryDay"]):
    def permitted_to(self, viewer: User) -> CountryDayQuerySet:
        """Working days are no secret inside the organisation."""
        return self if viewer.is_active else self.none()


class RegionLeadQuerySet(DatedQuerySet["RegionLead"]):
    pass


class RegionDraftQuerySet(models.QuerySet["RegionDraft"]):
    def permitted_to(self, viewer: User) -> RegionDraftQuerySet:
        """An open draft is its author's; what was carried out is known to all who may configure regions."""
        if not viewer.may(Permission.CONFIGURE_REGIONS):
            return self.none()
        return self.exclude(~models.Q(author=viewer), state="open")
