"""Accounts that became part of another: what was merged into what, by whom and why, and every row that moved.

Accounts are named by plain numbers here, not by foreign keys: one of the two is gone while the merge stands.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history


@history.track()
class AccountMerge(models.Model):
    """`gone` was merged into `into`; `leads_to_id` is where it is found today, after further merges."""

    gone_id = models.BigIntegerField()
    gone_code = models.CharField(_("code"), max_length=60)
    gone_name = models.CharField(_("name"), max_length=300)
    into_id = models.BigIntegerField()
    into_name = models.CharField(_("merged into"), max_length=300)
    leads_to_id = models.BigIntegerField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("merged by"), related_name="+", null=True
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("undone by"), related_name="+", null=True
    )

    class Meta:
        verbose_name = _("merged account")
        verbose_name_plural = _("merged accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gone_code"],
                name="accounts_merge_code",
                condition=models.Q(undone_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["gone_id"], name="accounts_merge_gone", condition=models.Q(undone_at__isnull=True)
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["leads_to_id"], name="accounts_merge_leads", condition=models.Q(undone_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone_code} → {self.into_name}"


class MovedRows(models.Model):
    """What a merge did to one table, so that it can be undone: which rows moved, were left out, changed or added.

    `was` and `became` hold whole rows, of the few that did more than change their account.
    """

    class Deed(models.TextChoices):
        MOVED = "moved"
        LEFT_OUT = "left_out"
        CHANGED = "changed"
        ADDED = "added"

    merge = models.ForeignKey(AccountMerge, models.CASCADE, related_name="rows")
    table_name = models.CharField(max_length=100)
    deed = models.CharField(max_length=10, choices=Deed.choices)
    ids = ArrayField(models.BigIntegerField(), default=list)
    was = models.JSONField(default=list)
    became = models.JSONField(default=list)

    class Meta:
        verbose_name = _("rows of a merge")
        verbose_name_plural = _("rows of merges")

    def __str__(self) -> str:
        return f"{self.merge_id} {self.table_name} {self.deed}"
