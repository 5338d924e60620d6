"""The throw-away servers under the test suite; loaded by `-p tests.plugin` before Django reads its settings.

Every run has a PostgreSQL and a Valkey of its own, in a folder that ends with it, however it ends. The migrations run
once, into a template database; each worker process works in a clone, and gets a new one after a test that commits.

Set ``GAM_TEST_STATE_DIR`` to keep the folder between runs: the template is then made once for each set of migrations.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from psycopg2 import sql

from gam import environment
from gam.embedded import leases
from gam.embedded.migrated import fingerprint
from gam.embedded.postgres import Cluster
from gam.environment import OWNER_ROLE, State

_FOLDER = "GAM_TEST_FOLDER"  # how the controller tells its workers where the servers are
_KEPT = {"GAM_TEST_STATE_DIR", "GAM_TEST_ON_DISK", "GAM_BROWSER_REQUIRED", "GAM_HISTORIES", "GAM_POSTGRES_OPTIONS"}
_SERVERS = ["postgres", "valkey"]
_PREFIX = "gam-test-"


def _worker() -> int:
    """The number of this process's database: the controller and a run without workers are 0."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


def _folder() -> Path:
    if kept := os.environ.get("GAM_TEST_STATE_DIR"):
        return Path(os.path.realpath(kept))
    if _FOLDER not in os.environ:
        parent = _quickest_folder()
        _sweep(parent)
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        path.chmod(0o711)  # as root, PostgreSQL runs as another user, who must get through
        os.environ[_FOLDER] = str(path)
    return Path(os.environ[_FOLDER])


def _quickest_folder() -> Path:
    """Memory where there is plenty of it, else the machine's folder for what ends with the processes.

    A database is thousands of small files: to copy the template takes 0.05 s in memory, and 0.4 to 1.5 s on a disk.
    """
    memory = Path("/dev/shm")
    if "GAM_TEST_ON_DISK" not in os.environ and os.access(memory, os.W_OK | os.X_OK):
        room = os.statvfs(memory)
        # It gives no memory back while it is held: a run needs up to two gigabytes beside those of its processes.
        if min(room.f_bavail * room.f_frsize, _free_memory()) > 6 << 30:
            return memory
    return environment.temporary_folder()


def _free_memory() -> int:
    """What the kernel says could be used without swapping, in bytes; 0 where it doesn't say."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) << 10
    except (OSError, KeyError, ValueError):
        return 0


def _sweep(parent: Path) -> None:
    """Remove what test runs left that were killed together with their keeper."""
    for path in parent.glob(f"{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX).split("-")[0]
        is_ours = path.stat().st_uid == os.getuid()
        if is_ours and pid.isdigit() and not Path(f"/proc/{pid}").exists() and not leases.keeper_runs(State(path)):
            shutil.rmtree(path, ignore_errors=True)


STATE = State(_folder())
DATABASE = f"gam_test_{_worker()}"
_TEMPLATE = f"gam_template_{fingerprint()}"


def _take_over_environment() -> None:
    """Point the settings at the throw-away servers, whatever the caller's own environment says."""
    for name in [*os.environ]:
        if name in {"ALLOWED_HOSTS", "DEBUG", "PORT", "EMAIL_URL", "SECRET_KEY", "DATABASE_OWNER_URL"}:
            del os.environ[name]
        elif name.startswith("GAM_") and name not in {_FOLDER, *_KEPT}:
            del os.environ[name]
    os.environ["GAM_STATE_DIR"] = str(STATE.folder)
    os.environ["DATABASE_URL"] = environment.embedded_database_url(database=DATABASE, at=STATE)
    os.environ["REDIS_URL"] = f"unix://{STATE.valkey_socket}?db={_worker()}"
    STATE.make()
    STATE.static.mkdir(exist_ok=True)


_take_over_environment()


class Servers:
    """This process's use of the servers: a lease from the start of the run to its end."""

    def __init__(self) -> None:
        self.holder = leases.take(STATE)
        self.cluster: Cluster | None = None

    def start(self) -> None:
        flags = ["--fast"] if "GAM_TEST_STATE_DIR" in os.environ else ["--fast", "--remove"]
        leases.ensure(STATE, _SERVERS, *flags)

    def end(self) -> None:
        leases.give_back(STATE, self.holder)

    def make_template(self) -> None:
        """Migrate the template, once a run: the first worker does it and the others wait."""
        self.cluster = Cluster(STATE)
        with open(STATE.run / "template.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._exists(_TEMPLATE):
                self._drop("gam_template_new")
                self.cluster.create_database("gam_template_new")
                _migrate("gam_template_new")
                self._administer("ALTER DATABASE {} RENAME TO {}", "gam_template_new", _TEMPLATE)

    def clone(self) -> None:
        """A new copy of the template as this process's database."""
        self._drop(DATABASE)
        self._administer("CREATE DATABASE {} TEMPLATE {} OWNER {}", DATABASE, _TEMPLATE, OWNER_ROLE)

    def _exists(self, name: str) -> bool:
        assert self.cluster
        connection = self.cluster.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            found = cursor.fetchone()
        connection.close()
        return bool(found)

    def _drop(self, name: str) -> None:
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _administer(self, statement: str, *names: str) -> None:
        assert self.cluster
        connection = self.cluster.connect()
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
        connection.close()


def _migrate(database: str) -> None:
    """Run the migrations in this process as the owner of the tables, then give the connection back to the web's role."""
    from django.core.management import call_command
    from django.db import connection

    serving = {name: connection.settings_dict[name] for name in ("NAME", "USER")}
    connection.settings_dict.update(NAME=database, USER=OWNER_ROLE)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict.update(serving)


servers: Servers | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Hold the servers for the whole run, and let committing tests leave a clone behind instead of flushed tables."""
    global servers  # noqa: PLW0603  hooks and fixtures share it; pytest gives them no other place
    if config.option.collectonly:
        return
    servers = Servers()
    from django.conf import settings
    from django.test import TransactionTestCase

    # Real hashing costs 0.2 s a sign-in; the manifest of static files exists only after a build.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Flushing tables, as Django does after a test that commits, would lose what migrations seed.
    setattr(TransactionTestCase, "_fixture_teardown", _clone_again)  # noqa: B010  the stubs don't know the method


def pytest_sessionstart(session: pytest.Session) -> None:
    # With xdist, the controller runs no test: its workers start the servers.
    if servers and not getattr(session.config.option, "numprocesses", None):
        servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers:
        servers.end()


def _clone_again(_case: Any) -> None:
    from django.db import connections

    connections.close_all()
    assert servers
    servers.clone()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> None:
    """This process's clone of the migrated template. (`tests/conftest.py` puts it in the place of pytest-django's.)"""
    assert servers
    with django_db_blocker.unblock():
        servers.make_template()
        servers.clone()


def wait_until(happens: Any, *, within: float = 10.0, every: float = 0.02) -> bool:
    """Whether `happens()` comes true within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(every)
    return bool(happens())
