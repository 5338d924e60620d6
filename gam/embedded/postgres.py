"""One PostgreSQL cluster of ours: where it lives, who runs it, how it is made, started and prepared."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import IO, Any

import psycopg2
from psycopg2 import sql

from gam import environment
from gam.embedded.binaries import Postgres, find_postgres
from gam.embedded.errors import ServersError
from gam.embedded.processes import Owner, start
from gam.environment import DATABASE, OWNER_ROLE, ROOT, WEB_ROLE, State

SUPERUSER = "postgres"
_ENVIRONMENT = {"LANG": "C", "LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Containers often give /dev/shm 64 MB, which one parallel hash join exceeds.
    "dynamic_shared_memory_type": "mmap",
}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Cluster:
    """The cluster of one state folder. `fast` gives up durability for speed, for tests alone."""

    def __init__(self, state: State, *, fast: bool = False) -> None:
        self.state = state
        self.fast = fast
        self.sockets = state.postgres_sockets
        self.owner = _owner(state) if os.getuid() == 0 else None
        self.data = self._data_folder()
        self.binaries = self._reachable(find_postgres())

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Make the cluster if it is not there yet, and start its postmaster as our child."""
        self._make_socket_folder()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._remove_stale_lock()
        options = {**_OPTIONS, **(_FAST if self.fast else {}), **environment.postgres_options()}
        words: list[str | os.PathLike[str]] = [self.binaries.bin / "postgres", "-D", self.data, "-k", str(self.sockets)]
        for name, value in options.items():
            words += ["-c", f"{name}={value}"]
        return start(
            words, death=signal.SIGINT, output=log, environment=_ENVIRONMENT, owner=self.owner, folder=self.data
        )

    def connect(self, database: str = "postgres") -> Any:
        """A superuser's connection in autocommit: for making roles and databases, for nothing else."""
        connection = psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname=database, connect_timeout=5)
        connection.autocommit = True
        return connection

    def wait(self, child: subprocess.Popen[bytes], *, within: float = 60.0) -> None:
        """Return once connections are taken. Raises ServersError when the server ends or takes too long."""
        deadline = time.monotonic() + within
        while True:
            try:
                self.connect().close()
                return
            except psycopg2.OperationalError as error:
                if child.poll() is not None:
                    raise ServersError(
                        f"PostgreSQL ended at its start: see {self.state.logs / 'postgres.log'}"
                    ) from error
                if time.monotonic() > deadline:
                    raise ServersError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.02)

    def prepare(self) -> None:
        """Make the two roles and the product's database where they are missing."""
        connection = self.connect()
        with connection.cursor() as cursor:
            for role in (OWNER_ROLE, WEB_ROLE):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if not cursor.fetchone():
                    cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            exists = cursor.fetchone()
        connection.close()
        if not exists:
            self.create_database(DATABASE)

    def create_database(self, name: str) -> None:
        """An empty database that `gam_owner` owns and migrates, and in which `gam_web` may read and write rows."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER_ROLE))
            )
        connection.close()
        connection = self.connect(name)
        with connection.cursor() as cursor:
            for statement in _GRANTS:
                cursor.execute(statement)
        connection.close()

    def _data_folder(self) -> Path:
        """The cluster's folder: inside the state folder, unless its user can't get there and it lives elsewhere."""
        note = self.state.folder / "postgres.location"
        if note.exists():
            return Path(note.read_text(encoding="utf-8").strip())
        inside = self.state.folder / "postgres"
        if self.owner is None or inside.exists() or _can_traverse(self.owner, self.state.folder):
            return inside
        digest = hashlib.sha256(os.fsencode(self.state.folder)).hexdigest()[:12]
        outside = _shared_place() / f"gam-state-{digest}" / "postgres"
        note.write_text(f"{outside}\n", encoding="utf-8")
        return outside

    def _initialise(self) -> None:
        partial = self.data.with_name("postgres.new")
        if partial.exists():
            shutil.rmtree(partial)
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        if self.owner:
            os.chown(partial, self.owner.uid, self.owner.gid)
        words = [str(self.binaries.bin / "initdb"), "-D", str(partial), "-U", SUPERUSER, "--auth=trust"]
        words += ["--encoding=UTF8", "--no-instructions"]
        # The built-in locale is the same on every machine; PostgreSQL 16 does not have it yet.
        modern = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        words += modern if self.binaries.major >= 17 else ["--locale=C.UTF-8"]
        if self.fast:
            words.append("--no-sync")
        owner = self.owner
        ran = subprocess.run(
            words,
            env=_ENVIRONMENT,
            cwd=partial,
            capture_output=True,
            text=True,
            check=False,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )
        if ran.returncode:
            raise ServersError(f"initdb failed: {(ran.stderr or ran.stdout).strip()}")
        # In place at once: a first start that is killed half-way leaves nothing that looks like a cluster.
        partial.rename(self.data)

    def _check_version(self) -> None:
        major = int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())
        if major != self.binaries.major:
            raise ServersError(
                f"{self.data} was made by PostgreSQL {major}, but {self.binaries.bin} is {self.binaries.major}: "
                "restore a backup into a new state folder, or set DATABASE_URL"
            )

    def _remove_stale_lock(self) -> None:
        """Remove a postmaster.pid whose process is not PostgreSQL any more.

        The keeper's lock proves that no postmaster of ours runs; in a new container the pid may belong to anyone,
        and PostgreSQL itself can't tell.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="ascii").split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return  # no lock, or no such process: PostgreSQL sees that too
        if b"postgres" not in command:
            lock.unlink(missing_ok=True)

    def _make_socket_folder(self) -> None:
        socket_folder(self.state)
        private_folder(self.sockets, owner=self.owner)

    def _reachable(self, found: Postgres) -> Postgres:
        """The same binaries, from a copy where the cluster's user can't reach them (a root checkout in a closed home)."""
        if self.owner is None or _can_traverse(self.owner, found.bin):
            return found
        if found.tree is None:
            raise ServersError(f"{found.bin} can't be reached by the user who must run PostgreSQL: set DATABASE_URL")
        binary = (found.bin / "postgres").stat()
        place = _shared_place() / f"gam-postgres-{found.major}-{binary.st_size}"
        copied = place / found.bin.relative_to(found.tree.parent)
        if not copied.exists():
            partial = place.with_name(f"{place.name}.{os.getpid()}")
            # The libraries beside the package are found by a relative path: both move together.
            for tree in (found.tree, found.tree.with_name(f"{found.tree.name}.libs")):
                if tree.exists():
                    shutil.copytree(tree, partial / tree.name)
            _open_to_others(partial)
            partial.rename(place)
        return Postgres(copied, found.major)


