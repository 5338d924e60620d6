"""The customer's way to a purchase, as administrators write it down, and what a deal has to show on it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BuyingRole
from core import history
from pipeline.querysets import DealPartQuerySet


@history.track()
class BuyingStep(models.Model):
    """A step that the customer takes, whatever we call our own stage meanwhile."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("buying step")
        verbose_name_plural = _("buying steps")

    def __str__(self) -> str:
        return self.name


@history.track()
class ExitCriterion(models.Model):
    """What holds of a deal that may leave its stage. `is_active` is false for one that deals have met and nobody asks for any more."""

    stage = models.ForeignKey("pipeline.Stage", models.CASCADE, verbose_name=_("stage"), related_name="criteria")
    text = models.CharField(_("text"), max_length=300)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    buying_step = models.ForeignKey(
        BuyingStep, models.PROTECT, verbose_name=_("buying step"), related_name="criteria", null=True, blank=True
    )
    is_required = models.BooleanField(_("required"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")

    def __str__(self) -> str:
        return self.text


@history.track()
class RequiredRole(models.Model):
    """A buying role that a deal has a contact for before it enters a stage, or any stage of a forecast category."""

    stage = models.ForeignKey(
        "pipeline.Stage",
        models.CASCADE,
        verbose_name=_("stage"),
        related_name="required_roles",
        null=True,
        blank=True,
    )
    forecast_category = models.CharField(_("forecast category"), max_length=10, blank=True)
    buying_role = models.CharField(_("buying role"), max_length=20, choices=BuyingRole.choices)

    class Meta:
        verbose_name = _("required contact")
        verbose_name_plural = _("required contacts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stage", "forecast_category", "buying_role"],
                name="pipeline_requiredrole_key",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="pipeline_requiredrole_of_one",
                condition=models.Q(stage__isnull=False, forecast_category="")
                | models.Q(
                    stage__isnull=True, forecast_category__in=("pipeline", "best_case", "commit", "closed", "omitted")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buying_role} for {self.stage_id or self.forecast_category}"


@history.track()
class Tick(models.Model):
    """Somebody says that a deal meets a criterion. Taken back it stays as a record, and another may follow."""

    opportunity = models.ForeignKey(
        "pipeline.Opportunity", models.CASCADE, verbose_name=_("opportunity"), related_name="ticks"
    )
    criterion = models.ForeignKey(ExitCriterion, models.CASCADE, verbose_name=_("exit criterion"), related_name="ticks")
    ticked_at = models.DateTimeField(_("ticked at"))
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("ticked by"), related_name="+", null=True, blank=True
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("taken back by"),
        related_name="+",
        null=True,
        blank=True,
    )

    objects: ClassVar = DealPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("tick")
        verbose_name_plural = _("ticks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["opportunity", "criterion"],
                name="pipeline_tick_stands_once",
                condition=models.Q(taken_back_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} of {self.opportunity_id}"
