from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from accounts.access import facts_lie_in  # models are ready only now
        from pipeline.models import Opportunity, OpportunityLine

        facts_lie_in(Opportunity.objects.all)
        facts_lie_in(OpportunityLine.objects.all)
