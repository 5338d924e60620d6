"""Derived rows of members' shares of deals, in two books. Like the cells of `models`, nobody edits them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ShareCell(models.Model):
    """What members hold of an account's deals: unit × country × month × measure × native currency × book × member.

    `book` is a `measures.Book`; member 0 is `unassigned`. `facts` counts the lines in which the member has a share, `lines`
    those of them whose first member by e-mail address she is: added up over members, every line counts once. `native` is
    exact: points of a weighted amount have twelve decimals. The arrays have one element a price lens, as those of cells.
    """

    account_id = models.BigIntegerField()
    month = models.SmallIntegerField()
    book = models.SmallIntegerField()
    measure = models.SmallIntegerField()
    member_id = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2)
    org_unit_id = models.BigIntegerField()
    pk = models.CompositePrimaryKey(
        "account_id", "month", "book", "measure", "member_id", "currency", "country", "org_unit_id"
    )
    facts = models.IntegerField()
    lines = models.IntegerField()
    native = models.DecimalField(max_digits=64, decimal_places=12)
    minor = ArrayField(models.DecimalField(max_digits=60, decimal_places=0))
    unpriced_facts = ArrayField(models.IntegerField(), null=True)
    unpriced_lines = ArrayField(models.IntegerField(), null=True)
    unpriced_native = ArrayField(models.DecimalField(max_digits=64, decimal_places=12), null=True)
    oldest_rate = ArrayField(models.DateField(null=True))
    newest_priced = models.DateField(null=True)
    run = models.BigIntegerField()

    class Meta:
        verbose_name = _("cell of a member")
        verbose_name_plural = _("cells of members")
        indexes: ClassVar = [models.Index(fields=["book", "month", "member_id"], name="rollups_share_by_member")]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.org_unit_id} {self.month} {self.measure} {self.book} {self.member_id}"


class ShareDeals(models.Model):
    """How many deals of an account's month and outcome in which a member has a share lie at exactly this set of places.

    Like `AccountDeals`; member −1 stands for all members of a book together, so that a deal with two of them counts once.
    """

    account_id = models.BigIntegerField()
    month = models.SmallIntegerField()
    outcome = models.CharField(max_length=4)
    book = models.SmallIntegerField()
    member_id = models.BigIntegerField()
    org_unit_ids = ArrayField(models.BigIntegerField())
    countries = ArrayField(models.CharField(max_length=2))
    deals = models.IntegerField()

    class Meta:
        verbose_name = _("deals of a member")
        verbose_name_plural = _("deals of members")
        indexes: ClassVar = [
            models.Index(fields=["account_id", "month"], name="rollups_sharedeals_key"),
            models.Index(fields=["book", "member_id", "month"], name="rollups_sharedeals_by_member"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month} {self.outcome} {self.book} {self.member_id}"
