"""What people say of a forecast, apart from what is computed: adjustments, submissions and locks of a node in a period.

Every row is only added to. The latest of a node, period and category is in force; taking something back is another row.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ForecastScope(models.TextChoices):
    """What kind of node: a region with all below it, a member's line, or everything."""

    REGION = "region", _("Region")
    MEMBER = "member", _("Member")
    WORLD = "world", _("World")


class AdjustedCategory(models.TextChoices):
    COMMIT = "commit", _("Commit")
    BEST_CASE = "best_case", _("Best case")
    PIPELINE = "pipeline", _("Pipeline")


def only_added_to() -> list[pgtrigger.Trigger]:
    """The database refuses to change or delete a row, whoever asks."""
    return [pgtrigger.Protect(name="only_added_to", operation=pgtrigger.Update | pgtrigger.Delete)]


class ForecastNodeRow(models.Model):
    """A node in a period: months `first` to `last` (core.months), both inclusive. Abstract: it makes no table."""

    scope = models.CharField(_("kind of node"), max_length=6, choices=ForecastScope.choices)
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, verbose_name=_("region"), related_name="+", null=True, blank=True
    )
    member = models.ForeignKey(
        "teams.Member", models.PROTECT, verbose_name=_("member"), related_name="+", null=True, blank=True
    )
    first = models.SmallIntegerField(_("first month"))
    last = models.SmallIntegerField(_("last month"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True


def _node_constraints(name: str) -> list[models.BaseConstraint]:
    def only(scope: str, *, region: bool, member: bool) -> models.Q:
        return models.Q(scope=scope, region__isnull=not region, member__isnull=not member)

    named = only("region", region=True, member=False) | only("member", region=False, member=True)
    return [
        models.CheckConstraint(name=f"{name}_node", condition=named | only("world", region=False, member=False)),
        models.CheckConstraint(name=f"{name}_period", condition=models.Q(first__lte=models.F("last"))),
    ]


def _node_index(name: str) -> list[models.Index]:
    return [models.Index(fields=["first", "last", "-id"], name=name)]


class ForecastAdjustment(ForecastNodeRow):
    """A manager's own figure of one category, in place of the computed one; an empty amount takes back the one before.

    `against` is the computed figure in the same currency when it was made; `basis` the native sums of the node and of its
    parts then, by which it is found stale whatever rates do since.
    """

    category = models.CharField(_("forecast category"), max_length=10, choices=AdjustedCategory.choices)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.ForeignKey("money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+")
    against = models.DecimalField(_("computed then"), max_digits=24, decimal_places=4)
    basis = models.JSONField(_("native sums then"), default=dict)

    class Meta:
        verbose_name = _("forecast adjustment")
        verbose_name_plural = _("forecast adjustments")
        triggers: ClassVar = only_added_to()
        constraints: ClassVar = _node_constraints("pipeline_adjustment")
        indexes: ClassVar = _node_index("pipeline_adjustment_period")

    def __str__(self) -> str:
        return f"{self.scope} {self.category} {self.amount}"


class ForecastSubmission(ForecastNodeRow):
    """A node's forecast as its lead handed it in; its rows are the figures as they stood then."""

    class Meta:
        verbose_name = _("submitted forecast")
        verbose_name_plural = _("submitted forecasts")
        triggers: ClassVar = only_added_to()
        constraints: ClassVar = _node_constraints("pipeline_submission")
        indexes: ClassVar = _node_index("pipeline_submission_period")

    def __str__(self) -> str:
        return f"{self.scope} {self.first} {self.at}"


class SubmittedFigure(models.Model):
    """One category of a submitted forecast. `source`: computed, adjusted below or adjusted here."""

    submission = models.ForeignKey(ForecastSubmission, models.PROTECT, related_name="figures")
    category = models.CharField(_("forecast category"), max_length=10)
    computed = models.DecimalField(_("computed"), max_digits=24, decimal_places=4)
    forecast = models.DecimalField(_("forecast"), max_digits=24, decimal_places=4)
    currency = models.ForeignKey("money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+")
    source = models.CharField(_("origin"), max_length=10)

    class Meta:
        verbose_name = _("submitted figure")
        verbose_name_plural = _("submitted figures")
        triggers: ClassVar = only_added_to()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "category"], name="pipeline_submitted_key")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.category} {self.forecast}"


class ForecastLock(ForecastNodeRow):
    """A node's period is locked, or unlocked again: with it everything below it, and shorter periods within it."""

    is_locked = models.BooleanField(_("locked"))

    class Meta:
        verbose_name = _("forecast lock")
        verbose_name_plural = _("forecast locks")
        triggers: ClassVar = only_added_to()
        constraints: ClassVar = _node_constraints("pipeline_lock")
        indexes: ClassVar = _node_index("pipeline_lock_period")

    def __str__(self) -> str:
        return f"{self.scope} {self.first} {'locked' if self.is_locked else 'unlocked'}"


def in_node(rows: Any, scope: str, pk: int | None) -> Any:
    """Rows about one node."""
    return rows.filter(scope=scope, **({} if scope == "world" else {f"{scope}_id": pk}))
