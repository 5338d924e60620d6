"""Progress that others can see while the batch's own transaction is still open: told over a connection of its own."""

from __future__ import annotations

import logging
import time
from types import TracebackType

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)
_EVERY = 0.5


class Progress:
    """Writes where a batch stands, at most twice a second. Quick batches never open the second connection."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.told_at = time.monotonic()
        self.own: BaseDatabaseWrapper | None = None
        # Inside somebody's transaction the batch's row is not there yet for others, or locked against ourselves.
        self.is_silent = connection.in_atomic_block

    def __enter__(self) -> Progress:
        return self

    def say(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.is_silent or now - self.told_at < _EVERY:
            return
        self.told_at = now
        try:
            self._tell(step, done, total)
        except Error:
            logger.exception("the progress of import %s can't be told", self.batch_id)
            self.is_silent = True

    def _tell(self, step: str, done: int, total: int) -> None:
        if self.own is None:
            self.own = connection.copy()
        with self.own.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_importbatch SET step = %s, rows_done = %s, rows_total = %s WHERE id = %s",
                [step[:200], done, total, self.batch_id],
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.own is not None:
            self.own.close()
