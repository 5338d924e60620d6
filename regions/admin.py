from __future__ import annotations

from regions.models import Region, RegionCountry, RegionLead, RegionLink
from users.admin_pages import register_history
from users.permissions import Permission

for _model in (Region, RegionLink, RegionCountry, RegionLead):
    register_history(_model, Permission.CONFIGURE_REGIONS)
