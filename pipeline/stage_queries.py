"""Stages as administrators keep them: each with what it asks for and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from accounts.models import BuyingRole
from core.uses import uses_of
from money.amounts import trimmed
from pipeline.journey_models import BuyingStep, ExitCriterion, RequiredRole
from pipeline.journey_queries import in_order
from pipeline.models import ForecastCategory, Opportunity, Stage


@dataclass(frozen=True)
class StageRow:
    """A stage; `uses` say what keeps it from being deleted, `roles` are those that it asks for itself."""

    stage: Stage
    criteria: int
    roles: list[str]
    roles_of_category: list[str]
    uses: dict[str, int] = field(default_factory=dict)

    @property
    def may_delete(self) -> bool:
        return not self.uses

    @property
    def deals(self) -> int:
        """How many deals are in it."""
        return self.uses.get(str(Opportunity._meta.verbose_name_plural), 0)

    @property
    def chance(self) -> Decimal:
        return trimmed(self.stage.probability, 0)

    @property
    def role_names(self) -> list[Any]:
        """Everybody that a deal needs for it, the category's included."""
        return [BuyingRole(role).label for role in in_order({*self.roles, *self.roles_of_category})]

    @property
    def names_of_category(self) -> list[Any]:
        return [BuyingRole(role).label for role in self.roles_of_category]


# What goes with a stage: it keeps none from being deleted.
_OWN = (ExitCriterion, RequiredRole)


def stage_rows() -> list[StageRow]:
    """All stages in their order. Who may configure them asks; nothing of a customer is told but how many deals there are."""
    own = {str(model._meta.verbose_name_plural) for model in _OWN}
    uses = uses_of(Stage)
    roles, by_category = required_roles()
    criteria = Count("criteria", filter=Q(criteria__is_active=True))
    stages = Stage.objects.select_related("buying_step").annotate(asked=criteria).order_by("position", "code")
    return [
        StageRow(
            stage,
            stage.asked,
            in_order(roles.get(stage.pk, set())),
            in_order(by_category.get(stage.forecast_category, set())),
            {name: count for name, count in uses.get(stage.pk, {}).items() if name not in own},
        )
        for stage in stages
    ]


def required_roles() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Buying roles by stage, and by forecast category."""
    by_stage: dict[str, set[str]] = {}
    by_category: dict[str, set[str]] = {}
    for stage, category, role in RequiredRole.objects.values_list("stage_id", "forecast_category", "buying_role"):
        (by_category if category else by_stage).setdefault(category or stage, set()).add(role)
    return by_stage, by_category


@dataclass(frozen=True)
class StageDesk:
    """One stage on its page."""

    row: StageRow
    criteria: list[Any]

    @property
    def stage(self) -> Stage:
        return self.row.stage


def stage_desk(*, code: str) -> StageDesk:
    """Stage.DoesNotExist when there is none."""
    row = next((one for one in stage_rows() if one.stage.pk == code), None)
    if row is None:
        raise Stage.DoesNotExist
    rows = ExitCriterion.objects.filter(stage=code, is_active=True).select_related("buying_step")
    return StageDesk(row, list(rows.annotate(ticked=Count("ticks")).order_by("position", "pk")))


def buying_steps() -> list[tuple[str, str]]:
    """Codes and names of the buyer's steps, in their order."""
    return list(BuyingStep.objects.order_by("position", "code").values_list("code", "name"))


#: The categories that may ask for contacts: what is closed or left out of the forecast asks for nobody.
ASKING = (ForecastCategory.PIPELINE, ForecastCategory.BEST_CASE, ForecastCategory.COMMIT)


def category_roles() -> list[tuple[Any, list[str]]]:
    """Each open forecast category with the roles that all its stages ask for."""
    found = required_roles()[1]
    return [(category, in_order(found.get(category.value, set()))) for category in ASKING]
