"""A proposed assignment of members to empty slots: a job, its outcome, and what of it was accepted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history
from coverage.querysets import ProposalQuerySet


class ProposalState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Step(models.TextChoices):
    """What the worker is at."""

    READING = "reading", _("Reading slots, members and loads")
    SOLVING = "solving", _("Finding the best assignment")


@history.track(exclude=["ground", "outcome"])
class Proposal(models.Model):
    """For an account or a region, meant from the day `on`. Figures are what `by` may see; `is_whole` when that is all.

    `ground` holds a digest of each thing the solver was told; `outcome` the figures: amounts are minor units of `currency`.
    """

    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="proposals", null=True, blank=True
    )
    region = models.ForeignKey(
        "regions.Region", models.CASCADE, verbose_name=_("region"), related_name="+", null=True, blank=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), related_name="+", null=True, blank=True
    )
    on = models.DateField(_("from the day"))
    team_only = models.BooleanField(_("only members of the account's team"), default=False)
    improves = models.BooleanField(_("slots that are covered in part too"), default=False)
    takes_unknown = models.BooleanField(_("members of unknown weekly hours too"), default=False)
    is_whole = models.BooleanField(_("of all figures"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState.choices, default=ProposalState.QUEUED)
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, blank=True)
    message = models.TextField(_("message"), blank=True)
    ground = models.JSONField(_("ground"), default=dict, blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects: ClassVar = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="coverage_proposal_of_one",
                condition=models.Q(account__isnull=True) ^ models.Q(region__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def is_finished(self) -> bool:
        return self.state in (ProposalState.DONE, ProposalState.FAILED)


@history.track()
class ProposedPost(models.Model):
    """One line: a member for a slot. `gain` is in minor units, `load` what the member's hours and accounts become."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, verbose_name=_("proposal"), related_name="posts")
    account = models.ForeignKey("accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="+")
    org_unit = models.ForeignKey("accounts.OrgUnit", models.CASCADE, verbose_name=_("org unit"), related_name="+")
    role = models.ForeignKey("teams.TeamRole", models.CASCADE, verbose_name=_("role"), related_name="+")
    member = models.ForeignKey("teams.Member", models.CASCADE, verbose_name=_("member"), related_name="+")
    fill = models.DecimalField(_("fill"), max_digits=9, decimal_places=8)
    gain = models.DecimalField(_("gain"), max_digits=20, decimal_places=0)
    hours = models.DecimalField(_("hours a week"), max_digits=7, decimal_places=2)
    reasons = models.JSONField(_("reasons"), default=list)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("accepted by"),
        related_name="+",
        null=True,
        blank=True,
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposed coverage")
        verbose_name_plural = _("proposed coverage")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "org_unit", "role"], name="coverage_proposedpost_key"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} for {self.org_unit_id} as {self.role_id}"
