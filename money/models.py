from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import history
from money.querysets import ExchangeRateQuerySet

SPOT = "spot"
CONSTANT, MONTH_AVERAGE = "constant", "month_average"
RESERVED_RATE_SETS = (CONSTANT, MONTH_AVERAGE)


class Currency(models.Model):
    """An ISO 4217 currency, historic ones included."""

    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    exponent = models.PositiveSmallIntegerField(_("exponent"), help_text=_("Decimals of the minor unit (ISO 4217)."))
    is_historic = models.BooleanField(_("historic"), default=False)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        constraints: ClassVar = [
            models.CheckConstraint(name="money_currency_code", condition=models.Q(code__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(name="money_currency_exponent", condition=models.Q(exponent__lte=4)),
        ]

    def __str__(self) -> str:
        return self.code


@history.track()
class RateSet(models.Model):
    """A named set of dated rates (`spot` or a budget), all against one pivot currency, `base`."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    base = models.ForeignKey(Currency, models.PROTECT, verbose_name=_("base"), related_name="+")

    class Meta:
        verbose_name = _("rate set")
        verbose_name_plural = _("rate sets")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="money_rateset_not_reserved",
                condition=~models.Q(code__in=RESERVED_RATE_SETS) & ~models.Q(code__startswith="month_average:"),
                violation_error_message=_(
                    "“constant” and “month_average” are computed; they hold no rates of their own."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.code


@history.track_corrections()
class ExchangeRate(models.Model):
    """Units of `currency` for one unit of the set's base, from `date` on until a later rate."""

    rate_set = models.ForeignKey(RateSet, models.PROTECT, verbose_name=_("rate set"), related_name="rates")
    currency = models.ForeignKey(Currency, models.PROTECT, verbose_name=_("currency"), related_name="+")
    date = models.DateField(_("date"))
    rate = models.DecimalField(_("rate"), max_digits=38, decimal_places=18)

    objects: ClassVar = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rate_set", "currency", "date"], name="money_exchangerate_key"),
            models.CheckConstraint(name="money_exchangerate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.rate_set_id} {self.currency_id} {self.date}"


@history.track()
class FiscalCalendar(models.Model):
    """Fiscal years that start on the first of `start_month`; each is named after the calendar year it ends in."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    start_month = models.PositiveSmallIntegerField(
        _("start month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )

    class Meta:
        verbose_name = _("fiscal calendar")
        verbose_name_plural = _("fiscal calendars")
        constraints: ClassVar = [
            models.CheckConstraint(name="money_fiscalcalendar_month", condition=models.Q(start_month__range=(1, 12)))
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class BusinessDate(models.Model):
    """The as-of date that the organisation has pinned (demo, audit). One row; an empty date means: today."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    pinned_on = models.DateField(_("pinned as-of date"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("as-of date")
        verbose_name_plural = _("as-of date")
        constraints: ClassVar = [models.CheckConstraint(name="money_businessdate_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.pinned_on or _("today"))
