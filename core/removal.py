"""Deleting a row, unless facts or decisions hang on it: those are counted and named, and nothing is deleted."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from core.errors import InUse


def held_by(row: models.Model, *, told: Any = None) -> tuple[dict[str, int], bool]:
    """What protects `row` from being deleted, and how many of each: `{"revenue entries": 12}`. Counted, never loaded.

    With `told`, a reader, only what she may see is counted; the second value says whether there is more.
    """
    counts: dict[str, int] = {}
    is_more = False
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            model: Any = relation.related_model
            here = {relation.field.name: row.pk}
            found = shown = model._base_manager.filter(**here).count()  # noqa: SLF001  Django's documented name
            if found and told is not None and hasattr(model.objects, "visible_to"):
                shown = model.objects.visible_to(told).filter(**here).count()
            is_more |= shown < found
            if shown:
                name = str(model._meta.verbose_name_plural)
                counts[name] = counts.get(name, 0) + shown
    return counts, is_more


@transaction.atomic
def remove(row: models.Model, *, by: Any, also_held: dict[str, int] | None = None, told: Any = None) -> None:
    """Delete `row` and what belongs to it. InUse, with counts, when something stands on it.

    `also_held` counts what names the row by its code rather than by a foreign key. `by` None is the console's operator.
    `told` is a reader who may not see all that stands on the row: the counts are then of what she sees.
    """
    counts, is_more = held_by(row, told=told)
    counts |= {name: found for name, found in (also_held or {}).items() if found}
    if counts or is_more:
        held = [f"{found} {name}" for name, found in counts.items()]
        held += [_("what you may not see")] if is_more else []
        raise InUse(_("It can't be deleted, because it holds: %(said)s.") % {"said": ", ".join(held)}, counts=counts)
    try:
        with pghistory.context(user=by.pk if by else None), transaction.atomic():
            row.delete()
            with connection.cursor() as cursor:
                # Rules that wait for the end of the transaction are to speak now, while the caller can hear them.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if not isinstance(error, IntegrityError) and not str(getattr(error.__cause__, "pgcode", "")).startswith("GAM"):
            raise
        said = getattr(diagnosis, "message_primary", None) or str(error)
        raise InUse(_("It can't be deleted: %(said)s.") % {"said": said}, counts={}) from error
