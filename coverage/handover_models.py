"""Hand-overs: what a member passes on to others from a day on, line by line, with a checklist."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history
from coverage.handover_querysets import HandOverLineQuerySet, HandOverQuerySet


class HandOverState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DONE = "done", _("Carried out")
    CANCELLED = "cancelled", _("Cancelled")


class LineKind(models.TextChoices):
    MEMBERSHIP = "membership", _("Role in the team")
    COVERAGE = "coverage", _("Coverage")
    RELATIONSHIP = "relationship", _("Contact")
    DEAL = "deal", _("Open opportunity")
    LEAD = "lead", _("Open lead")


class LineState(models.TextChoices):
    WAITING = "waiting", _("waits for its day")
    DONE = "done", _("passed on")
    SKIPPED = "skipped", _("left as it is")
    UNDONE = "undone", _("taken back")


@history.track()
class HandOver(models.Model):
    """What `giver` passes on from the day `on`, at one account or (without one) at all.

    Roles and coverage are dated rows, written when it is planned; owners of deals and leads, and relationships, change on
    the day. `moves_splits`: shares of the deals go along; `ends_relationships`: the giver no longer tends the contacts.
    """

    giver = models.ForeignKey("teams.Member", models.PROTECT, verbose_name=_("member"), related_name="hand_overs")
    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="+", null=True, blank=True
    )
    on = models.DateField(_("from the day"))
    moves_splits = models.BooleanField(_("shares of open deals go along"), default=False)
    ends_relationships = models.BooleanField(_("the contacts are no longer tended"), default=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=HandOverState.choices, default=HandOverState.PLANNED)
    created_at = models.DateTimeField(_("planned at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("planned by"), related_name="+", null=True, blank=True
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("settled by"), related_name="+", null=True, blank=True
    )

    objects: ClassVar = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="coverage_handover_settled",
                condition=models.Q(state="planned", settled_at__isnull=True)
                | models.Q(~models.Q(state="planned"), settled_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["on"], name="coverage_handover_due", condition=models.Q(state="planned")),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} hands over on {self.on}"


@history.track()
class HandOverLine(models.Model):
    """One thing that `heir` gets. `row_id` is the giver's row of the kind's table, `heir_row_id` the one written for it.

    `before` is the giver's row as it stood, so that a plan can be cancelled; `words` name it when it is gone.
    """

    hand_over = models.ForeignKey(HandOver, models.CASCADE, verbose_name=_("hand-over"), related_name="lines")
    kind = models.CharField(_("kind"), max_length=12, choices=LineKind.choices)
    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="+", null=True, blank=True
    )
    row_id = models.BigIntegerField()
    heir = models.ForeignKey("teams.Member", models.PROTECT, verbose_name=_("successor"), related_name="inherited")
    heir_row_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    words = models.CharField(_("what"), max_length=400)
    state = models.CharField(_("state"), max_length=10, choices=LineState.choices, default=LineState.WAITING)
    outcome = models.CharField(_("outcome"), max_length=400, blank=True)

    objects: ClassVar = HandOverLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over line")
        verbose_name_plural = _("hand-over lines")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hand_over", "kind", "row_id"], name="coverage_handoverline_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id} to {self.heir_id}"


@history.track()
class HandOverTask(models.Model):
    """A step of the checklist; done when it has a time."""

    hand_over = models.ForeignKey(HandOver, models.CASCADE, verbose_name=_("hand-over"), related_name="tasks")
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("step"), max_length=300)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("done by"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("checklist step")
        verbose_name_plural = _("checklist steps")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hand_over", "position"], name="coverage_handovertask_key"),
        ]

    def __str__(self) -> str:
        return self.text
