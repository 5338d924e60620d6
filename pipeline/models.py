from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField

from core import history
from core.months import month_column
from pipeline import triggers
from pipeline.deal_models import Competitor, DealCompetitor, DealContact, NextStep  # noqa: F401  models of this room in a file of their own
from pipeline.enablement_models import Play, PlayDismissal, PlayStage, PlayUse  # noqa: F401  the same
from pipeline.forecast_models import ForecastAdjustment, ForecastLock, ForecastSubmission, SubmittedFigure  # noqa: F401  the same
from pipeline.journey_models import BuyingStep, ExitCriterion, RequiredRole, Tick  # noqa: F401  the same
from pipeline.lead_models import Campaign, LeadChange, LeadScore, LeadScoring, LeadSettings, RejectionReason  # noqa: F401  the same
from pipeline.lead_querysets import LeadQuerySet
from pipeline.querysets import (
    OpportunityLineQuerySet,
    OpportunityQuerySet,
    OpportunitySplitQuerySet,
    StageHistoryQuerySet,
)
from pipeline.score_models import KeptScore, ScoreWeights  # noqa: F401  models of this room in a file of their own


class Outcome(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class ForecastCategory(models.TextChoices):
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")
    OMITTED = "omitted", _("Omitted")


class LeadStatus(models.TextChoices):
    NEW = "new", _("New")
    MARKETING_QUALIFIED = "marketing_qualified", _("Marketing-qualified (MQL)")
    SALES_QUALIFIED = "sales_qualified", _("Sales-qualified (SQL)")
    CONVERTED = "converted", _("Converted")
    REJECTED = "rejected", _("Rejected")


class SplitType(models.TextChoices):
    PRIME = "prime", _("Prime")
    OVERLAY = "overlay", _("Overlay")


def _percentage(name: str, field: str, *, empty: bool = False) -> models.CheckConstraint:
    in_range = models.Q(**{f"{field}__range": (0, 100)})
    return models.CheckConstraint(
        name=name, condition=in_range | models.Q(**{f"{field}__isnull": True}) if empty else in_range
    )


@history.track()
class Stage(models.Model):
    """A step of the sale, as the administrator defines it. `probability` is a percentage.

    `is_active` is false for one that no deal is moved to any more; deals that are in it stay.
    """

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    probability = models.DecimalField(_("probability, %"), max_digits=5, decimal_places=2)
    forecast_category = models.CharField(_("forecast category"), max_length=10, choices=ForecastCategory.choices)
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    buying_step = models.ForeignKey(
        BuyingStep, models.PROTECT, verbose_name=_("buying step"), related_name="stages", null=True, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints: ClassVar = [_percentage("pipeline_stage_probability", "probability")]

    def __str__(self) -> str:
        return self.name


@history.track()
class Lead(models.Model):
    """Somebody who may become a customer, or a customer's unit that may buy anew."""

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=300)
    company = models.CharField(_("company"), max_length=300, blank=True)
    country = CountryField(_("country"), blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=LeadStatus.choices, default=LeadStatus.NEW)
    owner = models.ForeignKey(
        "teams.Member", models.SET_NULL, verbose_name=_("owner"), related_name="sales_leads", null=True, blank=True
    )
    created_on = models.DateField(_("created on"), null=True, blank=True)
    account = models.ForeignKey(
        "accounts.Account", models.SET_NULL, verbose_name=_("account"), related_name="+", null=True, blank=True
    )
    campaign = models.ForeignKey(
        "pipeline.Campaign", models.PROTECT, verbose_name=_("campaign"), related_name="leads", null=True, blank=True
    )
    amount = models.DecimalField(_("expected amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+", null=True, blank=True
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    may_contact = models.BooleanField(_("may be contacted"), null=True, blank=True)
    last_activity_on = models.DateField(_("last activity on"), null=True, blank=True)

    objects: ClassVar = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="pipeline_lead_priced",
                condition=models.Q(amount__isnull=True) | models.Q(currency__isnull=False),
                violation_error_message=_("An amount has a currency."),
            )
        ]

    def __str__(self) -> str:
        return self.name


@history.track(exclude=["month"])
class Opportunity(models.Model):
    """A deal. Without lines it is one implicit line of its own unit, country and amount.

    With lines, `amount` is their sum.

    An empty amount is unknown: the deal is counted and adds no money.
    """

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, verbose_name=_("account"), related_name="opportunities", db_index=False
    )
    org_unit = models.ForeignKey(
        "accounts.OrgUnit",
        models.PROTECT,
        verbose_name=_("org unit"),
        related_name="opportunities",
        null=True,
        blank=True,
    )
    country = CountryField(_("country"), blank=True)
    name = models.CharField(_("name"), max_length=300)
    stage = models.ForeignKey(Stage, models.PROTECT, verbose_name=_("stage"), related_name="opportunities")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+", db_index=False
    )
    probability = models.DecimalField(
        _("probability, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty: follows the stage."),
    )
    forecast_category = models.CharField(
        _("forecast category"),
        max_length=10,
        choices=ForecastCategory.choices,
        blank=True,
        help_text=_("Empty: follows the stage."),
    )
    close_date = models.DateField(_("close date"))
    month = month_column("close_date")
    created_on = models.DateField(_("created on"), null=True, blank=True)
    owner = models.ForeignKey(
        "teams.Member", models.PROTECT, verbose_name=_("owner"), related_name="opportunities", null=True, blank=True
    )
    product = models.ForeignKey(
        "revenue.Product",
        models.PROTECT,
        verbose_name=_("product"),
        related_name="opportunities",
        null=True,
        blank=True,
        db_index=False,
    )
    lead = models.ForeignKey(
        Lead,
        models.SET_NULL,
        verbose_name=_("lead"),
        related_name="opportunities",
        null=True,
        blank=True,
        db_index=False,
    )

    objects: ClassVar = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        triggers: ClassVar = [*triggers.amount_equals_lines(), *triggers.lines_follow_deal()]
        constraints: ClassVar = [
            _percentage("pipeline_opportunity_probability", "probability", empty=True),
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(lead__isnull=False),
                name="pipeline_opportunity_one_lead",
                violation_error_message=_("This lead has become another opportunity already."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "month"], name="pipeline_deal_by_account"),
            models.Index(fields=["country", "month"], name="pipeline_deal_by_country"),
            models.Index(fields=["close_date", "id"], name="pipeline_deal_by_close"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="pipeline_deal_search"),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class OpportunityLine(models.Model):
    """Part of a deal for one unit, country and product, in the deal's currency.

    `country` is frozen when first written.
    """

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, verbose_name=_("opportunity"), related_name="lines")
    line = models.PositiveIntegerField(pgettext_lazy("of a deal", "line"))
    product = models.ForeignKey(
        "revenue.Product",
        models.PROTECT,
        verbose_name=_("product"),
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    org_unit = models.ForeignKey(
        "accounts.OrgUnit",
        models.PROTECT,
        verbose_name=_("org unit"),
        related_name="opportunity_lines",
        null=True,
        blank=True,
    )
    country = CountryField(_("country"), blank=True)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)

    objects: ClassVar = OpportunityLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity line")
        verbose_name_plural = _("opportunity lines")
        triggers: ClassVar = triggers.amount_follows_lines()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "line"], name="pipeline_opportunityline_key")
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}/{self.line}"


