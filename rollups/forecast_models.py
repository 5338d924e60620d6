"""Weekly snapshots of the forecast. Unlike the cells they can't be computed again: what was known on a day is known no more
when it has passed. So they are only added to, and the database refuses everything else.

Rows name deals, accounts and regions by plain columns, as those were called on the day: what becomes of them later changes no
snapshot.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


def frozen() -> list[pgtrigger.Trigger]:
    return [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]


class ForecastSnapshot(models.Model):
    """The forecast as it stood on a day, one a week. `week` is that week's Monday.

    `currencies` are the reporting currencies of the day, in the order of the lines' `minor`; `managers` says who reported to
    whom, by e-mail address.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", _("Weekly")
        REPLAYED = "replayed", _("From the stage history")

    week = models.DateField(_("week"), unique=True)
    taken_on = models.DateField(_("taken on"))
    taken_at = models.DateTimeField(_("taken at"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    currencies = ArrayField(models.CharField(max_length=3), verbose_name=_("reporting currencies"))
    managers = models.JSONField(_("managers"), default=dict)
    lines = models.IntegerField(_("lines"))

    class Meta:
        verbose_name = _("forecast snapshot")
        verbose_name_plural = _("forecast snapshots")
        triggers: ClassVar = frozen()

    def __str__(self) -> str:
        return f"{self.week} {self.kind}"


class ForecastLine(models.Model):
    """A deal's line on the day. `line` 0 is the implicit one of a deal without lines. `path`: the codes of the regions above
    its country, nearest first. `prime` and `overlay`: who shares the deal, as pairs of address and basis points; without a
    prime share the owner has it.

    `category` is that of the forecast; a lost deal's is empty. `minor` is the amount in each reporting currency's minor units,
    null where it had no rate; `rate_on` the day whose rate that was.
    """

    snapshot = models.ForeignKey(ForecastSnapshot, models.PROTECT, related_name="rows")
    deal = models.BigIntegerField()
    line = models.IntegerField()
    external_id = models.CharField(max_length=120)
    name = models.CharField(max_length=300)
    account_id = models.BigIntegerField()
    account_code = models.CharField(max_length=60)
    account_name = models.CharField(max_length=300)
    org_unit_code = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    path = ArrayField(models.CharField(max_length=60))
    owner = models.CharField(max_length=254)
    prime = models.JSONField()
    overlay = models.JSONField()
    stage = models.CharField(max_length=40)
    outcome = models.CharField(max_length=4)
    category = models.CharField(max_length=10)
    probability = models.DecimalField(max_digits=5, decimal_places=2)
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    currency = models.CharField(max_length=3)
    close_date = models.DateField()
    month = models.SmallIntegerField()
    rate_on = models.DateField()
    minor = ArrayField(models.DecimalField(max_digits=30, decimal_places=0, null=True))
    pk = models.CompositePrimaryKey("snapshot_id", "deal", "line")

    class Meta:
        verbose_name = _("line of a forecast snapshot")
        verbose_name_plural = _("lines of forecast snapshots")
        triggers: ClassVar = frozen()
        indexes: ClassVar = [models.Index(fields=["snapshot", "month"], name="rollups_forecastline_by_month")]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.external_id}/{self.line}"


class ForecastRate(models.Model):
    """What a currency was worth in a reporting currency's minor units on a snapshot's day, as an exact fraction: later changes are told
    at it."""

    snapshot = models.ForeignKey(ForecastSnapshot, models.PROTECT, related_name="rates")
    currency = models.CharField(max_length=3)
    goal = models.CharField(max_length=3)
    numerator = models.DecimalField(max_digits=60, decimal_places=20)
    denominator = models.DecimalField(max_digits=60, decimal_places=20)
    pk = models.CompositePrimaryKey("snapshot_id", "currency", "goal")

    class Meta:
        verbose_name = _("rate of a forecast snapshot")
        verbose_name_plural = _("rates of forecast snapshots")
        triggers: ClassVar = frozen()

    def __str__(self) -> str:
        return f"{self.currency}/{self.goal} {self.snapshot_id}"
