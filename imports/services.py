from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, Error, transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, NotPermitted
from core.held import held
from imports import batches
from imports.batches import Loaded, Refusal
from imports.files import UnknownFile
from imports.models import ImportBatch, RowError, State
from imports.progress import Progress
from imports.sources import sources_in
from users.models import User
from users.permissions import Permission

logger = logging.getLogger(__name__)
KEPT_ERRORS = 1000
PREVIEW_KEPT = dt.timedelta(days=1)
_LOCK = 7_340_021
_TRIES = 3
_RETRIED = ("40P01", "40001")  # deadlock, serialization failure


@dataclass(frozen=True)
class Result:
    """What became of a batch. `counts` are what was written, or in a dry run or a refused batch what would have been."""

    batch: ImportBatch
    counts: dict[str, dict[str, int]]
    refusals: list[Refusal]

    @property
    def is_clean(self) -> bool:
        return not self.refusals and self.batch.state == State.DONE


class ImportFailed(DomainError):
    """The batch broke off for a reason that is no row's fault. Nothing was written."""


def import_paths(paths: Sequence[Path | str], *, by: User | None, dry_run: bool = False) -> Result:
    """Load files, folders and workbooks as one batch, all or nothing. `by` None is the console's operator.

    Raises NotPermitted and ImportFailed; refused rows are in the result.
    """
    _check_right(by)
    batch = ImportBatch.objects.create(by=by, dry_run=dry_run, paths=[str(path) for path in paths])
    with held(_LOCK, batch.pk):
        return _run(batch, [Path(path) for path in paths])


def queue_upload(*, files: Sequence[UploadedFile[bytes]], by: User, dry_run: bool = False) -> ImportBatch:
    """Keep uploaded files and load them in the background. The batch is there at once, to be watched."""
    _check_right(by)
    if not files:
        raise DomainError(_("Choose at least one file."), field="files")
    names = [Path(file.name or "file").name for file in files]
    if len(set(names)) < len(names):
        raise DomainError(_("Two of the files have the same name."), field="files")
    with transaction.atomic():  # nobody may take the batch up before its files are whole
        batch = ImportBatch.objects.create(by=by, dry_run=dry_run, is_upload=True, paths=names)
        folder = _folder(batch)
        folder.mkdir(parents=True, exist_ok=True)
        for file, name in zip(files, names, strict=True):
            with (folder / name).open("wb") as kept:
                for chunk in file.chunks():
                    kept.write(chunk)
        # Robust: with the broker away, the timetable takes the batch up later.
        transaction.on_commit(lambda: _enqueue(batch.pk), robust=True)
    return batch


def _enqueue(batch_id: int) -> None:
    # By name: the task calls this module.
    current_app.send_task("imports.tasks.run_batch", args=[batch_id])


def run_batch(*, batch_id: int) -> None:
    """Load a queued upload. Does nothing when it is finished already or somebody else is at it."""
    with held(_LOCK, batch_id) as is_ours:
        batch = ImportBatch.objects.select_related("by").filter(pk=batch_id, is_upload=True).unfinished().first()
        if not is_ours or batch is None:
            return
        folder = _folder(batch)
        try:
            _run(batch, [folder / name for name in batch.paths])
        except ImportFailed:
            logger.exception("import %s failed", batch_id)
        # What a clean preview was made of is kept for a while: the reader may go on with it.
        if not batch.dry_run or batch.state != State.DONE:
            shutil.rmtree(folder, ignore_errors=True)


def import_previewed(*, batch_id: int, by: User) -> ImportBatch:
    """Load in earnest the files of a preview that found nothing wrong. ImportBatch.DoesNotExist when `by` sees none."""
    _check_right(by)
    preview = ImportBatch.objects.visible_to(by).get(pk=batch_id, dry_run=True, is_upload=True)
    if preview.state != State.DONE or not _folder(preview).is_dir():
        raise DomainError(_("The files of this preview are no longer kept. Choose them again."), field="files")
    with transaction.atomic():
        batch = ImportBatch.objects.create(by=by, is_upload=True, paths=preview.paths)
        _folder(preview).rename(_folder(batch))
        transaction.on_commit(lambda: _enqueue(batch.pk), robust=True)
    return batch


