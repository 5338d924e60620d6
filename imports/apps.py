from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from accounts.following import goes_with_account, goes_with_its_rows  # models are ready only now
        from imports.compared import ComparedLine, Comparison

        goes_with_account(Comparison)
        goes_with_its_rows(ComparedLine)
