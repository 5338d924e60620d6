"""What an administrator says about load: the healthy band, hours for a relationship, and the weight of an account's type."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history

_HOURS = (MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(168)))


@history.track()
class LoadSettings(models.Model):
    """One row: the band of accounts for a manager, and hours a week for a contact and for a unit covered."""

    least_accounts = models.PositiveSmallIntegerField(_("fewest accounts for a manager"), default=4)
    most_accounts = models.PositiveSmallIntegerField(_("most accounts for a manager"), default=8)
    hours_per_contact = models.DecimalField(
        _("hours a week for a contact"), max_digits=5, decimal_places=2, default=Decimal("0.25"), validators=_HOURS
    )
    hours_per_unit = models.DecimalField(
        _("hours a week for a unit covered"), max_digits=5, decimal_places=2, default=Decimal(1), validators=_HOURS
    )

    class Meta:
        verbose_name = _("load setting")
        verbose_name_plural = _("load settings")
        constraints = (
            models.CheckConstraint(name="coverage_loadsettings_one", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="coverage_loadsettings_band",
                condition=models.Q(most_accounts__gte=models.F("least_accounts"), least_accounts__gte=1),
            ),
            models.CheckConstraint(
                name="coverage_loadsettings_hours",
                condition=models.Q(hours_per_contact__range=(0, 168), hours_per_unit__range=(0, 168)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.least_accounts} to {self.most_accounts}"


@history.track()
class RoleLoad(models.Model):
    """What a role asks: hours a week for each unit covered in it (empty: as for any), and whether its holder manages the
    account, so that the account counts in the band."""

    role = models.OneToOneField(
        "teams.TeamRole", models.CASCADE, verbose_name=_("role"), primary_key=True, related_name="load"
    )
    hours_per_unit = models.DecimalField(
        _("hours a week for a unit covered"), max_digits=5, decimal_places=2, null=True, blank=True, validators=_HOURS
    )
    manages = models.BooleanField(_("manages the account"), default=False)

    class Meta:
        verbose_name = _("load of a role")
        verbose_name_plural = _("loads of roles")
        constraints = (
            models.CheckConstraint(
                name="coverage_roleload_hours",
                condition=models.Q(hours_per_unit__isnull=True) | models.Q(hours_per_unit__range=(0, 168)),
            ),
        )

    def __str__(self) -> str:
        return self.role_id


@history.track()
class AccountTypeLoad(models.Model):
    """How heavy the accounts of a type are: their hours are multiplied by it. A type without a row weighs 1."""

    account_type = models.OneToOneField(
        "accounts.AccountType", models.CASCADE, verbose_name=_("account type"), primary_key=True, related_name="load"
    )
    weight = models.DecimalField(
        _("load weight"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        validators=(MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))),
    )

    class Meta:
        verbose_name = _("load of an account type")
        verbose_name_plural = _("loads of account types")
        constraints = (
            models.CheckConstraint(name="coverage_typeload_weight", condition=models.Q(weight__range=(0, 100))),
        )

    def __str__(self) -> str:
        return self.account_type_id
