from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoverageConfig(AppConfig):
    name = "coverage"
    verbose_name = _("Coverage")

    def ready(self) -> None:
        from accounts.following import goes_with_account, goes_with_its_rows  # models are ready only now
        from accounts.resting import ends_with_unit
        from coverage.handover_models import HandOver, HandOverLine
        from coverage.models import AlignmentScore, Coverage
        from coverage.proposal_models import Proposal, ProposedPost

        for model in (Coverage, HandOver, HandOverLine, Proposal, ProposedPost):
            goes_with_account(model)
        ends_with_unit(Coverage)
        # A score is an account's own past: it waits under the old id for a merge to be taken apart.
        goes_with_its_rows(AlignmentScore)
