from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from accounts.following import goes_with_account, goes_with_its_rows  # models are ready only now
        from pipeline import work_journey, work_leads, work_sources
        from pipeline.deal_models import DealContact
        from pipeline.enablement_models import Play, PlayUse
        from pipeline.models import Lead, Opportunity, OpportunityLine

        # Lines before their deals: the database would else let each deal take its own lines along, one by one.
        goes_with_account(OpportunityLine)
        goes_with_account(Opportunity, money=("amount", "currency_id"))
        goes_with_account(DealContact)
        goes_with_account(Lead)
        goes_with_account(Play)
        goes_with_its_rows(PlayUse)
        work_sources.register()
        work_journey.register()
        work_leads.register()
