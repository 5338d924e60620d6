"""Keeping a table of codes: a code lasts, a name may change, the order is the administrator's."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.tables import CodeTable, code_rows
from core.errors import DomainError, InUse, NotPermitted
from users.models import User


@transaction.atomic
def add_code(table: CodeTable, *, code: str, name: str, flags: dict[str, bool] | None = None, by: User) -> None:
    """One more row at the end. NotPermitted; DomainError with the field for a code that is there already."""
    rows = _locked(table, by)
    if any(row.pk.lower() == code.lower() for row in rows):
        raise DomainError(_("This code is there already."), field="code")
    with pghistory.context(user=by.pk):
        position = max((row.position for row in rows), default=0) + 1
        table.model._default_manager.create(code=code, name=name, position=position, **(flags or {}))


@transaction.atomic
def rename_code(table: CodeTable, *, code: str, name: str, flags: dict[str, bool] | None = None, by: User) -> None:
    """Another name, and other answers on its axes. ObjectDoesNotExist when there is no such code."""
    row = _row(table, code, by)
    row.name = name
    for flag, value in (flags or {}).items():
        setattr(row, flag, value)
    with pghistory.context(user=by.pk):
        row.save()


@transaction.atomic
def move_code(table: CodeTable, *, code: str, is_up: bool, by: User) -> None:
    """One place up or down in the order; at the end nothing happens."""
    rows = _locked(table, by)
    at = next((n for n, row in enumerate(rows) if row.pk == code), None)
    if at is None:
        raise table.model.DoesNotExist  # type: ignore[attr-defined]  # every model has one
    to = at - 1 if is_up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    with pghistory.context(user=by.pk):
        for position, row in enumerate(rows, start=1):
            if row.position != position:
                row.position = position
                row.save(update_fields=["position"])


@transaction.atomic
def delete_code(table: CodeTable, *, code: str, by: User) -> None:
    """Delete a row that nothing uses. InUse says where it is used; DomainError for one that a rule speaks of."""
    row = _row(table, code, by)
    found = next(one for one in code_rows(table) if one.row.pk == row.pk)
    if found.is_kept:
        raise DomainError(_("%(name)s is a part of the product and stays.") % {"name": row})
    if found.uses:
        said = ", ".join(f"{count} {noun}" for noun, count in found.uses.items())
        raise InUse(_("%(name)s is used by %(said)s.") % {"name": row, "said": said}, counts=found.uses)
    with pghistory.context(user=by.pk):
        row.delete()


def _locked(table: CodeTable, by: User) -> list[Any]:
    """The rows in their order, locked: two who sort at once don't mix their orders."""
    if not by.may(table.permission):
        raise NotPermitted(_("You may not change this."))
    return list(table.rows.select_for_update())


def _row(table: CodeTable, code: str, by: User) -> Any:
    rows = _locked(table, by)
    found = next((row for row in rows if row.pk == code), None)
    if found is None:
        raise table.model.DoesNotExist  # type: ignore[attr-defined]  # every model has one
    return found
