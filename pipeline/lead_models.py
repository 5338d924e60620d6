"""What stands around leads: campaigns, the history of their status, reasons to reject one, and how they are scored."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history
from pipeline.lead_querysets import LeadChangeQuerySet

LONGEST_LIMIT = 60


@history.track()
class Campaign(models.Model):
    """Something that marketing does to find leads, with its days and what it costs, as far as that is known."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("begins on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="pipeline_campaign_days",
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                violation_error_message=_("A campaign must not end before it begins."),
            ),
            models.CheckConstraint(
                name="pipeline_campaign_cost",
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0, currency__isnull=False),
                violation_error_message=_("A cost is not negative and has a currency."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class RejectionReason(models.Model):
    """Why sales sends a lead back."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("rejection reason")
        verbose_name_plural = _("rejection reasons")

    def __str__(self) -> str:
        return self.name


@history.track()
class LeadChange(models.Model):
    """What a lead's status became at an instant, who did it and why. Only added to: the row before it says from what."""

    lead = models.ForeignKey("pipeline.Lead", models.CASCADE, verbose_name=_("lead"), related_name="changes")
    changed_at = models.DateTimeField(_("changed at"))
    status = models.CharField(_("status"), max_length=20)
    reason = models.ForeignKey(
        RejectionReason, models.PROTECT, verbose_name=_("reason"), related_name="changes", null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), related_name="+", null=True, blank=True
    )

    objects: ClassVar = LeadChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a lead")
        verbose_name_plural = _("lead history")
        constraints: ClassVar = [models.UniqueConstraint(fields=["lead", "changed_at"], name="pipeline_leadchange_key")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.status} {self.changed_at}"


@history.track()
class LeadSettings(models.Model):
    """One row: how many working days whoever receives a lead has to accept or reject it."""

    accept_days = models.PositiveSmallIntegerField(
        _("working days to accept"),
        default=2,
        validators=(MinValueValidator(1), MaxValueValidator(LONGEST_LIMIT)),
    )

    class Meta:
        verbose_name = _("lead setting")
        verbose_name_plural = _("lead settings")
        constraints = (
            models.CheckConstraint(name="pipeline_leadsettings_one", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="pipeline_leadsettings_days", condition=models.Q(accept_days__range=(1, LONGEST_LIMIT))
            ),
        )

    def __str__(self) -> str:
        return str(self.accept_days)


class LeadScoring(models.Model):
    """A version of how leads are scored: weights of parts, what a source and a tier are worth (0 to 1). Never changed."""

    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("made by"), related_name="+", null=True, blank=True
    )
    weights = models.JSONField(_("weights"), default=dict)
    sources = models.JSONField(_("sources"), default=dict)
    tiers = models.JSONField(_("tiers"), default=dict)
    recency_days = models.PositiveSmallIntegerField(_("days until an activity counts for nothing"), default=90)

    class Meta:
        verbose_name = _("version of the lead score")
        verbose_name_plural = _("versions of the lead score")
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept_version", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="unchanged_version",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("made_at", "weights", "sources", "tiers", "recency_days"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.made_at}"


class LeadScore(models.Model):
    """What a lead's score was on a day, under the version then in force. A row for each day on which it changed."""

    lead = models.ForeignKey("pipeline.Lead", models.CASCADE, related_name="scores")
    on = models.DateField(_("on"))
    scoring = models.ForeignKey(LeadScoring, models.PROTECT, related_name="+", db_index=False)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=4, null=True, blank=True)
    known_weight = models.DecimalField(_("known weight"), max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = _("score of a lead")
        verbose_name_plural = _("scores of leads")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead", "on"], name="pipeline_leadscore_key"),
            models.CheckConstraint(
                name="pipeline_leadscore_shares",
                condition=(models.Q(score__isnull=True) | models.Q(score__range=(0, 1)))
                & models.Q(known_weight__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.on}"
