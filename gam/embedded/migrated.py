"""Whether the embedded database has every migration of this checkout, told by a fingerprint instead of a query."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from gam import environment
from gam.embedded.errors import ServersError
from gam.environment import ROOT


def fingerprint() -> str:
    """A digest of every migration of ours and of the locked packages, whose migrations change with their versions."""
    digest = hashlib.sha256(version("django").encode())
    files = sorted(ROOT.glob("*/migrations/*.py"))
    for path in [*files, ROOT / "requirements" / "app.txt"]:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _note() -> Path:
    # Beside the cluster's own files: a state folder without its cluster forgets it too.
    return environment.state().folder / "migrated"


def migrate_if_needed() -> None:
    """Bring an embedded database up to date; an external one is its administrator's to migrate. Raises ServersError."""
    if not environment.database_is_embedded():
        return
    mark = fingerprint()
    note = _note()
    if note.exists() and note.read_text(encoding="ascii") == mark:
        return
    migrate()
    note.write_text(mark, encoding="ascii")


def migrate() -> None:
    """Run Django's migrations as the role that owns the tables. Raises ServersError."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"],
        env={**os.environ, environment.ROLE_VARIABLE: environment.OWNER_ROLE},
        check=False,
    )
    if ran.returncode:
        raise ServersError("the migrations failed")
