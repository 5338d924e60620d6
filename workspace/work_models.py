"""The rhythm in which a tier's contacts are met, and what readers put off in their work lists."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history

#: Days between two contacts where no rhythm is set for the tier, or the account has none.
USUAL_DAYS: Final = 90
LONGEST_DAYS: Final = 730


@history.track()
class ContactRhythm(models.Model):
    """After how many days without a contact somebody at a customer of this tier counts as gone quiet."""

    tier = models.OneToOneField(
        "accounts.Tier", models.CASCADE, verbose_name=_("tier"), primary_key=True, related_name="rhythm"
    )
    days = models.PositiveSmallIntegerField(
        _("days between contacts"), validators=(MinValueValidator(1), MaxValueValidator(LONGEST_DAYS))
    )

    class Meta:
        verbose_name = _("rhythm of contacts")
        verbose_name_plural = _("rhythms of contacts")
        constraints: ClassVar = [
            models.CheckConstraint(name="workspace_rhythm_days", condition=models.Q(days__range=(1, LONGEST_DAYS))),
        ]

    def __str__(self) -> str:
        return f"{self.tier_id}: {self.days}"


class Snooze(models.Model):
    """One thing that a reader does not want to see in her work list before a day. `source` and `key` name it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="snoozes")
    source = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=120)
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("snoozed item")
        verbose_name_plural = _("snoozed items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "source", "key"], name="workspace_snooze_key"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key} until {self.until}"
