"""The last change of some rows, from their history: who made it and when, and how they come back as they stood before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.undeletion import coming_back, events_of, put_back


@dataclass(frozen=True)
class LastChange:
    """What one request did to the rows. `version` is that of the rows after it, `by` the id of the user, if known."""

    context: UUID
    first: int
    version: int
    at: dt.datetime
    by: int | None
    metadata: dict[str, Any]

    @property
    def reason(self) -> str:
        return str(self.metadata.get("reason") or "")


def version_of(model: type[models.Model], **of: Any) -> int:
    """A number that grows with every change of the rows of `model` that lie in `of` (columns of the model); 0 before any."""
    found = _events(model, of).aggregate(last=models.Max("pgh_id"))
    return int(found["last"] or 0)


def versions_of(model: type[models.Model], keys: Collection[Any]) -> dict[Any, int]:
    """The same for each row of some keys by itself, in one statement; a row without history is absent."""
    rows = _events(model, {"pgh_obj__in": keys}).order_by().values_list("pgh_obj_id")
    return dict(rows.annotate(last=models.Max("pgh_id")))


def last_change(model: type[models.Model], **of: Any) -> LastChange | None:
    """The last change of these rows; None when there is none, or when nobody noted which request made it."""
    event = _events(model, of).select_related("pgh_context").order_by("-pgh_id").first()
    if event is None or event.pgh_context_id is None:
        return None
    first = _events(model, of).filter(pgh_context=event.pgh_context_id).aggregate(first=models.Min("pgh_id"))["first"]
    told = event.pgh_context.metadata or {}
    return LastChange(event.pgh_context_id, first, event.pgh_id, event.pgh_created_at, told.get("user"), told)


def take_back(model: type[models.Model], *, version: int, **of: Any) -> LastChange:
    """Put the rows back as they stood before their last change. The caller has opened a transaction and holds their lock.

    DomainError when there is none, when it is not the one that was seen (`version`), or when a rule stands in the way.
    """
    change = last_change(model, **of)
    if change is None:
        raise DomainError(_("There is nothing to take back."))
    if change.version != version:
        raise DomainError(_("Something else was changed since. Look at it again."))
    touched = _events(model, of).filter(pgh_context=change.context).values("pgh_obj_id")
    earlier = _events(model, of).filter(pgh_obj_id__in=touched, pgh_id__lt=change.first)
    before = {row.pgh_obj_id: row for row in earlier.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")}
    stood = {pk: row for pk, row in before.items() if row.pgh_label != "delete"}
    rows = model._base_manager  # noqa: SLF001  Django's documented name
    with coming_back():
        rows.filter(pk__in=touched).exclude(pk__in=stood).delete()
        there = set(rows.filter(pk__in=stood).values_list("pk", flat=True))
        for pk in there:
            rows.filter(pk=pk).update(**{name: getattr(stood[pk], name) for name in _columns(model)})
        put_back(model, [row.pgh_id for pk, row in stood.items() if pk not in there])
    return change


def _events(model: type[models.Model], of: dict[str, Any]) -> models.QuerySet[Any]:
    found: models.QuerySet[Any] = events_of(model)._default_manager.filter(**of)
    return found


def _columns(model: type[models.Model]) -> list[str]:
    """What an event keeps of a row, but for its key."""
    kept = {field.attname for field in events_of(model)._meta.concrete_fields}
    fields = model._meta.concrete_fields
    return [f.attname for f in fields if f.attname in kept and not f.primary_key and not _is_generated(f)]


def _is_generated(field: Any) -> bool:
    return isinstance(field, models.GeneratedField)
