"""Keeping the stages: what each is worth, what it asks of a deal, and in which order they stand.

A stage that deals name is closed, never deleted. Every change is one transaction under one lock of the table.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import last_change, removal
from core.errors import DomainError, NotPermitted
from core.staging_rows import RowsRejected, write_rows
from pipeline.journey_models import BuyingStep, ExitCriterion, RequiredRole
from pipeline.loading import STAGES
from pipeline.models import Opportunity, Stage
from users.models import User
from users.permissions import Permission


class StageChanged(DomainError):
    """Somebody else changed the stage after its page was opened. Nothing was written."""


def stage_version(*, code: str) -> int:
    """Grows with every change of the stage."""
    return last_change.version_of(Stage, pgh_obj_id=code)


@transaction.atomic
def add_stage(*, code: str, values: dict[str, Any], by: User) -> None:
    """One more stage, before the first that ends a deal. `values` are the file's columns and `buying_step`, a code or "".

    NotPermitted; DomainError with its field for what can't be.
    """
    stages = _locked(by)
    if any(stage.pk.lower() == code.lower() for stage in stages):
        raise DomainError(_("This code is there already."), field="code")
    with pghistory.context(user=by.pk):
        at = next((n for n, stage in enumerate(stages) if stage.outcome != "open"), len(stages))
        _write({**values, "code": code, "position": at + 1}, by=by)
        added = Stage.objects.get(pk=code)
        _number([*stages[:at], added, *stages[at:]])


@transaction.atomic
def change_stage(*, code: str, values: dict[str, Any], version: int, by: User) -> None:
    """Another name, probability, category, outcome or buying step. `version` is that of `stage_version` when it was read.

    Stage.DoesNotExist, NotPermitted, StageChanged; DomainError when deals hang on the outcome.
    """
    stage = _stage(code, by)
    if stage_version(code=code) != version:
        raise StageChanged(_("Somebody changed this stage after you opened it. Open it again and repeat your change."))
    if values["outcome"] != stage.outcome and Opportunity.objects.filter(stage=stage).exists():
        text = _("Opportunities are in this stage: whether it is open, won or lost stays. Add another stage instead.")
        raise DomainError(text, field="outcome")
    with pghistory.context(user=by.pk):
        _write({**values, "code": code}, by=by)


def _write(values: dict[str, Any], *, by: User) -> None:
    """The columns of the file by the one write path; the buying step is the page's alone."""
    step = values.pop("buying_step", "")
    try:
        write_rows(STAGES, [values], by=by)
    except RowsRejected as error:
        raise DomainError(error.message, field=error.field) from error
    found = BuyingStep.objects.filter(pk=step).first() if step else None
    Stage.objects.filter(pk=values["code"]).exclude(buying_step=found).update(buying_step=found)


@transaction.atomic
def shift_stage(*, code: str, is_up: bool, by: User) -> None:
    """One place up or down in the order; at the end nothing happens. Stage.DoesNotExist, NotPermitted."""
    stages = _locked(by)
    at = next((n for n, stage in enumerate(stages) if stage.pk == code), None)
    if at is None:
        raise Stage.DoesNotExist
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(stages):
        stages[at], stages[to] = stages[to], stages[at]
        with pghistory.context(user=by.pk):
            _number(stages)


def _number(stages: list[Stage]) -> None:
    for position, stage in enumerate(stages, start=1):
        if stage.position != position:
            Stage.objects.filter(pk=stage.pk).update(position=position)


@transaction.atomic
def close_stage(*, code: str, is_active: bool, by: User) -> None:
    """Let no deal be moved there any more, or open it again; deals that are in it stay.

    Stage.DoesNotExist, NotPermitted; DomainError for the last stage in use of its outcome.
    """
    stage = _stage(code, by)
    others = Stage.objects.filter(outcome=stage.outcome, is_active=True).exclude(pk=code)
    if not is_active and not others.exists():
        raise DomainError(_("It is the last stage in use of its kind: deals need one."))
    with pghistory.context(user=by.pk):
        Stage.objects.filter(pk=code).update(is_active=is_active)


