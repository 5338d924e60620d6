"""What was deleted, from its history: which rows, and how they come back as they were, ids included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError

KEPT_DAYS = 30
"""How long deleted rows are offered; their history is kept."""


def events_of(model: type[models.Model]) -> Any:
    """The history table of a tracked model."""
    return model._meta.get_field("events").related_model


def deleted(model: type[models.Model]) -> models.QuerySet[Any]:
    """The last deletion of each row that is not there, of the last days, the latest first."""
    events = events_of(model)._default_manager.filter(pgh_label="delete")
    since = clock.now() - dt.timedelta(days=KEPT_DAYS)
    there = model._base_manager.filter(pk=models.OuterRef("pgh_obj_id"))  # noqa: SLF001  Django's documented name
    later = events.filter(pgh_obj_id=models.OuterRef("pgh_obj_id"), pgh_id__gt=models.OuterRef("pgh_id"))
    found: models.QuerySet[Any] = events.filter(pgh_created_at__gte=since)
    return found.exclude(models.Exists(there)).exclude(models.Exists(later)).order_by("-pgh_id")


def put_back(model: type[models.Model], events: Sequence[int], *, instead: Mapping[str, Any] | None = None) -> None:
    """Insert the rows that some events hold, with their ids. `instead` are columns that get another value."""
    instead = instead or {}
    history = events_of(model)
    kept = {field.column for field in history._meta.concrete_fields}
    columns = [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.column in kept and not isinstance(field, models.GeneratedField)
    ]
    values = ", ".join("%s" if column in instead else f"e.{column}" for column in columns)
    sql = (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM {history._meta.db_table} e"
        " WHERE e.pgh_id = ANY (%s) ORDER BY e.pgh_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(instead[column] for column in columns if column in instead), [*events]])


@contextmanager
def coming_back() -> Iterator[None]:
    """A transaction in which rows return; a rule that stands in the way becomes a DomainError that names it."""
    try:
        with transaction.atomic():
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        said = getattr(getattr(error.__cause__, "diag", None), "message_detail", None) or str(error)
        text = _("It can't come back, because something it belongs to has changed or is gone: %(said)s")
        raise DomainError(text % {"said": " ".join(str(said).split())}) from error
