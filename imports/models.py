from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from imports.compared import ComparedLine, Comparison  # noqa: F401  models of this room in a file of their own
from imports.querysets import ImportBatchQuerySet


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused: nothing was written")
    FAILED = "failed", _("Failed: nothing was written")


class ImportBatch(models.Model):
    """Files that were loaded together, all or nothing. `by` is null for the console's operator."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), related_name="+", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    is_upload = models.BooleanField(_("uploaded from a page"), default=False)
    dry_run = models.BooleanField(_("dry run"), default=False)
    paths = models.JSONField(_("files"), default=list)
    counts = models.JSONField(
        _("counts"), default=dict, help_text=_("For each file: created, updated, unchanged, rejected.")
    )
    step = models.CharField(_("file under way"), max_length=200, blank=True)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    rows_total = models.PositiveIntegerField(_("rows read"), default=0)
    error_count = models.PositiveIntegerField(_("rejected rows"), default=0)
    message = models.TextField(_("message"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects: ClassVar = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def is_finished(self) -> bool:
        return self.state not in (State.QUEUED, State.RUNNING)


class RowError(models.Model):
    """Why a row of a batch was refused. The first thousand of a batch are kept; `error_count` says how many there were."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, verbose_name=_("import"), related_name="errors")
    file = models.CharField(_("file"), max_length=300)
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        indexes: ClassVar = [models.Index(fields=["batch", "file", "line"], name="imports_rowerror_in_order")]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.reason}"
