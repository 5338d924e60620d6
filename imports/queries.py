from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from imports.files import SPECS
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


@dataclass(frozen=True)
class KnownFile:
    """A file that can be imported: its name without ending and its columns, with whether each is part of the key."""

    name: str
    columns: list[tuple[str, bool]]


def known_files() -> list[KnownFile]:
    """Every file in the order in which they depend on each other."""
    return [KnownFile(name, [(c.name, c.key) for c in spec.columns]) for name, spec in SPECS.items()]


@dataclass(frozen=True)
class FileCounts:
    """What became of the rows of one file."""

    file: str
    created: int
    updated: int
    unchanged: int
    rejected: int


def counts_of(*, batch: ImportBatch) -> list[FileCounts]:
    """The counts of every file of a batch, as stored when it ended."""
    counts: Mapping[str, Mapping[str, int]] = batch.counts
    words = ("created", "updated", "unchanged", "rejected")
    return [FileCounts(file, *(found.get(word, 0) for word in words)) for file, found in counts.items()]
