from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevenueConfig(AppConfig):
    name = "revenue"
    verbose_name = _("Revenue")

    def ready(self) -> None:
        from accounts.following import Clash, Key, goes_with_account  # models are ready only now
        from core.codes import named_by_code
        from revenue.models import Potential, Quota, RevenueEntry

        for scope in ("region", "account", "member", "product"):
            named_by_code(scope, Quota.objects.filter(scope=scope).all, "scope_code")
        goes_with_account(RevenueEntry, money=("amount", "currency_id"))
        goes_with_account(Potential, money=("amount", "currency_id"))
        goes_with_account(
            Quota,
            column="scope_code",
            key=Key.CODE,
            only="r.scope = 'account'",
            clash="t.scope = 'account' AND t.measure = r.measure AND t.period_start < r.period_end"
            " AND r.period_start < t.period_end",
            on_clash=Clash.STAYS,
            is_chosen=True,
        )