def forget_previews() -> None:
    """Drop the files of previews that nobody went on with for a day."""
    before = clock.now() - PREVIEW_KEPT
    for preview in ImportBatch.objects.filter(dry_run=True, is_upload=True, finished_at__lt=before):
        shutil.rmtree(_folder(preview), ignore_errors=True)


def resume_interrupted() -> list[int]:
    """Take up uploads whose worker died, and close console batches whose process did. Returns the batches taken up."""
    taken = []
    for batch in ImportBatch.objects.unfinished().order_by("pk"):
        with held(_LOCK, batch.pk) as is_free:
            if not is_free:
                continue
            if not batch.is_upload:
                _close(batch, State.FAILED, _("The command was interrupted; nothing was written. Run it again."))
        if batch.is_upload:
            taken.append(batch.pk)
            _enqueue(batch.pk)
    return taken


def _check_right(by: User | None) -> None:
    if by is not None and not by.may(Permission.IMPORT_DATA):
        raise NotPermitted(_("You may not import files."))


def _folder(batch: ImportBatch) -> Path:
    return Path(settings.STATE.folder) / "imports" / str(batch.pk)


def _run(batch: ImportBatch, paths: Sequence[Path]) -> Result:
    batch.state, batch.started_at = State.RUNNING, clock.now()
    batch.save(update_fields=["state", "started_at"])
    try:
        loaded = _load(batch, paths)
    except DatabaseError as error:
        why = " ".join(str(error).split())
        with suppress(Error):  # the connection itself may be what broke
            _close(batch, State.FAILED, why)
        raise ImportFailed(_("The database refused the batch: %(why)s") % {"why": why}) from error
    except BaseException as error:
        with suppress(Error):
            _close(batch, State.FAILED, f"{type(error).__name__}: {error}")
        raise
    if loaded.refusals or batch.dry_run:
        _record(batch, loaded)
    return Result(batch, loaded.counts, loaded.refusals)


def _load(batch: ImportBatch, paths: Sequence[Path]) -> Loaded:
    sources, unknown = sources_in(paths)
    if unknown:
        return Loaded(refusals=[_refusal(one) for one in unknown])
    for left in reversed(range(_TRIES)):
        try:
            with Progress(batch.pk) as progress:
                return batches.load(
                    sources,
                    by=batch.by,
                    dry_run=batch.dry_run,
                    batch_id=batch.pk,
                    say=progress.say,
                    finish=lambda loaded: _record(batch, loaded),
                )
        except DatabaseError as error:
            if not left or getattr(error.__cause__, "pgcode", None) not in _RETRIED:
                raise
    raise AssertionError


def _refusal(unknown: UnknownFile) -> Refusal:
    return Refusal(unknown.label, 1, "", unknown.reason)


def _record(batch: ImportBatch, loaded: Loaded) -> None:
    """The batch's end. Of a batch that writes, in the same transaction: it is never written and yet unfinished."""
    batch.counts = loaded.counts
    batch.error_count = len(loaded.refusals)
    batch.rows_total = sum(sum(counts.values()) for counts in loaded.counts.values())
    batch.rows_done = batch.rows_total
    kept = loaded.refusals[:KEPT_ERRORS]
    RowError.objects.bulk_create(
        RowError(batch=batch, file=r.file[:300], line=r.line, column=r.column[:200], reason=r.reason) for r in kept
    )
    _close(batch, State.REFUSED if loaded.refusals else State.DONE, "")


def _close(batch: ImportBatch, state: State, message: str) -> None:
    batch.state, batch.message, batch.step, batch.finished_at = state, message, "", clock.now()
    batch.save()
