"""Every figure that pages, the API and exports read. Keyword-only, the viewer first; answers are frozen rows.

Codes that name nothing the viewer may see raise Http404. Regions are no secret: their figures hold what she may see.
"""

from __future__ import annotations

from rollups.account_figures import account_figures, account_regions, accounts_list, org_unit_figures
from rollups.bridge_figures import account_bridge, country_bridge, org_unit_bridge, region_bridge, world_bridge
from rollups.check_line import check_line
from rollups.forecast_accuracy import accuracy
from rollups.forecast_flows import forecast_scope, member_flow, region_flow, snapshot_at, snapshots, usual_moments
from rollups.forecast_listing import forecast_lines
from rollups.forecast_past import said_of_member, said_of_region
from rollups.forecasts import against, managers_above, member_forecast, region_forecast
from rollups.jobs import failed_run, job_health
from rollups.member_figures import member_figures, members_list, visible_member
from rollups.proof_figures import proof
from rollups.redrawn import facts_in, figures_under
from rollups.region_accounts import region_accounts
from rollups.region_figures import country_figures, region_figures, regions_list, world_figures
from rollups.stamps import freshness, stamp
from rollups.troubles import trouble
from rollups.unpriced import unpriced_facts

__all__ = [
    "account_bridge",
    "account_figures",
    "account_regions",
    "accounts_list",
    "accuracy",
    "against",
    "check_line",
    "country_bridge",
    "country_figures",
    "facts_in",
    "failed_run",
    "figures_under",
    "forecast_lines",
    "forecast_scope",
    "freshness",
    "job_health",
    "managers_above",
    "member_figures",
    "member_flow",
    "member_forecast",
    "members_list",
    "org_unit_bridge",
    "org_unit_figures",
    "proof",
    "region_accounts",
    "region_bridge",
    "region_figures",
    "region_flow",
    "region_forecast",
    "regions_list",
    "said_of_member",
    "said_of_region",
    "snapshot_at",
    "snapshots",
    "stamp",
    "trouble",
    "unpriced_facts",
    "usual_moments",
    "visible_member",
    "world_bridge",
    "world_figures",
]