@history.track()
class OpportunitySplit(models.Model):
    """A member's share of a deal: prime shares add up to 100.00 %, overlay is a second book."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, verbose_name=_("opportunity"), related_name="splits")
    member = models.ForeignKey("teams.Member", models.PROTECT, verbose_name=_("member"), related_name="splits")
    type = models.CharField(_("type"), max_length=7, choices=SplitType.choices)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)

    objects: ClassVar = OpportunitySplitQuerySet.as_manager()

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        triggers: ClassVar = triggers.prime_is_whole()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "member", "type"], name="pipeline_split_key"),
            _percentage("pipeline_split_percent", "percent"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.percent} % of {self.opportunity_id}"


@history.track_deletes()
class StageHistory(models.Model):
    """What a deal's stage, amount and close date became at an instant. Only added to.

    `reason` says why a stage was left before its criteria were met. `undoes` is the change that this one took back: of
    neither anything follows for how long the deal has been where it is.
    """

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, verbose_name=_("opportunity"), related_name="stage_history"
    )
    changed_at = models.DateTimeField(_("changed at"))
    stage = models.ForeignKey(Stage, models.PROTECT, verbose_name=_("stage"), related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    close_date = models.DateField(_("close date"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("changed by"), related_name="+", null=True, blank=True
    )
    undoes = models.OneToOneField(
        "self", models.SET_NULL, verbose_name=_("takes back"), related_name="undone_by", null=True, blank=True
    )

    objects: ClassVar = StageHistoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage history")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "changed_at"], name="pipeline_stagehistory_key")
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.stage_id} {self.changed_at}"
