"""What deals have to show on the customer's way to a purchase: how long they stand where they are, what is missing, what is met.

Keys are the ids of opportunities. Callers pass deals that the viewer sees; nothing here tells of others.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

from accounts.models import BuyingRole
from pipeline.deal_models import DealContact
from pipeline.journey import StageRule, roles_of_stage
from pipeline.journey_models import ExitCriterion, RequiredRole, Tick
from pipeline.models import Opportunity, Outcome, Stage
from users.models import User

# Changes that stand: what was taken back, and the taking back, say nothing of how long a deal was where.
_STANDING = """(SELECT h.id, h.opportunity_id, h.stage_id, h.changed_at FROM pipeline_stagehistory h
  WHERE h.opportunity_id IN ({deals}) AND h.undoes_id IS NULL
    AND h.id NOT IN (SELECT u.undoes_id FROM pipeline_stagehistory u WHERE u.undoes_id IS NOT NULL))"""

# The last change to another stage, over windows: asked deal by deal it costs the square of their number.
_ENTERED = f"""
WITH standing AS {_STANDING},
changes AS (SELECT *, lag(stage_id) OVER (PARTITION BY opportunity_id ORDER BY changed_at, id) AS before FROM standing),
began AS (SELECT DISTINCT ON (opportunity_id) opportunity_id, stage_id, changed_at FROM changes
           WHERE before IS DISTINCT FROM stage_id ORDER BY opportunity_id, changed_at DESC, id DESC)
SELECT o.id, CASE WHEN b.opportunity_id IS NULL THEN o.created_on::timestamp AT TIME ZONE %s
                  WHEN b.stage_id = o.stage_id THEN b.changed_at END
  FROM pipeline_opportunity o LEFT JOIN began b ON b.opportunity_id = o.id WHERE o.id IN ({{deals}})
"""

_MEDIANS = f"""
WITH standing AS {_STANDING},
changes AS (SELECT *, lag(stage_id) OVER w AS before FROM standing WINDOW w AS (PARTITION BY opportunity_id ORDER BY changed_at, id)),
stays AS (SELECT stage_id, (changed_at AT TIME ZONE %s)::date AS entered,
                 (lead(changed_at) OVER w AT TIME ZONE %s)::date AS left_on
            FROM changes WHERE before IS DISTINCT FROM stage_id
          WINDOW w AS (PARTITION BY opportunity_id ORDER BY changed_at, id))
SELECT stage_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY left_on - entered), count(*)
  FROM stays WHERE left_on IS NOT NULL GROUP BY stage_id
"""


@dataclass(frozen=True)
class Median:
    """The median of the days that deals stayed in a stage, over the `stays` that have ended."""

    days: float
    stays: int


def entered_stage(*, deal_ids: Collection[int]) -> dict[int, dt.datetime | None]:
    """Since when each deal is in its present stage without a break. Without any history since it was created; None: unknown."""
    if not deal_ids:
        return {}
    ids = list(deal_ids)
    with connection.cursor() as cursor:
        cursor.execute(_ENTERED.format(deals="SELECT unnest(%s::bigint[])"), [ids, settings.TIME_ZONE, ids])
        return dict(cursor.fetchall())


def days_in_stage(*, deal_ids: Collection[int], on: dt.date) -> dict[int, int | None]:
    """Whole days that each deal is in its present stage on the business date; None: unknown."""
    return {pk: None if at is None else days_between(at, on) for pk, at in entered_stage(deal_ids=deal_ids).items()}


def days_between(at: dt.datetime, on: dt.date) -> int:
    """Days from an instant to a business date, as the organisation's calendar counts them; never less than 0."""
    return max(0, (on - _day(at)).days)


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at, timezone.get_default_timezone())


def stage_medians(*, viewer: User) -> dict[str, Median]:
    """By stage, over the history of all deals that `viewer` sees. A stage that no deal has left yet is absent."""
    try:
        seen, params = Opportunity.objects.visible_to(viewer).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    # As one array: the planner, who knows little of what a reader sees, would else ask for every entry anew.
    return _medians(f"SELECT unnest(ARRAY({seen}))", params)


def all_stage_medians() -> dict[str, Median]:
    """The same over the history of every deal: for what is computed at night, whoever will read it."""
    return _medians("SELECT id FROM pipeline_opportunity", ())


def _medians(deals: str, params: Collection[Any]) -> dict[str, Median]:
    with connection.cursor() as cursor:
        cursor.execute(_MEDIANS.format(deals=deals), [*params, settings.TIME_ZONE, settings.TIME_ZONE])
        return {stage: Median(float(days), stays) for stage, days, stays in cursor.fetchall()}


@dataclass(frozen=True)
class Rules:
    """What all stages ask, by code; `by_category` are the roles that every stage of a forecast category asks for."""

    stages: Mapping[str, StageRule]
    by_category: Mapping[str, frozenset[str]]


def journey_rules() -> Rules:
    """The administrator's rules as they stand, in three statements."""
    criteria: dict[str, list[int]] = defaultdict(list)
    required = ExitCriterion.objects.filter(is_active=True, is_required=True).order_by("position", "pk")
    for stage, pk in required.values_list("stage_id", "pk"):
        criteria[stage].append(pk)
    roles: dict[str, set[str]] = defaultdict(set)
    by_category: dict[str, set[str]] = defaultdict(set)
    for stage, category, role in RequiredRole.objects.values_list("stage_id", "forecast_category", "buying_role"):
        (by_category[category] if category else roles[stage]).add(role)
    stages = {
        stage.code: StageRule(
            stage.code,
            stage.position,
            stage.outcome,
            stage.forecast_category,
            stage.is_active,
            frozenset(roles[stage.code]),
            tuple(criteria[stage.code]),
        )
        for stage in Stage.objects.order_by("position", "code")
    }
    return Rules(stages, {category: frozenset(found) for category, found in by_category.items()})


