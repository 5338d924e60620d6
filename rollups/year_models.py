"""Derived rows of accounts' fiscal years. Like the cells of `models`, nobody edits them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class _Year(models.Model):
    """What rows of fiscal years have alike.

    `year` numbers fiscal years (`years.number_of`), which start in the month that `State.fiscal_start` holds. `minor` has one
    element a price lens, as that of cells; a fact without a price adds nothing to it.
    """

    account_id = models.BigIntegerField()
    year = models.SmallIntegerField()
    measure = models.SmallIntegerField()
    facts = models.IntegerField()
    minor = ArrayField(models.DecimalField(max_digits=60, decimal_places=0))

    class Meta:
        abstract = True


class AccountYear(_Year):
    """An account's fiscal year × measure, over all countries and currencies: what customers are ranked by."""

    pk = models.CompositePrimaryKey("account_id", "year", "measure")

    class Meta:
        verbose_name = _("fiscal year of an account")
        verbose_name_plural = _("fiscal years of accounts")
        indexes: ClassVar = [
            # A year's accounts are read from the index alone, one after the other.
            models.Index(
                fields=["year", "account_id"], include=["measure", "minor"], name="rollups_accountyear_by_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.year} {self.measure}"


class AccountCountryYear(_Year):
    """An account's fiscal year × country × measure: what the customers of a region are ranked by. A country is the finest that
    regions are drawn of, so that a tree drawn anew costs these rows nothing.
    """

    country = models.CharField(max_length=2)
    pk = models.CompositePrimaryKey("account_id", "year", "country", "measure")

    class Meta:
        verbose_name = _("fiscal year of an account in a country")
        verbose_name_plural = _("fiscal years of accounts in countries")
        indexes: ClassVar = [
            # The rows of a region's countries are read from the index alone.
            models.Index(
                fields=["year", "country", "measure"],
                include=["account_id", "minor"],
                name="rollups_countryyear_by_country",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.country} {self.year} {self.measure}"
