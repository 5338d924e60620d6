"""Where the product keeps its state, and which database and broker it talks to.

Read by everything that runs before Django is configured (run.py's children, `manage.py`, the server keeper, the
test plugin), so only the standard library is imported here.

State is found from the real path of ``GAM_STATE_DIR`` alone: the same folder always names the same sockets, whoever
asks and from wherever. Socket folders live under the temporary folder because a Unix socket's path holds about a
hundred characters and a checkout's path may be longer.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASE = "gam"
OWNER_ROLE = "gam_owner"
WEB_ROLE = "gam_web"
ROLE_VARIABLE = "GAM_DATABASE_ROLE"


@dataclass(frozen=True)
class State:
    """One state folder: one independent product. Two folders side by side share nothing."""

    folder: Path

    @property
    def sockets(self) -> Path:
        """The short folder of this state's sockets, for this user."""
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return temporary_folder() / f"gam-{os.getuid()}-{digest}"

    @property
    def postgres_sockets(self) -> Path:
        return self.sockets / "postgres"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey" / "valkey.sock"

    @property
    def run(self) -> Path:
        """Locks, leases and notes of what is running."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def static(self) -> Path:
        return self.folder / "static"

    def make(self) -> None:
        """Create the folders that an unprivileged process of ours writes to."""
        for folder in (self.folder, self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)


def temporary_folder() -> Path:
    """The machine's folder for what ends with the processes."""
    # Not TMPDIR: two shells of one person may differ in it, and both must find the same servers.
    shared = Path("/tmp")  # noqa: S108  the folder made below it is private and its ownership is checked
    return shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def state() -> State:
    """The state folder in force (`GAM_STATE_DIR`, default `var/` in the checkout), by its real path."""
    named = os.environ.get("GAM_STATE_DIR", "").strip()
    return State(Path(os.path.realpath(named or ROOT / "var")))


def port() -> int:
    """The port of the web server (`PORT`, default 8000)."""
    return int(os.environ.get("PORT", "").strip() or 8000)


def database_is_embedded() -> bool:
    return not os.environ.get("DATABASE_URL", "").strip()


def postgres_options() -> dict[str, str]:
    """Settings of the embedded PostgreSQL that replace its modest ones, as in `GAM_POSTGRES_OPTIONS="shared_buffers=4GB
    max_wal_size=16GB"`. Raises ValueError on a word that is no setting."""
    words = os.environ.get("GAM_POSTGRES_OPTIONS", "").split()
    if wrong := next((word for word in words if not all(word.partition("="))), None):
        raise ValueError(f"GAM_POSTGRES_OPTIONS has {wrong!r}, which is not of the form name=value")
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def broker_is_embedded() -> bool:
    return not os.environ.get("REDIS_URL", "").strip()


def role() -> str:
    """The database role of this process: the web's, unless it was started to change tables."""
    return os.environ.get(ROLE_VARIABLE, "").strip() or WEB_ROLE


def embedded_database_url(*, role: str = WEB_ROLE, database: str = DATABASE, at: State | None = None) -> str:
    folder = (at or state()).postgres_sockets
    return f"postgres://{role}@{quote(str(folder), safe='')}/{database}"


def database_url() -> str:
    """The database this process connects to; `DATABASE_OWNER_URL` is used for migrations when it is given."""
    if role() == OWNER_ROLE and (owner := os.environ.get("DATABASE_OWNER_URL", "").strip()):
        return owner
    return os.environ.get("DATABASE_URL", "").strip() or embedded_database_url(role=role())


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings of the database at `url`; options such as `sslmode` stand in its query."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql", "psql", "pgsql"}:
        raise ValueError(f"DATABASE_URL must start with postgres://, not {parts.scheme}://")
    options = dict(parse_qsl(parts.query))
    netloc = parts.netloc.rpartition("@")[2]
    # urlsplit's own hostname is lower-cased, which breaks the path of a socket.
    host, _, tail = netloc.partition(":") if not netloc.startswith("[") else (parts.hostname or "", "", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(host),
        "PORT": str(parts.port or "") if netloc.startswith("[") else tail,
        "OPTIONS": options,
    }


def redis_url() -> str:
    """The broker and cache, in the form that redis-py reads (`redis://`, `rediss://`, `unix://`)."""
    url = os.environ.get("REDIS_URL", "").strip()
    if not url:
        return f"unix://{quote(str(state().valkey_socket))}?db=0"
    parts = urlsplit(url)
    if parts.scheme in {"redis+socket", "socket"}:
        number = dict(parse_qsl(parts.query)).get("virtual_host", "0")
        return f"unix://{parts.path}?{urlencode({'db': number})}"
    return url


def broker_url() -> str:
    """The same server in the form that Celery reads: a socket is `redis+socket://…?virtual_host=N`."""
    url = redis_url()
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{unquote(parts.path)}?{urlencode({'virtual_host': number})}"


def secret_key() -> str:
    """`SECRET_KEY`, or one generated once into the state folder and readable by its owner alone."""
    import secrets

    if given := os.environ.get("SECRET_KEY", "").strip():
        return given
    path = state().folder / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip() or _rewritten_secret(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key


def _rewritten_secret(path: Path) -> str:
    """The key of a file whose writer is a moment behind us, or died before it wrote."""
    import secrets
    import time

    for _ in range(20):
        if key := path.read_text(encoding="ascii").strip():
            return key
        time.sleep(0.05)
    path.write_text(key := secrets.token_urlsafe(48), encoding="ascii")
    return key
