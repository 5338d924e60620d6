"""Scores: the weights that an administrator set, version by version, and what each night found."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history
from pipeline.scores import ACCOUNT, MEMBER, OPPORTUNITY


class ScoreKind(models.TextChoices):
    OPPORTUNITY = OPPORTUNITY, _("Opportunity score")
    ACCOUNT = ACCOUNT, _("Account health")
    MEMBER = MEMBER, _("Sales score")


@history.track_deletes()
class ScoreWeights(models.Model):
    """The weights of one kind from a version on: by the code of a part. Only added to; before the first hold those of
    `pipeline.scores.WEIGHTS`, which are version 1."""

    kind = models.CharField(_("kind"), max_length=12, choices=ScoreKind.choices)
    version = models.PositiveIntegerField(_("version"))
    weights = models.JSONField(_("weights"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("made by"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("weights of a score")
        verbose_name_plural = _("weights of scores")
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "version"], name="pipeline_scoreweights_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class KeptScore(models.Model):
    """What a score was on a day, as it was computed at night; nobody edits it.

    `subject` is the id of the opportunity, account or member: a plain column, as of all that is derived. `parts` holds the
    value of each part by its code as text, null where it is unknown; `definition` is what the parts mean
    (`pipeline.scores.DEFINITIONS`), `version` that of the weights.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=ScoreKind.choices)
    subject = models.BigIntegerField(_("subject"))
    on = models.DateField(_("on"))
    value = models.DecimalField(_("score"), max_digits=13, decimal_places=12, null=True)
    known_weight = models.DecimalField(_("known weight"), max_digits=13, decimal_places=12)
    definition = models.PositiveSmallIntegerField(_("definition"))
    version = models.PositiveIntegerField(_("version of the weights"))
    parts = models.JSONField(_("parts"))

    class Meta:
        verbose_name = _("kept score")
        verbose_name_plural = _("kept scores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject", "on"], name="pipeline_keptscore_key"),
            models.CheckConstraint(
                name="pipeline_keptscore_share",
                condition=models.Q(value__isnull=True) | models.Q(value__range=(0, 1)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "on"], name="pipeline_keptscore_on")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.on}"
