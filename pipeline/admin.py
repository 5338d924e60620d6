from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from pipeline.enablement_models import Play, PlayDismissal, PlayUse
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, Stage
from users.admin_pages import TableAdmin, register_history
from users.permissions import Permission


@admin.register(Stage)
class StageAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_PIPELINE
    list_display = ("code", "name", "position", "probability", "forecast_category", "outcome")
    ordering = ("position", "code")


register_history(Stage, Permission.CONFIGURE_PIPELINE)
register_history(Play, Permission.CONFIGURE_PIPELINE)
# Deals are customers' money.
for _model in (Opportunity, OpportunityLine, OpportunitySplit, PlayUse, PlayDismissal):
    register_history(_model, Permission.SEE_ALL_FIGURES)
