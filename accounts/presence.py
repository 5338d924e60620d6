"""In which countries an account lies: kept by the database, so that who may see an account is one look-up.

Statement-level triggers on org units and on every table of facts (`kept`, in a migration of its room) add a row in the
transaction that brings a unit or a fact into a country. Whoever adds one waits for nobody: two transactions that bring the
first facts of a country at once leave two rows.

Whoever takes one away locks the rows of its account and country, so that of two who take away the last two facts the second sees
what the first left. When nothing is left that is committed, the rows are not deleted: another transaction, whose fact nobody
sees yet, may rely on them. They are not sure any more, and a reader asks the facts themselves (`accounts_lies_in`). So at
every instant the answer is what the facts say.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import BooleanField, Exists, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _


class Presence(models.Model):
    """An account has a unit (`is_unit`), or a fact, in a country. Unless it `is_sure`, perhaps not any more.

    The account is a plain number, as in the cells of roll-ups: a row must never stand in the way of a delete.
    """

    account_id = models.BigIntegerField()
    country = models.CharField(max_length=2)
    is_unit = models.BooleanField()
    is_sure = models.BooleanField(default=True, db_default=True)

    class Meta:
        verbose_name = _("country of an account")
        verbose_name_plural = _("countries of accounts")
        indexes: ClassVar = [
            models.Index(
                fields=["account_id", "country"], include=["is_unit", "is_sure"], name="accounts_presence_of_account"
            ),
            models.Index(
                fields=["country", "account_id"], include=["is_unit", "is_sure"], name="accounts_presence_by_country"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.country}"


def present() -> models.QuerySet[Presence]:
    """The rows that are true."""
    asked = Func("account_id", "country", "is_unit", function="accounts_lies_in", output_field=BooleanField())
    return Presence.objects.filter(Q(is_sure=True) | Q(asked))


def lies_in(countries: Collection[str], account: str, *, by_unit: bool = False) -> Q:
    """Rows whose account (column `account`) has a unit or a fact in `countries`; `by_unit`: a unit."""
    rows = present().filter(country__in=countries, account_id=OuterRef(account))
    return Q(Exists(rows.filter(is_unit=True) if by_unit else rows))


def kept(table: str) -> str:
    """SQL for a migration: the countries of a table of units or facts (`id`, `account_id`, `country`) are kept from now on."""
    transitions = {
        "insert": "REFERENCING NEW TABLE AS fresh",
        "update": "REFERENCING OLD TABLE AS stale NEW TABLE AS fresh",
        "delete": "REFERENCING OLD TABLE AS stale",
        "truncate": "",
    }
    triggers = (
        f"CREATE TRIGGER accounts_presence_{event} AFTER {event.upper()} ON {table} {transition} "
        "FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep_presence();"
        for event, transition in transitions.items()
    )
    return "\n".join([*triggers, f"SELECT accounts_fill_presence('{table}');"])


def kept_no_more(table: str) -> str:
    """SQL that takes `kept` back."""
    return "\n".join(
        f"DROP TRIGGER accounts_presence_{event} ON {table};" for event in ("insert", "update", "delete", "truncate")
    )
