from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RollupsConfig(AppConfig):
    name = "rollups"
    verbose_name = _("Roll-ups")

    def ready(self) -> None:
        from rollups.account_columns import register  # models are ready only now

        register()
