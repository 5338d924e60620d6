"""The e-mail of the day's work: who wants it, and what became of each."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import history


def new_key() -> str:
    return secrets.token_urlsafe(18)


@history.track(exclude=["key"])
class DigestChoice(models.Model):
    """Whether a reader wants the digest, and from which full hour of her own clock on. Without a row she gets none.

    `key` is part of the links by which she stops it without signing in: a new one makes all earlier links void.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), primary_key=True, related_name="digest_choice"
    )
    is_on = models.BooleanField(_("send me the digest"), default=False)
    hour = models.PositiveSmallIntegerField(_("hour"), default=7)
    even_when_empty = models.BooleanField(_("also when nothing waits"), default=False)
    key = models.CharField(max_length=40, default=new_key, editable=False)

    class Meta:
        verbose_name = _("digest choice")
        verbose_name_plural = _("digest choices")
        constraints: ClassVar = [
            models.CheckConstraint(name="workspace_digestchoice_hour", condition=models.Q(hour__range=(0, 23))),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.hour}"


class DigestState(models.TextChoices):
    """`sending` is written before the mail server is spoken to; whoever is found in it later was cut off meanwhile."""

    DUE = "due", pgettext_lazy("a digest", "Due")
    SENDING = "sending", pgettext_lazy("a digest", "Being sent")
    SENT = "sent", pgettext_lazy("a digest", "Sent")
    EMPTY = "empty", pgettext_lazy("a digest", "Nothing waited")
    FAILED = "failed", pgettext_lazy("a digest", "Failed, tried again")
    GIVEN_UP = "given_up", pgettext_lazy("a digest", "Given up")
    UNCLEAR = "unclear", pgettext_lazy("a digest", "Cut off")


class Digest(models.Model):
    """What became of one reader's digest of one of her days: one row, so never two of a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="digests")
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=DigestState.choices, default=DigestState.DUE)
    items = models.PositiveIntegerField(_("items"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    try_at = models.DateTimeField(_("next attempt at"))
    sending_at = models.DateTimeField(_("given to the mail server at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "day"], name="workspace_digest_one_a_day"),
            models.CheckConstraint(
                name="workspace_digest_sent",
                condition=models.Q(state="sent", sent_at__isnull=False)
                | models.Q(~models.Q(state="sent"), sent_at__isnull=True),
            ),
            models.CheckConstraint(
                name="workspace_digest_sending",
                condition=~models.Q(state="sending") | models.Q(sending_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["try_at"], name="workspace_digest_due", condition=models.Q(state__in=["due", "failed"])
            ),
            models.Index(fields=["-day", "id"], name="workspace_digest_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}: {self.state}"
