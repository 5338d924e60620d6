"""Child processes that never outlive us, and recognising those of an earlier life by pid and start time."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not import or load anything.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Owner:
    """The user a child runs as, when we are root and it must not be."""

    uid: int
    gid: int


def dies_with_parent(death: signal.Signals) -> Callable[[], None]:
    """A function for the child between fork and exec: ask the kernel for `death` when the parent ends.

    It runs after the change of user, which would clear the request. The parent may have ended already, and then no
    signal comes any more: that is what the comparison of parents is for.
    """
    parent = os.getpid()

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return ask


def dies_with_parent_now(death: signal.Signals) -> None:
    """Ask the same from within a child that was forked by a library."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)


def start(
    command: Sequence[str | os.PathLike[str]],
    *,
    death: signal.Signals,
    output: IO[bytes] | int | None = None,
    environment: Mapping[str, str] | None = None,
    owner: Owner | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` as a direct child in a session of its own. Call it from the main thread: the kernel ties
    the child's life to the thread that started it."""
    return subprocess.Popen(
        [os.fspath(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
        start_new_session=True,
        preexec_fn=dies_with_parent(death),  # noqa: PLW1509  one system call, loaded before; no thread runs
    )


def stop(child: subprocess.Popen[bytes], *, by: signal.Signals, within: float) -> None:
    """Ask `child` to end, wait `within` seconds, then kill its whole session."""
    if child.poll() is None:
        child.send_signal(by)
        try:
            child.wait(within)
        except subprocess.TimeoutExpired:
            pass
    kill_session(child.pid)
    child.wait()


def kill_session(pid: int) -> None:
    """Kill what is left of the session that the child `pid` led."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def started_at(pid: int) -> str:
    """When the process began, as the system states it; empty when it runs no more. With the pid it names one process."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()


def is_running(pid: int, since: str) -> bool:
    return bool(since) and started_at(pid) == since


def note(path: Path, children: Mapping[str, int]) -> None:
    """Write down the running children, so that a next life can end them if this one is killed."""
    rows = {name: [pid, started_at(pid)] for name, pid in children.items()}
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(rows), encoding="utf-8")
    partial.replace(path)


def end_noted(path: Path, *, within: float = 10.0) -> list[str]:
    """End what an earlier life noted and left behind; the names of those that were still running."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    left = {name: (pid, since) for name, (pid, since) in rows.items() if is_running(pid, since)}
    deadline = time.monotonic() + within
    for name, (pid, _) in left.items():
        # PostgreSQL waits for its clients on SIGTERM and ends their sessions on SIGINT.
        _signal(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    while any(is_running(pid, since) for pid, since in left.values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, since in left.values():
        if is_running(pid, since):
            kill_session(pid)
    path.unlink(missing_ok=True)
    return sorted(left)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
