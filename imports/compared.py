"""Newer lists of subsidiaries, compared with an account's tree: what each line is, and what people decided about it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Structure
from imports.querysets import ComparisonQuerySet


class Stage(models.TextChoices):
    MAPPING = "mapping", _("Waiting for its columns")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Under way")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    READY = "ready", _("To decide")
    APPLYING = "applying", _("Being carried out")
    APPLIED = "applied", _("Carried out")
    UNDONE = "undone", _("Taken back")


class Decision(models.TextChoices):
    OPEN = "", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class Comparison(models.Model):
    """A file beside the tree of `structure` as it stands on `on`, the day from which accepted lines hold.

    `mapping` names what each column of the file holds. `is_complete`: units that the file does not name have closed.
    `step` is what carried the accepted lines out; `details_before` what it wrote over, by unit and column.
    """

    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="comparisons"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), related_name="+", null=True, blank=True
    )
    stage = models.CharField(_("state"), max_length=10, choices=Stage.choices, default=Stage.QUEUED)
    structure = models.CharField(_("structure"), max_length=12, choices=Structure.choices, default=Structure.LEGAL)
    on = models.DateField(_("effective from"))
    is_complete = models.BooleanField(_("the list is complete"), default=True)
    file = models.CharField(_("file"), max_length=300)
    content = models.BinaryField(_("what the file holds"))
    header = models.JSONField(_("columns"), default=list)
    mapping = models.JSONField(_("what the columns hold"), default=dict)
    notes = models.JSONField(_("notes"), default=list)
    problems = models.JSONField(_("problems"), default=list)
    problem_count = models.PositiveIntegerField(_("number of problems"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    message = models.TextField(_("message"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("carried out at"), null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("carried out by"),
        related_name="+",
        null=True,
        blank=True,
    )
    step = models.ForeignKey(
        "accounts.Restructuring", models.SET_NULL, verbose_name=_("step"), related_name="+", null=True, blank=True
    )
    details_before = models.JSONField(default=dict)

    objects: ClassVar = ComparisonQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        indexes: ClassVar = [models.Index(fields=["account", "-id"], name="imports_comparison_last")]

    def __str__(self) -> str:
        return f"{self.file} from {self.on}"

    @property
    def is_working(self) -> bool:
        return self.stage in (Stage.QUEUED, Stage.RUNNING, Stage.APPLYING)

    @property
    def is_open(self) -> bool:
        """Whether its lines can be decided."""
        return self.stage == Stage.READY


class ComparedLine(models.Model):
    """A line of the file, or (`number` null) a unit that the file does not name.

    What the file says: `name` to `is_ended`. What it is: `kind` to `changes`, as `reorganisation.Finding` has it. What people
    decided: `choice` (was the unit chosen by hand; `unit` null then means a new one) and `decision`.
    """

    comparison = models.ForeignKey(Comparison, models.CASCADE, verbose_name=_("comparison"), related_name="lines")
    number = models.PositiveIntegerField(_("line"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=300)
    code = models.CharField(_("code"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    place = models.CharField(_("place as written"), max_length=200, blank=True)
    lei = models.CharField(_("LEI"), max_length=20, blank=True)
    registry_id = models.CharField(_("registry id"), max_length=80, blank=True)
    unit_kind = models.CharField(_("kind of unit"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    parent_text = models.CharField(_("parent as written"), max_length=300, blank=True)
    is_ended = models.BooleanField(_("closed by the file"), default=False)
    meant_unit = models.BigIntegerField(null=True, blank=True)
    meant_line = models.PositiveIntegerField(null=True, blank=True)
    candidates = models.JSONField(default=list)
    matched = models.BigIntegerField(null=True, blank=True)
    match_certainty = models.CharField(max_length=10, blank=True)
    kind = models.CharField(_("kind"), max_length=10)
    certainty = models.CharField(_("certainty"), max_length=10)
    is_certain = models.BooleanField(_("certain"), default=False)
    unit = models.ForeignKey(
        "accounts.OrgUnit", models.SET_NULL, verbose_name=_("unit"), related_name="+", null=True, blank=True
    )
    stood = models.BigIntegerField(null=True, blank=True)
    parent_unit = models.BigIntegerField(null=True, blank=True)
    parent_line = models.PositiveIntegerField(null=True, blank=True)
    waits = models.PositiveIntegerField(null=True, blank=True)
    contested = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    has_choice = models.BooleanField(default=False)
    choice = models.BigIntegerField(null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("compared line")
        verbose_name_plural = _("compared lines")
        indexes: ClassVar = [models.Index(fields=["comparison", "kind", "id"], name="imports_comparedline_by_kind")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comparison", "number"], name="imports_comparedline_number"),
            models.CheckConstraint(
                name="imports_comparedline_open_undecided",
                condition=~models.Q(kind="ambiguous", decision="accepted"),
                violation_error_message=_("Choose which unit this line is first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comparison_id}:{self.number or '-'}: {self.name}"
