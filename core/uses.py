"""Where the rows of a code table are used: counted by what uses them, for a list and before one of them is deleted."""

from __future__ import annotations

from typing import Any

from django.db import models


def uses_of(model: type[models.Model]) -> dict[Any, dict[str, int]]:
    """`{key: {"team members": 12}}` of all rows that are used, in one statement for each table that names them.

    Also what a delete would take along counts as a use; the record of changes does not.
    """
    found: dict[Any, dict[str, int]] = {}
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.DO_NOTHING:
            continue
        user: Any = relation.related_model
        column, name = relation.field.attname, str(user._meta.verbose_name_plural)
        rows = user._base_manager.filter(**{f"{column}__isnull": False}).values_list(column)  # noqa: SLF001  Django's documented name
        for key, count in rows.annotate(count=models.Count("pk")).order_by():
            uses = found.setdefault(key, {})
            uses[name] = uses.get(name, 0) + count
    return found
