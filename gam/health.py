"""`/healthz`: this process answers. `/readyz`: the product can work: database, migrations and broker are right."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gam import environment
from gam.embedded.binaries import EXTENSIONS


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: touches nothing but this process."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: 200 when every part answers, else 503 with what each part says."""
    parts = {name: _said(part) for name, part in _PARTS.items()}
    is_ready = all(said == "ok" for said in parts.values())
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)


def _said(part: Callable[[], str]) -> str:
    try:
        return part()
    except (DatabaseError, redis.RedisError) as error:
        # The full message may name hosts and users; the log has it.
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        missing = set(EXTENSIONS) - {name for (name,) in cursor.fetchall()}
    return f"extensions missing: {', '.join(sorted(missing))}" if missing else "ok"


def _migrations() -> str:
    pending = _pending_migrations()
    if pending:
        _pending_migrations.cache_clear()
        return f"{pending} pending"
    return "ok"


@cache
def _pending_migrations() -> int:
    """A process has its code for life, so once none is pending the answer stands."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _broker() -> str:
    with redis.Redis.from_url(environment.redis_url(), socket_timeout=3, socket_connect_timeout=3) as client:
        client.ping()
    return "ok"


_PARTS = {"database": _database, "migrations": _migrations, "broker": _broker}
