from __future__ import annotations

from regions.models import CountryCalendar, CountryDay, Region, RegionCountry, RegionLead, RegionLink
from users.admin_pages import register_history
from users.permissions import Permission

for _model in (Region, RegionLink, RegionCountry, RegionLead, CountryCalendar, CountryDay):
    register_history(_model, Permission.CONFIGURE_REGIONS)
