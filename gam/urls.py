from django.contrib import admin
from django.urls import include, path

from gam.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("sign-in/", include("allauth.urls")),
    path("", include("core.urls")),
    path("", include("workspace.urls")),
    path("jobs/", include("rollups.urls")),
    path("api/v1/", include("gam.api")),
    path("", include("imports.urls")),
    path("", include("imports.comparison_urls")),
    path("", include("workspace.redraw_urls")),
    path("", include("workspace.stage_urls")),
    path("", include("workspace.deal_board_urls")),
    path("", include("workspace.work_urls")),
    path("", include("regions.urls")),
    path("", include("money.urls")),
    path("", include("accounts.people_urls")),
    path("", include("users.urls")),
    path("", include("workspace.account_urls")),
    path("", include("workspace.quota_urls")),
    path("", include("workspace.score_urls")),
    path("", include("workspace.together_urls")),
    path("", include("workspace.forecast_urls")),
    path("", include("coverage.urls")),
    path("", include("coverage.handover_urls")),
    path("", include("coverage.policy_urls")),
    path("", include("pipeline.urls")),
    path("", include("accounts.member_urls")),
    path("", include("coverage.member_urls")),
    path("", include("accounts.table_urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
