"""The environment's variables, and the files that a fresh machine starts from."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from gam import environment
from gam.environment import ROOT, State


@pytest.mark.parametrize(
    ("url", "host", "port", "name", "user", "password"),
    [
        ("postgres://ann:s%40fe@db.example:5433/sales", "db.example", "5433", "sales", "ann", "s@fe"),
        ("postgresql://ann@[::1]:5433/sales", "::1", "5433", "sales", "ann", ""),
        ("postgres://gam_web@%2Ftmp%2FA%20b/gam", "/tmp/A b", "", "gam", "gam_web", ""),
        ("postgres://ann@/sales?host=/var/run/postgresql", "/var/run/postgresql", "", "sales", "ann", ""),
    ],
)
def test_a_database_url_is_read_part_by_part(
    url: str, host: str, port: str, name: str, user: str, password: str
) -> None:
    read = environment.database_settings(url)
    assert [read[key] for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")] == [host, port, name, user, password]


def test_options_of_a_database_url_reach_the_driver() -> None:
    assert environment.database_settings("postgres://a@b/c?sslmode=require")["OPTIONS"] == {"sslmode": "require"}


def test_the_embedded_database_takes_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAM_POSTGRES_OPTIONS", "shared_buffers=4GB  max_wal_size=16GB")
    assert environment.postgres_options() == {"shared_buffers": "4GB", "max_wal_size": "16GB"}


@pytest.mark.parametrize("word", ["shared_buffers", "shared_buffers=", "=4GB"])
def test_a_word_that_is_no_setting_is_named(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAM_POSTGRES_OPTIONS", f"work_mem=1MB {word}")
    with pytest.raises(ValueError, match=repr(word)):
        environment.postgres_options()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="must start with postgres://, not mysql://"):
        environment.database_settings("mysql://a@b/c")


@pytest.mark.parametrize(
    ("given", "for_redis", "for_celery"),
    [
        ("redis://cache.example:6379/3", "redis://cache.example:6379/3", "redis://cache.example:6379/3"),
        ("unix:///run/v.sock?db=2", "unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("redis+socket:///v.sock?virtual_host=4", "unix:///v.sock?db=4", "redis+socket:///v.sock?virtual_host=4"),
    ],
)
def test_a_broker_is_named_to_each_reader_in_its_words(
    monkeypatch: pytest.MonkeyPatch, given: str, for_redis: str, for_celery: str
) -> None:
    monkeypatch.setenv("REDIS_URL", given)
    assert (environment.redis_url(), environment.broker_url()) == (for_redis, for_celery)


def test_sockets_of_a_very_long_state_folder_have_short_paths() -> None:
    state = State(Path("/" + "/".join(["a folder whose name is long"] * 12)))
    assert len(str(state.postgres_sockets / ".s.PGSQL.5432")) < 100
    assert len(str(state.valkey_socket)) < 100


def test_a_state_folder_is_the_same_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    found = []
    for name in ("real", "link"):
        monkeypatch.setenv("GAM_STATE_DIR", str(tmp_path / name))
        found.append(environment.state().sockets)
    assert found[0] == found[1]


def test_a_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAM_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = environment.secret_key()
    assert len(first) >= 50
    assert environment.secret_key() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_nothing_given_means_a_closed_product() -> None:
    assert set(settings.ALLOWED_HOSTS) >= {"127.0.0.1", "localhost"}
    assert settings.REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"] == ["rest_framework.renderers.JSONRenderer"]
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & {word for words in directives.values() for word in words}


def test_every_locked_package_has_a_hash_and_no_lock_names_a_host() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9][\w.\-\[\],]*==[^\n]*\n(    --hash)?", text, re.MULTILINE)
        assert pinned, lock
        assert all(pinned), lock
        assert "://" not in text
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_every_wanted_package_is_locked() -> None:
    for wanted in sorted((ROOT / "requirements").glob("*.in")):
        names = re.findall(r"^([A-Za-z][\w-]*)", wanted.read_text(encoding="utf-8"), re.MULTILINE)
        locked = wanted.with_suffix(".txt").read_text(encoding="utf-8")
        assert [name for name in names if not re.search(rf"^{re.escape(name.lower())}==", locked, re.MULTILINE)] == []


def test_the_make_targets_are_those_of_run_py() -> None:
    words = ["make", "--no-print-directory", "-n", "demo"]  # the suite itself may run under make
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "exec python3 run.py demo"
    help_text = subprocess.run(["python3", "run.py"], cwd=ROOT, capture_output=True, text=True, check=False).stderr
    for target in ("setup", "demo", "test", "check", "bench"):
        assert target in help_text
