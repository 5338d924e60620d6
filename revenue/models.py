from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from core import history
from core.months import month_column
from revenue.querysets import PotentialQuerySet, QuotaQuerySet, RevenueEntryQuerySet


class RevenueKind(models.TextChoices):
    """Kinds are three views of the same sale and are never added up."""

    BOOKED = "booked", _("Booked")
    BILLED = "billed", _("Billed")
    RECOGNISED = "recognised", _("Recognised")


class QuotaScope(models.TextChoices):
    REGION = "region", _("Region")
    ACCOUNT = "account", _("Account")
    MEMBER = "member", _("Member")
    PRODUCT = "product", _("Product")


class QuotaMeasure(models.TextChoices):
    REVENUE = "revenue", _("Revenue")
    WON = "won", _("Won")


@history.track()
class Product(models.Model):
    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("parent"), related_name="children", null=True, blank=True
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name


@history.track()
class Potential(models.Model):
    """What a unit could buy of a product in a year. An empty amount is unknown, not zero."""

    account = models.ForeignKey(
        "accounts.Account", models.CASCADE, verbose_name=_("account"), related_name="potentials"
    )
    org_unit = models.ForeignKey(
        "accounts.OrgUnit", models.CASCADE, verbose_name=_("org unit"), related_name="potentials"
    )
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("product"), related_name="potentials")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+", null=True, blank=True
    )

    objects: ClassVar = PotentialQuerySet.as_manager()

    class Meta:
        verbose_name = _("potential")
        verbose_name_plural = _("potentials")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org_unit", "product"], name="revenue_potential_key"),
            models.CheckConstraint(
                name="revenue_potential_currency",
                condition=models.Q(amount__isnull=True) | models.Q(currency__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_unit_id} × {self.product_id}"


@history.track_changes(exclude=["month"])
class RevenueEntry(models.Model):
    """A fact: native `amount` on a business date. `country` is frozen when first written; empty means none."""

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, verbose_name=_("account"), related_name="revenue_entries", db_index=False
    )
    org_unit = models.ForeignKey(
        "accounts.OrgUnit",
        models.PROTECT,
        verbose_name=_("org unit"),
        related_name="revenue_entries",
        null=True,
        blank=True,
    )
    country = CountryField(_("country"), blank=True)
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        verbose_name=_("product"),
        related_name="revenue_entries",
        null=True,
        blank=True,
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=RevenueKind.choices, default=RevenueKind.RECOGNISED)
    date = models.DateField(_("date"))
    month = month_column("date")
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.ForeignKey(
        "money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+", db_index=False
    )

    objects: ClassVar = RevenueEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("revenue entry")
        verbose_name_plural = _("revenue entries")
        indexes: ClassVar = [
            # All that roll-ups read of an entry: one unit's month, or an account's whole, comes from the index alone.
            models.Index(
                "account",
                "month",
                Coalesce("org_unit", 0),
                include=["org_unit", "country", "kind", "currency", "date", "amount"],
                name="revenue_entry_by_unit",
            ),
            # A part of a month is added up from it alone.
            models.Index(
                fields=["country", "month"],
                include=["account", "kind", "currency", "date", "amount"],
                name="revenue_entry_by_country",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


@history.track()
class Quota(models.Model):
    """A target for a scope and half-open period. `scope_code` is the code (e-mail for a member) within the scope."""

    scope = models.CharField(_("scope"), max_length=10, choices=QuotaScope.choices)
    scope_code = models.CharField(_("code"), max_length=254)
    measure = models.CharField(_("measure"), max_length=10, choices=QuotaMeasure.choices)
    period_start = models.DateField(_("period start"))
    period_end = models.DateField(_("period end"))
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    currency = models.ForeignKey("money.Currency", models.PROTECT, verbose_name=_("currency"), related_name="+")

    objects: ClassVar = QuotaQuerySet.as_manager()

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "scope_code", "measure", "period_start", "period_end"], name="revenue_quota_key"
            ),
            models.CheckConstraint(
                name="revenue_quota_period", condition=models.Q(period_end__gt=models.F("period_start"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.scope_code} {self.measure} {self.period_start}"
