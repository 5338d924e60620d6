from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevenueConfig(AppConfig):
    name = "revenue"
    verbose_name = _("Revenue")

    def ready(self) -> None:
        from accounts.access import facts_lie_in  # models are ready only now
        from core.codes import named_by_code
        from revenue.models import Quota, RevenueEntry

        facts_lie_in(RevenueEntry.objects.all)
        for scope in ("region", "account", "member", "product"):
            named_by_code(scope, Quota.objects.filter(scope=scope).all, "scope_code")
