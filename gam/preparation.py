"""What stands before the product serves: migrations, static files, demo data, roll-ups. Each step is a process."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2

from gam import environment
from gam.embedded import ServersError, processes
from gam.embedded.migrated import fingerprint, note_of, says, turn_to_migrate
from gam.environment import ROOT, State


class Stopped(Exception):
    """The product was told to stop before it was ready."""


class Preparation:
    """Brings the database and the static files of a state folder to where the product can serve."""

    def __init__(self, state: State, *, is_stopping: Callable[[], bool]) -> None:
        self.state = state
        self.is_stopping = is_stopping

    @property
    def has_demo(self) -> bool:
        return (self.state.folder / "demo").exists()

    def prepare(self, *, demo: bool) -> None:
        """Every step that is due. Raises ServersError when one fails, Stopped when told to stop meanwhile."""
        self._migrate()
        self._collect_static_files()
        if demo:
            self._load_demo()

    def _migrate(self) -> None:
        note = note_of(self.state)
        with turn_to_migrate(self.state, waiting=self._stop_if_told):
            # An external database may have been replaced under the same address: ask it each time.
            if environment.database_is_embedded() and says(note):
                return
            self._run("Making the tables …", "migrate", "--noinput", "--verbosity", "0", role=environment.OWNER_ROLE)
            note.write_text(fingerprint(), encoding="ascii")

    def _stop_if_told(self) -> None:
        if self.is_stopping():
            raise Stopped

    def _collect_static_files(self) -> None:
        note = self.state.run / "static"
        mark = static_fingerprint()
        if (self.state.static / "staticfiles.json").exists() and _read(note) == mark:
            return
        self._run("Collecting the static files …", "collectstatic", "--noinput", "--clear", "--verbosity", "0")
        note.write_text(mark, encoding="ascii")

    def _load_demo(self) -> None:
        loading = self.state.folder / "demo-loading"
        # Also when an earlier load was cut short: loading is repeatable.
        if self.has_demo or not (loading.exists() or _has_no_accounts()):
            return
        loading.touch()
        self._run("Loading the demo data …", "load_demo", shows_output=True)
        self._run("Rolling up …", "rollup", shows_output=True)
        loading.rename(self.state.folder / "demo")

    def _run(self, says: str, *words: str, role: str = environment.WEB_ROLE, shows_output: bool = False) -> None:
        print(says, flush=True)
        log = self.state.logs / "preparation.log"
        with open(log, "ab") as file:
            child = processes.start(
                [sys.executable, str(ROOT / "manage.py"), *words],
                death=signal.SIGKILL,
                output=None if shows_output else file,
                environment={**os.environ, environment.ROLE_VARIABLE: role, "PYTHONUNBUFFERED": "1"},
                folder=ROOT,
            )
            while child.poll() is None:
                if self.is_stopping():
                    processes.stop(child, by=signal.SIGTERM, within=5)
                    raise Stopped
                time.sleep(0.02)
        if child.returncode:
            raise ServersError(f"{words[0]} failed: see {'above' if shows_output else log}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def static_fingerprint() -> str:
    """A digest of everything that collected static files are made of."""
    digest = hashlib.sha256((ROOT / "requirements" / "app.txt").read_bytes())
    for path in sorted((ROOT / "static" / "dist").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    digest.update((ROOT / "gam" / "staticfiles.py").read_bytes())
    return digest.hexdigest()[:16]


def _has_no_accounts() -> bool:
    settings = environment.database_settings(environment.database_url())
    connection = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname=settings["NAME"],
        **(options if isinstance(options := settings["OPTIONS"], dict) else {}),
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT EXISTS (SELECT FROM accounts_account)")
            (is_empty,) = cursor.fetchone() or (True,)
    finally:
        connection.close()
    return bool(is_empty)
