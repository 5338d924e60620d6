"""Who and what stands around a deal: the customer's people in it, competitors, and what is done next."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BuyingRole
from core import history
from pipeline.querysets import DealContactQuerySet, DealPartQuerySet


@history.track()
class DealContact(models.Model):
    """A contact of the deal's account in one buying role; somebody with two roles stands there twice.

    `account` is the deal's and the contact's: the database holds the two together by it.
    """

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    opportunity = models.ForeignKey(
        "pipeline.Opportunity", models.CASCADE, verbose_name=_("opportunity"), related_name="deal_contacts"
    )
    contact = models.ForeignKey(
        "accounts.Contact", models.CASCADE, verbose_name=_("contact"), related_name="deal_contacts"
    )
    buying_role = models.CharField(_("buying role"), max_length=20, choices=BuyingRole.choices)

    objects: ClassVar = DealContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact of a deal")
        verbose_name_plural = _("contacts of deals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "contact", "buying_role"], name="pipeline_dealcontact_key"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} as {self.buying_role} in {self.opportunity_id}"


@history.track()
class Competitor(models.Model):
    """Whom we meet at customers, as the administrator names them."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")

    def __str__(self) -> str:
        return self.name


@history.track()
class DealCompetitor(models.Model):
    """A competitor in a deal. `is_incumbent`: the customer buys there today."""

    opportunity = models.ForeignKey(
        "pipeline.Opportunity", models.CASCADE, verbose_name=_("opportunity"), related_name="deal_competitors"
    )
    competitor = models.ForeignKey(
        Competitor, models.PROTECT, verbose_name=_("competitor"), related_name="deal_competitors"
    )
    is_incumbent = models.BooleanField(_("supplies the customer today"), default=False)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects: ClassVar = DealPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("competitor of a deal")
        verbose_name_plural = _("competitors of deals")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "competitor"], name="pipeline_dealcompetitor_key"),
        ]

    def __str__(self) -> str:
        return f"{self.competitor_id} in {self.opportunity_id}"


@history.track()
class NextStep(models.Model):
    """What is done next on a deal, by whom and by when. One is open at a time; those done stay as a record."""

    opportunity = models.ForeignKey(
        "pipeline.Opportunity", models.CASCADE, verbose_name=_("opportunity"), related_name="next_steps"
    )
    text = models.CharField(_("text"), max_length=300)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    member = models.ForeignKey(
        "teams.Member", models.PROTECT, verbose_name=_("member"), related_name="next_steps", null=True, blank=True
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("done by"), related_name="+", null=True, blank=True
    )

    objects: ClassVar = DealPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["opportunity"], name="pipeline_nextstep_one_open", condition=models.Q(done_at__isnull=True)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="pipeline_nextstep_due", condition=models.Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text
