from django.apps import AppConfig


class RevenueConfig(AppConfig):
    name = "revenue"

    def ready(self) -> None:
        from accounts.access import facts_lie_in  # models are ready only now
        from revenue.models import RevenueEntry

        facts_lie_in(RevenueEntry.objects.all)
