"""Restructurings of customers: what was done to a structure, by whom and why, and every row as it stood before and after."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import RestructuringQuerySet


class DeedKind(models.TextChoices):
    MOVE = "move", _("Moved")
    ADD = "add", _("Opened")
    CLOSE = "close", _("Closed")
    SPLIT = "split", _("Split")
    MERGE = "merge", _("Merged")
    DIVEST = "divest", _("Divested")
    RENAME = "rename", _("Renamed")
    SEVERAL = "several", _("Several changes")


class Restructuring(models.Model):
    """One step, carried out as a whole. While every row is still as it left them, it can be taken back as a whole.

    `units` are the ids of the units it touched. `words` say what it did, in the language of who carried it out.
    """

    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="restructurings"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DeedKind.choices)
    structure = models.CharField(_("structure"), max_length=12, blank=True)
    on = models.DateField(_("from the day"))
    words = models.TextField(_("words"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    units = ArrayField(models.BigIntegerField(), default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("made by"), related_name="+", null=True
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("taken back by"), related_name="+", null=True
    )

    objects: ClassVar = RestructuringQuerySet.as_manager()

    class Meta:
        verbose_name = _("restructuring")
        verbose_name_plural = _("restructurings")
        indexes: ClassVar = [models.Index(fields=["account", "-id"], name="accounts_restructuring_last")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.on}"