def roles_held(*, deal_ids: Collection[int]) -> dict[int, set[str]]:
    """The buying roles that each deal has a contact for; a deal without contacts is absent."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = DealContact.objects.filter(opportunity__in=deal_ids)
    for deal, role in rows.values_list("opportunity_id", "buying_role"):
        found[deal].add(role)
    return found


def missing_roles(*, deals: Collection[Opportunity], rules: Rules | None = None) -> dict[int, list[str]]:
    """The buying roles that the stage of each open deal, or its forecast category, asks for and that it has no contact for.

    In the order of `BuyingRole`; a deal that lacks nothing is absent.
    """
    rules = rules or journey_rules()
    held = roles_held(deal_ids=[deal.pk for deal in deals])
    found = {}
    for deal in deals:
        rule = rules.stages.get(deal.stage_id)
        if rule is None or rule.outcome != Outcome.OPEN:
            continue
        lacking = roles_of_stage(rule, deal.forecast_category, rules.by_category) - held.get(deal.pk, set())
        if lacking:
            found[deal.pk] = in_order(lacking)
    return found


def in_order(roles: Collection[str]) -> list[str]:
    """Buying roles as lists show them."""
    return [role for role in BuyingRole.values if role in roles]


def unmet_criteria(*, deals: Collection[Opportunity]) -> dict[int, list[ExitCriterion]]:
    """The required criteria of its stage that each open deal does not meet, in their order; none: the deal is absent."""
    stages = {deal.stage_id for deal in deals}
    asked: dict[str, list[ExitCriterion]] = defaultdict(list)
    rows = ExitCriterion.objects.filter(is_active=True, is_required=True, stage__in=stages, stage__outcome=Outcome.OPEN)
    for criterion in rows.order_by("position", "pk"):
        asked[criterion.stage_id].append(criterion)
    met = set(_met(deal_ids=[deal.pk for deal in deals]))
    found = {}
    for deal in deals:
        left = [one for one in asked[deal.stage_id] if (deal.pk, one.pk) not in met]
        if left:
            found[deal.pk] = left
    return found


def _met(*, deal_ids: Collection[int]) -> Any:
    ticks = Tick.objects.filter(opportunity__in=deal_ids, taken_back_at__isnull=True)
    return ticks.values_list("opportunity_id", "criterion_id")


@dataclass(frozen=True)
class Check:
    """A criterion with what was said of this deal: `tick` stands, or is the last one that was taken back, or None."""

    criterion: ExitCriterion
    tick: Tick | None

    @property
    def is_met(self) -> bool:
        return self.tick is not None and self.tick.taken_back_at is None


@dataclass(frozen=True)
class CheckGroup:
    """Criteria of one step of the buyer; `step` is empty for those without."""

    step: str
    checks: list[Check]


def checklist(*, deal: Opportunity, stage: str) -> list[CheckGroup]:
    """The criteria of a stage with the deal's ticks, by the buyer's steps in their order; criteria without a step come last.

    One that is asked for no more is there only where the deal has met it.
    """
    rows = ExitCriterion.objects.filter(stage=stage).select_related("buying_step").order_by("position", "pk")
    last: dict[int, Tick] = {}
    ticks = Tick.objects.filter(opportunity=deal, criterion__stage=stage).select_related("ticked_by", "taken_back_by")
    for tick in ticks.order_by("ticked_at", "pk"):
        last[tick.criterion_id] = tick
    checks = [Check(criterion, last.get(criterion.pk)) for criterion in rows]
    shown = [check for check in checks if check.criterion.is_active or check.is_met]
    groups: dict[tuple[int, str], CheckGroup] = {}
    for check in shown:
        step = check.criterion.buying_step
        place = (step.position, step.pk) if step else (99_999, "")
        groups.setdefault(place, CheckGroup(step.name if step else "", [])).checks.append(check)
    return [groups[place] for place in sorted(groups)]


@dataclass(frozen=True)
class Stay:
    """A stretch of time in one stage; `until` is None for the present one. `reason` is why it was left as it was entered."""

    stage: Stage
    since: dt.datetime
    until: dt.datetime | None
    days: int
    reason: str = ""
    by: str = ""


def stays(*, deal: Opportunity, on: dt.date) -> list[Stay]:
    """The deal's way through the stages, the first first; changes that were taken back are left out."""
    rows = deal.stage_history.filter(undoes__isnull=True, undone_by__isnull=True)
    found: list[Stay] = []
    for change in rows.select_related("stage", "changed_by").order_by("changed_at", "pk"):
        if found and found[-1].stage.pk == change.stage_id:
            continue
        if found:
            days = days_between(found[-1].since, _day(change.changed_at))
            found[-1] = replace(found[-1], until=change.changed_at, days=days)
        days = days_between(change.changed_at, on)
        found.append(Stay(change.stage, change.changed_at, None, days, change.reason, str(change.changed_by or "")))
    return found
