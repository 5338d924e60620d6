"""What every test has: its own database (see plugin.py), an empty broker and cache, and a browser where asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis

from gam import environment
from tests.cast import cast
from tests.plugin import django_db_setup

__all__ = ["cast", "django_db_setup"]

# How long an example takes says how busy the machine is, which several runs may share, and nothing of the code: what must be
# fast is measured by `bench/`. What a strategy throws away, and how large it draws, is still judged.
hypothesis.settings.register_profile(
    "gam", max_examples=50, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("gam")

# What takes longest is begun first; the product's own processes before all, since they need no template.
_LONGEST = (
    "setup/test_serve.py",
    "test_access_walk.py",
    "rollups/test_workers.py",
    "accounts/test_merges_at_once.py",
    "imports/test_load_demo.py",
    "rollups/test_bridges.py",
    "api/test_conformance.py",
    "pages/",
    "rollups/",
)

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(tests).as_posix() if item.path.is_relative_to(tests) else ""
        return next((at for at, first in enumerate(_LONGEST) if path.startswith(first)), len(_LONGEST))

    items.sort(key=place)  # stable: within a file nothing changes


@pytest.fixture(scope="session")
def broker() -> Iterator[redis.Redis]:
    """This process's own database of the test run's Valkey."""
    client = redis.Redis.from_url(environment.redis_url())
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _empty_broker(broker: redis.Redis) -> Iterator[None]:
    """Nothing cached or queued by one test is met by another."""
    yield
    broker.flushdb()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How Playwright starts the machine's own Chromium; tests that need a browser are skipped without one."""
    found = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if not found:
        reason = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("GAM_BROWSER_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright runs an event loop in the test's thread, which Django takes for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {"executable_path": found, "args": _CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Pages are opened by the live server's whole address; the plugin's own fixture warns under this pytest."""
    return ""
