"""When figures fall behind: what happened, and since when. The last figures are served meanwhile, with their time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

from core import clock
from rollups.models import Run

#: Changes that wait longer than this without a failure wait for a worker.
PATIENCE: Final = dt.timedelta(seconds=15)


@dataclass(frozen=True)
class Trouble:
    """Changes since `since` are in no figure. `run` is the latest run that failed over them; None: no worker took them."""

    since: dt.datetime
    run: int | None


def trouble() -> Trouble | None:
    """What keeps figures from following the facts; None while they do, or are about to."""
    since = _oldest_waiting() or _failed_rebuild()
    if since is None:
        return None
    failed = (
        Run.objects.filter(state__in=[Run.Outcome.FAILED, Run.Outcome.LOST], finished_at__gte=since)
        .exclude(kind=Run.Kind.VERIFY)
        .order_by("-id")
        .values_list("id", flat=True)
        .first()
    )
    if failed is None and since > clock.now() - PATIENCE:
        return None
    return Trouble(since, failed)


def _oldest_waiting() -> dt.datetime | None:
    """Since when the head of the queue waits: keys are taken in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT LEAST((SELECT queued_at FROM rollups_dirtykey ORDER BY id LIMIT 1), "
            "(SELECT queued_at FROM rollups_widechange ORDER BY id LIMIT 1))"
        )
        found: dt.datetime | None = cursor.fetchone()[0]
        return found


def _failed_rebuild() -> dt.datetime | None:
    """Since when everything should have been rebuilt, or priced for another day, and could not be."""
    whole = Run.objects.filter(kind__in=[Run.Kind.REBUILD, Run.Kind.AS_OF]).order_by("-id").first()
    return whole.started_at if whole and whole.state in (Run.Outcome.FAILED, Run.Outcome.LOST) else None
