from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "pipeline"

    def ready(self) -> None:
        from accounts.access import facts_lie_in  # models are ready only now
        from pipeline.models import Opportunity, OpportunityLine

        facts_lie_in(Opportunity.objects.all)
        facts_lie_in(OpportunityLine.objects.all)
