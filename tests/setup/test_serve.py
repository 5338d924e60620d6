"""The running product: it answers, mends itself, attaches others, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gam.embedded import processes
from tests.plugin import STATE, wait_until
from tests.setup.product import Product, manage, processes_of

pytestmark = pytest.mark.slow


def test_it_is_alive_and_ready(product: Product) -> None:
    assert (product.status("/healthz"), product.status("/readyz")) == (200, 200)


def test_its_last_line_is_its_address(product: Product) -> None:
    assert f"http://127.0.0.1:{product.port}" in product.said().splitlines()[-1]


def test_it_listens_on_loopback_and_on_sockets_alone(product: Product) -> None:
    inodes = set()
    for pid in processes_of(product.folder):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            name = str(link.readlink()) if link.is_symlink() else ""
            inodes |= {name[8:-1]} if name.startswith("socket:[") else set()
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}
    assert listening == {"0100007F"}  # 127.0.0.1, its bytes from right to left


def test_a_second_start_tells_the_address_of_the_first(product: Product) -> None:
    second = manage(product.folder, "serve", "--port", "1")
    assert second.returncode == 0
    assert f"http://127.0.0.1:{product.port}" in second.stdout


def test_a_command_attaches_to_the_running_servers_and_leaves_them_running(product: Product) -> None:
    before = product.pid("postgres")
    asked = manage(product.folder, "showmigrations", "users")
    assert "[X] 0001" in asked.stdout, asked.stderr
    assert (product.pid("postgres"), product.status()) == (before, 200)


@pytest.mark.parametrize("name", ["web", "worker", "drains", "beat", "postgres", "valkey", "keeper"])
def test_a_killed_child_is_started_again(product: Product, name: str) -> None:
    assert wait_until(lambda: product.status() == 200 and product.pid(name) > 0)
    before = product.pid(name)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: product.pid(name) not in {0, before}, within=20), product.said()
    assert wait_until(lambda: product.status() == 200, within=20), product.said()


def test_two_state_folders_side_by_side_are_two_products_and_one_stops_alone(
    product: Product, copy_of: Callable[[str], Path]
) -> None:
    other = Product(copy_of("beside")).start()
    assert {product.status(), other.status()} == {200}
    assert product.pid("postgres") != other.pid("postgres")
    assert len(processes_of(other.folder)) >= 8
    assert other.end(signal.SIGINT) == 0
    assert processes_of(other.folder) == {}
    assert product.status() == 200


def test_killed_it_leaves_nothing_and_starts_again_and_stops_when_asked(copy_of: Callable[[str], Path]) -> None:
    product = Product(copy_of("killed")).start()
    product.end(signal.SIGKILL)
    assert wait_until(lambda: not processes_of(product.folder), within=5), processes_of(product.folder)
    again = Product(product.folder).start()
    assert again.status() == 200
    assert again.end(signal.SIGTERM) == 0
    assert processes_of(product.folder) == {}


def test_a_taken_port_is_said_in_one_line(product: Product, place: Path) -> None:
    refused = manage(place / "no port", "serve", "--port", str(product.port))
    assert refused.returncode == 1
    assert refused.stderr.strip() == f"Port {product.port} is taken by another program: choose one with PORT=8001"


@pytest.mark.django_db(transaction=True)
def test_given_servers_are_used_instead_of_embedded_ones(place: Path) -> None:
    folder = place / "external"
    folder.mkdir()
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    product = Product(folder, servers | {"DATABASE_OWNER_URL": servers["DATABASE_URL"].replace("gam_web", "gam_owner")})
    product.start()
    assert product.status() == 200
    assert not any("postgres -D" in command or "keeper" in command for command in processes_of(folder).values())
    assert str(STATE.postgres_sockets) not in str(folder)
    assert product.end() == 0


def test_what_a_killed_supervisor_left_is_ended_by_the_next(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    note = tmp_path / "programs.json"
    processes.note(note, {"web": left.pid})
    note.write_text(note.read_text().replace("}", f', "other": [{stranger.pid}, "another start time"]}}'))
    try:
        assert processes.end_noted(note) == ["web"]
        assert left.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None  # the pid was given to somebody else meanwhile
    finally:
        stranger.kill()
        stranger.wait()


_SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from users.models import User
user, _ = User.objects.get_or_create(email="reader@example.org", defaults={"access": "executive"})
store = SessionStore()
store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store.create()
print("session", store.session_key)
"""
_EDIT = """
from tests import factories as make
make.RevenueEntryFactory()
"""


def test_streams_of_many_readers_leave_the_threads_free_and_tell_of_a_commit(product: Product) -> None:
    assert wait_until(lambda: product.status() == 200)
    session = manage(product.folder, "shell", "-c", _SESSION).stdout.split()[-1]
    asked = f"GET /live/ HTTP/1.1\r\nHost: localhost\r\nCookie: gam_session_{product.port}={session}\r\n\r\n".encode()
    streams = [socket.create_connection(("127.0.0.1", product.port)) for _ in range(40)]  # sixteen threads serve
    try:
        for stream in streams:
            stream.settimeout(20)
            stream.sendall(asked)
        assert all(_heard(stream).startswith("HTTP/1.1 200") for stream in streams)
        assert product.status("/healthz") == 200
        edited = manage(product.folder, "shell", "-c", _EDIT)
        assert edited.returncode == 0, edited.stderr
        assert all("event: news" in _heard(stream) for stream in streams)
    finally:
        for stream in streams:
            stream.close()


def _heard(stream: socket.socket) -> str:
    """What comes up to the next word of news."""
    said = b""
    while b"event: news" not in said and (more := stream.recv(4096)):
        said += more
    return said.decode()
