"""State folders for the product: short-lived, reachable by the user who runs PostgreSQL, and some already migrated."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gam.embedded.migrated import fingerprint
from gam.preparation import static_fingerprint
from tests.plugin import STATE
from tests.setup.product import Product, manage


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder that everybody may pass through, with a space in its name; gone at the end of the run."""
    path = Path(tempfile.mkdtemp(prefix="gam setup ", dir=STATE.folder.parent))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def migrated() -> Path:
    """A state folder with tables and static files, made once a run. Copy it; nobody runs it."""
    folder = STATE.folder / f"migrated-{fingerprint()}"
    with open(STATE.run / "migrated.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "migrated").exists():
            for words in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
                made = manage(folder, *words)
                assert made.returncode == 0, made.stderr
            # What `serve` notes after these steps.
            (folder / "run" / "static").write_text(static_fingerprint(), encoding="ascii")
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
