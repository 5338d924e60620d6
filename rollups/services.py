"""What commands, tasks and tests do with roll-ups. Nobody edits a figure, so nothing here is done `by` a user."""

from __future__ import annotations

from rollups import drain as draining
from rollups import rebuild as rebuilding
from rollups import runs, verification
from rollups.drain import Drained
from rollups.models import Run
from rollups.verification import Verification


def drain(*, wait: bool = True) -> Drained:
    """Bring every roll-up up to date with what changed. Without `wait`, leave what another process is working on."""
    return draining.drain_everything(wait=wait)


def has_work() -> bool:
    """Whether anything waits to be drained."""
    return draining.has_work()


def rebuild() -> Run:
    """Recompute everything from the facts and publish it in one transaction."""
    return rebuilding.rebuild()


def verify() -> Verification:
    """Drain, then compare every cell with what the facts say, in one snapshot."""
    return verification.verify()


def tidy() -> int:
    """Mark runs whose process died, forget old batches; returns how many were lost."""
    runs.forget_old()
    return runs.notice_lost()
