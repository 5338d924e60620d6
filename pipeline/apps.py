from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from accounts.following import goes_with_account  # models are ready only now
        from pipeline import work_journey, work_sources
        from pipeline.deal_models import DealContact
        from pipeline.models import Lead, Opportunity, OpportunityLine

        # Lines before their deals: the database would else let each deal take its own lines along, one by one.
        goes_with_account(OpportunityLine)
        goes_with_account(Opportunity, money=("amount", "currency_id"))
        goes_with_account(DealContact)
        goes_with_account(Lead)
        work_sources.register()
        work_journey.register()
