"""Progress that others can see while the batch's own transaction is still open: told over a connection of its own."""

from __future__ import annotations

import time
from types import TracebackType

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

_EVERY = 0.5


class Progress:
    """Writes where a batch stands, at most twice a second. Quick batches never open the second connection."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.told_at = time.monotonic()
        self.own: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Progress:
        return self

    def say(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.told_at < _EVERY:
            return
        self.told_at = now
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
