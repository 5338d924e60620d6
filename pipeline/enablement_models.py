"""Sales enablement: plays, references and content that are offered on deals, and what people did with them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField

from accounts.models import BuyingRole
from core import history
from core.periods import Dated, period_in_order
from pipeline.enablement_querysets import PlayDismissalQuerySet, PlayQuerySet, PlayUseQuerySet

STANDS = models.Q(taken_back_at__isnull=True)


class PlayKind(models.TextChoices):
    """A play is a way to proceed, a reference a customer who can be named, content something to show or send."""

    PLAY = "play", pgettext_lazy("one kind of play", "Play")
    REFERENCE = "reference", _("Reference")
    CONTENT = "content", _("Content")


def _words(name: Any, length: int) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=length), verbose_name=name, default=list, blank=True)


@history.track()
class Play(Dated):
    """A play, a reference or a piece of content. What is left empty fits any deal.

    `account` is the customer that a reference speaks of; only a released one may be named to those who don't see it.
    `languages` are plain codes (`de`); `text` is plain text. A region means its countries as of today.
    """

    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=9, choices=PlayKind.choices)
    title = models.CharField(_("title"), max_length=200)
    purpose = models.CharField(_("what it is for"), max_length=300, blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    languages = _words(_("languages"), 3)
    buying_roles = _words(_("buying roles"), 20)
    stages = models.ManyToManyField(
        "pipeline.Stage", through="pipeline.PlayStage", verbose_name=_("stages"), related_name="plays"
    )
    product = models.ForeignKey(
        "revenue.Product", models.PROTECT, verbose_name=_("product"), related_name="+", null=True, blank=True
    )
    country = CountryField(_("country"), blank=True)
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, verbose_name=_("region"), related_name="+", null=True, blank=True
    )
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, verbose_name=_("customer"), related_name="references", null=True, blank=True
    )
    is_released = models.BooleanField(_("may be named to others"), default=False)
    owner = models.ForeignKey(
        "teams.Member", models.SET_NULL, verbose_name=_("owner"), related_name="+", null=True, blank=True
    )

    objects: ClassVar = PlayQuerySet.as_manager()

    class Meta:
        verbose_name = _("play")
        verbose_name_plural = _("plays")
        constraints: ClassVar = [
            period_in_order("pipeline_play_period"),
            models.CheckConstraint(
                name="pipeline_play_link",
                condition=models.Q(link="") | models.Q(link__regex=r"^https://[^[:space:]]+$"),
            ),
            models.CheckConstraint(name="pipeline_play_says_something", condition=~models.Q(link="", text="")),
            models.CheckConstraint(
                name="pipeline_play_reference",
                condition=models.Q(kind="reference", account__isnull=False)
                | (~models.Q(kind="reference") & models.Q(account__isnull=True, is_released=False)),
            ),
            models.CheckConstraint(
                name="pipeline_play_one_place", condition=models.Q(country="") | models.Q(region__isnull=True)
            ),
            models.CheckConstraint(
                name="pipeline_play_roles", condition=models.Q(buying_roles__contained_by=BuyingRole.values)
            ),
        ]

    def __str__(self) -> str:
        return self.title


@history.track()
class PlayStage(models.Model):
    """A stage that a play is for. Without any it is for every stage."""

    play = models.ForeignKey(Play, models.CASCADE, related_name="play_stages")
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, verbose_name=_("stage"), related_name="+")

    class Meta:
        verbose_name = _("stage of a play")
        verbose_name_plural = _("stages of plays")
        constraints: ClassVar = [models.UniqueConstraint(fields=["play", "stage"], name="pipeline_playstage_key")]

    def __str__(self) -> str:
        return f"{self.play_id} at {self.stage_id}"


class _Noted(models.Model):
    """Somebody said something of a play on a deal; taken back it stays as a record, and counts no more."""

    opportunity = models.ForeignKey(
        "pipeline.Opportunity", models.CASCADE, verbose_name=_("opportunity"), related_name="+", db_index=False
    )
    play = models.ForeignKey(Play, models.PROTECT, verbose_name=_("play"), related_name="+")
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("noted by"), related_name="+", null=True, blank=True
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("taken back by"),
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True


@history.track()
class PlayUse(_Noted):
    """A play was used on a deal: on which business day, at which stage, by whom of us, and for whom at the customer.

    `buying_role` and `language` are what it was chosen for then; empty is unknown.
    """

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, verbose_name=_("stage"), related_name="+")
    used_on = models.DateField(_("used on"))
    member = models.ForeignKey(
        "teams.Member", models.PROTECT, verbose_name=_("member"), related_name="+", null=True, blank=True
    )
    contact = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, verbose_name=_("contact"), related_name="+", null=True, blank=True
    )
    buying_role = models.CharField(_("buying role"), max_length=20, choices=BuyingRole.choices, blank=True)
    language = models.CharField(_("language"), max_length=3, blank=True)

    objects: ClassVar = PlayUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a play")
        verbose_name_plural = _("uses of plays")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["opportunity", "play", "stage", "contact"],
                name="pipeline_playuse_stands_once",
                condition=STANDS,
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.play_id} on {self.opportunity_id}"


@history.track()
class PlayDismissal(_Noted):
    """A play is not useful on a deal, and why: it is offered there no more."""

    reason = models.CharField(_("reason"), max_length=300)

    objects: ClassVar = PlayDismissalQuerySet.as_manager()

    class Meta:
        verbose_name = _("dismissal of a play")
        verbose_name_plural = _("dismissals of plays")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["opportunity", "play"], name="pipeline_playdismissal_stands_once", condition=STANDS
            ),
            models.CheckConstraint(name="pipeline_playdismissal_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"not {self.play_id} on {self.opportunity_id}"
