"""Whether the embedded database has every migration of this checkout, told by a fingerprint instead of a query."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from gam import environment
from gam.embedded.errors import ServersError
from gam.environment import ROOT, State


def fingerprint() -> str:
    """A digest of every migration of ours and of the locked packages, whose migrations change with their versions."""
    digest = hashlib.sha256(version("django").encode())
    files = sorted(ROOT.glob("*/migrations/*.py"))
    for path in [*files, ROOT / "requirements" / "app.txt"]:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def note_of(state: State) -> Path:
    """Where a state folder says which migrations its database has."""
    # Beside the cluster's own files: a state folder without its cluster forgets it too.
    return state.folder / "migrated"


def says(note: Path) -> bool:
    """Whether the note says that every migration of this checkout was run."""
    return note.exists() and note.read_text(encoding="ascii") == fingerprint()


@contextmanager
def turn_to_migrate(state: State, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Alone at migrating the database of a state folder: two commands on a new one would both make the same tables, and one of
    them fail. `waiting` is called again and again until it is our turn; what it raises ends the wait."""
    with open(state.run / "migrating.lock", "w", encoding="ascii") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(0.05)
        yield


def migrate_if_needed() -> None:
    """Bring an embedded database up to date; an external one is its administrator's to migrate. Raises ServersError."""
    state = environment.state()
    note = note_of(state)
    if not environment.database_is_embedded() or says(note):
        return
    with turn_to_migrate(state):
        if not says(note):
            migrate()
            note.write_text(fingerprint(), encoding="ascii")


def migrate() -> None:
    """Run Django's migrations as the role that owns the tables. Raises ServersError."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"],
        env={**os.environ, environment.ROLE_VARIABLE: environment.OWNER_ROLE},
        check=False,
    )
    if ran.returncode:
        raise ServersError("the migrations failed")
