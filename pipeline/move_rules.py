"""What a move to another stage asks of a deal before a page carries it out.

Files and the API write stages as they are; what is missing then is shown on the deal.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import BuyingRole
from core.errors import DomainError
from pipeline.journey import criteria_asked, roles_asked
from pipeline.journey_models import ExitCriterion, Tick
from pipeline.journey_queries import in_order, journey_rules, roles_held
from pipeline.models import Opportunity, Stage, StageHistory


class ContactsMissing(DomainError):
    """The deal has no contact in a role that the stage asks for. Nothing was written."""


class CriteriaUnmet(DomainError):
    """Required criteria are not met and nobody said why. `criteria` are their texts. Nothing was written."""

    def __init__(self, criteria: list[str]) -> None:
        text = _("Not met yet: %(criteria)s. Say why the opportunity goes on all the same.")
        super().__init__(text % {"criteria": "; ".join(criteria)}, field="reason")
        self.criteria = criteria


def ask_of_move(deal: Opportunity, stage: Stage, *, reason: str = "") -> None:
    """Refuse a move that lacks something. ContactsMissing; CriteriaUnmet unless there is a reason; DomainError for a closed
    stage."""
    if not stage.is_active:
        raise DomainError(_("“%(stage)s” is closed. Choose another stage.") % {"stage": stage}, field="stage")
    rules = journey_rules()
    here, there = rules.stages[deal.stage_id], rules.stages[stage.pk]
    asked = roles_asked(rules.stages, here, there, rules.by_category)
    lacking = asked - roles_held(deal_ids=[deal.pk]).get(deal.pk, set())
    if lacking:
        roles = ", ".join(str(BuyingRole(role).label) for role in in_order(lacking))
        text = _(
            "Before “%(stage)s” this opportunity needs a contact as: %(roles)s. Add one under “Contacts in the purchase”."
        )
        raise ContactsMissing(text % {"stage": stage, "roles": roles}, field="stage")
    left = unmet_on_the_way(deal, criteria_asked(rules.stages, here, there))
    if left and not reason.strip():
        raise CriteriaUnmet(left)


def unmet_on_the_way(deal: Opportunity, criteria: list[int]) -> list[str]:
    """The texts of those criteria (ids) that the deal does not meet."""
    met = Tick.objects.filter(opportunity=deal, taken_back_at=None).values("criterion")
    rows = ExitCriterion.objects.filter(pk__in=criteria).exclude(pk__in=met)
    return list(rows.order_by("stage__position", "position", "pk").values_list("text", flat=True))


def keep_reason(pk: int, stage: Stage, reason: str) -> None:
    """Write into the history why a deal went on: into the change that was just made."""
    if reason.strip():
        rows = StageHistory.objects.filter(opportunity_id=pk, stage=stage).order_by("-changed_at", "-pk")
        StageHistory.objects.filter(pk__in=rows.values("pk")[:1]).update(reason=reason.strip())
