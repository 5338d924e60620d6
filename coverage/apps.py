from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "coverage"
    verbose_name = _("Coverage")

    def ready(self) -> None:
        from accounts.following import goes_with_account  # models are ready only now
        from coverage.handover_models import HandOver, HandOverLine
        from coverage.models import Coverage

        goes_with_account(Coverage)
        goes_with_account(HandOver)
        goes_with_account(HandOverLine)
