"""State folders for the product: short-lived, reachable by the user who runs PostgreSQL, and some already migrated."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.setup.product import Product, manage


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder that everybody may pass through, with a space in its name; gone at the end of the run."""
    path = Path(tempfile.mkdtemp(prefix="gam setup "))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def migrated(place: Path) -> Path:
    """A state folder whose tables are made. Copy it; nobody runs it."""
    folder = place / "migrated"
    made = manage(folder, "migrate", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    # The command that serves notes this after its own migrations.
    from gam.embedded.migrated import fingerprint

    (folder / "migrated").write_text(fingerprint(), encoding="ascii")
    return folder


@pytest.fixture(scope="session")
def copy_of(migrated: Path, place: Path) -> Callable[[str], Path]:
    """A function that makes a state folder of the given name, ready to serve."""

    def copy(name: str) -> Path:
        folder = place / name
        subprocess.run(["cp", "-a", str(migrated), str(folder)], check=True)
        return folder

    return copy


@pytest.fixture(scope="module")
def product(copy_of: Callable[[str], Path]) -> Iterator[Product]:
    """The running product, shared by the tests of one file; its path is longer than a socket's may be."""
    made = Product(copy_of("a state folder with a name that is longer than any socket's path could hold " + "x" * 60))
    made.start()
    yield made
    if made.supervisor and made.supervisor.poll() is None:
        made.end()


@pytest.fixture(scope="session")
def is_root() -> bool:
    return os.getuid() == 0
