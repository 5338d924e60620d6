from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from core.periods import DatedQuerySet

if TYPE_CHECKING:
    from regions.models import Region, RegionCountry, RegionLead, RegionLink
    from users.models import User


class RegionQuerySet(models.QuerySet["Region"]):
    def permitted_to(self, viewer: User) -> RegionQuerySet:
        """The region tree is no secret inside the organisation: every user reads it; figures are scoped elsewhere."""
        return self if viewer.is_active else self.none()


class RegionLinkQuerySet(DatedQuerySet["RegionLink"]):
    pass


class RegionCountryQuerySet(DatedQuerySet["RegionCountry"]):
    pass


class RegionLeadQuerySet(DatedQuerySet["RegionLead"]):
    pass