_GRANTS = [
    f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}",
    *(
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public GRANT {rights} TO {WEB_ROLE}"
        for rights in (
            "SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES",
            "USAGE, SELECT, UPDATE ON SEQUENCES",
            "EXECUTE ON FUNCTIONS",
        )
    ),
]


def socket_folder(state: State) -> None:
    """The folder above both servers' own; PostgreSQL's user passes through root's."""
    private_folder(state.sockets, mode=0o711 if os.getuid() == 0 else 0o700)


def private_folder(path: Path, *, mode: int = 0o700, owner: Owner | None = None) -> None:
    """Make the folder, or check that the one there is ours and closed: its sockets admit whoever reaches them."""
    uid = owner.uid if owner else os.getuid()
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)
        if owner:
            os.chown(path, owner.uid, owner.gid)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) != mode:
            raise ServersError(f"{path} belongs to someone else or is open to others: remove it") from None


def _owner(state: State) -> Owner:
    """Whom root lets run the cluster: its present owner, else the checkout's owner, else nobody."""
    note = state.folder / "postgres.location"
    data = Path(note.read_text(encoding="utf-8").strip()) if note.exists() else state.folder / "postgres"
    for place in (data, ROOT):
        if place.exists() and (found := place.stat()).st_uid:
            return Owner(found.st_uid, found.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def _can_traverse(owner: Owner, path: Path) -> bool:
    """Whether `owner` may pass through every folder above and including `path`."""
    for folder in (path, *path.parents):
        found = folder.stat()
        if found.st_uid == owner.uid:
            bit = stat.S_IXUSR
        elif found.st_gid == owner.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _shared_place() -> Path:
    """Where root keeps what another user must reach: kept across restarts where possible."""
    for place in (Path("/var/lib"), Path("/var/tmp"), Path("/tmp")):  # noqa: S108  root's own, made by root
        if place.is_dir() and os.access(place, os.W_OK):
            return place
    raise ServersError("No folder for PostgreSQL that its user can reach: set DATABASE_URL")


def _open_to_others(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
