from __future__ import annotations

from django.db.models import QuerySet

from imports.models import ImportBatch, RowError
from users.models import User


def batches_for(*, viewer: User) -> QuerySet[ImportBatch]:
    """Import batches that `viewer` may see, the latest first."""
    return ImportBatch.objects.visible_to(viewer).select_related("by").order_by("-pk")


def batch_for(*, viewer: User, batch_id: int) -> ImportBatch:
    """One batch. ImportBatch.DoesNotExist when there is none that `viewer` may see."""
    return batches_for(viewer=viewer).get(pk=batch_id)


def errors_of(*, batch: ImportBatch) -> QuerySet[RowError]:
    """The rejected rows that were kept, by file and line."""
    return batch.errors.order_by("file", "line", "pk")
