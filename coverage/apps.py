from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "coverage"
    verbose_name = _("Coverage")

    def ready(self) -> None:
        from accounts.following import goes_with_account, goes_with_its_rows  # models are ready only now
        from coverage.handover_models import HandOver, HandOverLine
        from coverage.models import AlignmentScore, Coverage

        goes_with_account(Coverage)
        goes_with_account(HandOver)
        goes_with_account(HandOverLine)
        # A score is an account's own past: it waits under the old id for a merge to be taken apart.
        goes_with_its_rows(AlignmentScore)
