"""The tables of codes by which customers and teams are told apart, as administrators keep them: roles, tiers, types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountType, Tier
from core.uses import uses_of
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamRole
from users.permissions import Permission


@dataclass(frozen=True)
class CodeTable:
    """One table. `kept` are codes that rules of the product speak of; `flags` are yes-or-no columns beside the name; who keeps
    it has `permission`."""

    name: str
    model: type[models.Model]
    label: Promise
    about: Promise
    add: Promise
    kept: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    permission: Permission = Permission.CONFIGURE_TEAMS

    @property
    def rows(self) -> models.QuerySet[Any]:
        return self.model._default_manager.order_by("position", "pk")


TABLES: Final = {
    table.name: table
    for table in (
        CodeTable(
            "roles",
            TeamRole,
            _("Team roles"),
            _(
                "What a member may be in an account’s team. Their order is that of lists and of the columns of coverage."
            ),
            _("Add a role"),
            kept=(GLOBAL_ACCOUNT_MANAGER,),
        ),
        CodeTable(
            "tiers",
            Tier,
            _("Tiers"),
            _("How much an account matters. With the type it decides coverage policies and the rhythm of reviews."),
            _("Add a tier"),
        ),
        CodeTable(
            "account-types",
            AccountType,
            _("Account types"),
            _("Two axes: does the customer act globally, and do we?"),
            _("Add an account type"),
            flags=("customer_is_global", "we_are_global"),
        ),
    )
}


@dataclass(frozen=True)
class CodeRow:
    """A row with what uses it. One that is used, or that a rule speaks of, can't be deleted."""

    row: Any
    uses: dict[str, int]
    is_kept: bool

    @property
    def may_delete(self) -> bool:
        return not self.uses and not self.is_kept


def code_rows(table: CodeTable) -> list[CodeRow]:
    """The rows in their order."""
    uses = uses_of(table.model)
    return [CodeRow(row, uses.get(row.pk, {}), row.pk in table.kept) for row in table.rows]