@transaction.atomic
def delete_stage(*, code: str, by: User) -> None:
    """Delete a stage that no deal and no history names. InUse, with counts, for another; Stage.DoesNotExist, NotPermitted."""
    stage = _stage(code, by)
    if not Stage.objects.filter(outcome=stage.outcome, is_active=True).exclude(pk=code).exists():
        raise DomainError(_("It is the last stage in use of its kind: deals need one."))
    removal.remove(stage, by=by)


@transaction.atomic
def add_criterion(*, code: str, text: str, buying_step: str, is_required: bool, by: User) -> None:
    """One more criterion for leaving a stage. Stage.DoesNotExist, NotPermitted; DomainError when it says nothing."""
    stage = _stage(code, by)
    if not text.strip():
        raise DomainError(_("Say what has to hold."), field="text")
    last = ExitCriterion.objects.filter(stage=stage).aggregate(last=Max("position"))["last"] or 0
    step = BuyingStep.objects.filter(pk=buying_step).first() if buying_step else stage.buying_step
    with pghistory.context(user=by.pk):
        ExitCriterion.objects.create(
            stage=stage, text=text.strip(), position=last + 1, buying_step=step, is_required=is_required
        )


@transaction.atomic
def change_criterion(*, pk: int, text: str, buying_step: str, is_required: bool, by: User) -> None:
    """Other words, another step, asked for or only shown. ExitCriterion.DoesNotExist, NotPermitted, DomainError."""
    row = _criterion(pk, by)
    if not text.strip():
        raise DomainError(_("Say what has to hold."), field="text")
    row.text, row.is_required = text.strip(), is_required
    row.buying_step = BuyingStep.objects.filter(pk=buying_step).first() if buying_step else None
    with pghistory.context(user=by.pk):
        row.save()


@transaction.atomic
def shift_criterion(*, pk: int, is_up: bool, by: User) -> None:
    """One place up or down within its stage. ExitCriterion.DoesNotExist, NotPermitted."""
    row = _criterion(pk, by)
    rows = list(ExitCriterion.objects.filter(stage=row.stage_id, is_active=True).order_by("position", "pk"))
    at = next(n for n, one in enumerate(rows) if one.pk == pk)
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        with pghistory.context(user=by.pk):
            for position, one in enumerate(rows, start=1):
                if one.position != position:
                    ExitCriterion.objects.filter(pk=one.pk).update(position=position)


@transaction.atomic
def remove_criterion(*, pk: int, by: User) -> None:
    """Ask for it no more. Where deals were ticked it stays as their record. ExitCriterion.DoesNotExist, NotPermitted."""
    row = _criterion(pk, by)
    with pghistory.context(user=by.pk):
        if row.ticks.exists():
            ExitCriterion.objects.filter(pk=pk).update(is_active=False)
        else:
            row.delete()


@transaction.atomic
def set_required_roles(*, roles: Collection[str], stage: str = "", category: str = "", by: User) -> None:
    """Let a stage, or every stage of a forecast category, ask for contacts in exactly these buying roles.

    Stage.DoesNotExist, NotPermitted.
    """
    stages = {one.pk for one in _locked(by)}
    if stage and stage not in stages:
        raise Stage.DoesNotExist
    of: dict[str, Any] = {"stage_id": stage} if stage else {"stage": None, "forecast_category": category}
    with pghistory.context(user=by.pk):
        RequiredRole.objects.filter(**of).exclude(buying_role__in=roles).delete()
        there = set(RequiredRole.objects.filter(**of).values_list("buying_role", flat=True))
        for role in roles:
            if role not in there:
                RequiredRole.objects.create(buying_role=role, **of)


def _locked(by: User) -> list[Stage]:
    """The stages in their order, locked: two who sort at once don't mix their orders."""
    if not by.may(Permission.CONFIGURE_PIPELINE):
        raise NotPermitted(_("You may not change stages."))
    return list(Stage.objects.order_by("position", "code").select_for_update())


def _stage(code: str, by: User) -> Stage:
    found = next((stage for stage in _locked(by) if stage.pk == code), None)
    if found is None:
        raise Stage.DoesNotExist
    return found


def _criterion(pk: int, by: User) -> ExitCriterion:
    _locked(by)
    found: ExitCriterion = ExitCriterion.objects.get(pk=pk, is_active=True)
    return found
