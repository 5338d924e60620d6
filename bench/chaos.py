"""Does the product keep its promises while its processes are killed? `python -m bench.chaos [--kills 50] [--writers 4]`

Starts a product of its own in a throw-away state folder. Writers change facts in several connections, by the ORM and by the
API, while workers are killed with SIGKILL, the broker is emptied and killed, and the database is killed under load. Then the
product must catch up by itself, and nothing may be wrong: no cell differs from the facts, every write that was acknowledged is
there, and no bucket was ever worked on twice at once. The exit status is 1 otherwise. Nothing here is timed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_CATCHES_UP_WITHIN = 90.0
_POOL_CHILDREN = 2


@dataclass
class Verdict:
    """What must hold, by name; an empty text holds."""

    faults: dict[str, str]

    def print(self) -> int:
        for name, fault in self.faults.items():
            print(f"{name}: {fault or 'as it should be'}", flush=True)
        return 1 if any(self.faults.values()) else 0


def main(arguments: list[str]) -> int:
    """Run it all; the exit status."""
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how often a worker is killed")
    parser.add_argument("--writers", type=int, default=4, help="connections that write, besides one through the API")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats the choice of victims")
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="gam-chaos-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user, who must get through
    print(f"state in {folder}, seed {given.seed}", flush=True)
    try:
        status = _run(folder, given.kills, given.writers, random.Random(given.seed))  # noqa: S311  repeatable, not secret
    finally:
        _keep_logs(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return status


def _keep_logs(folder: Path) -> None:
    kept = ROOT / "var" / "chaos"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder / "logs", kept, dirs_exist_ok=True)
    shutil.copy(folder / "serve.out", kept)
    print(f"its logs are kept in {kept}", flush=True)


def _run(folder: Path, kills: int, writers: int, chance: random.Random) -> int:
    port = _free_port()
    for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    os.environ.update(GAM_STATE_DIR=str(folder), PORT=str(port), DJANGO_SETTINGS_MODULE="gam.settings")
    with open(folder / "serve.out", "w") as output:
        product = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(folder / "serve.out", product)
        import django

        django.setup()
        from bench import chaos_writers
        from bench.chaos_killer import Killer

        ledger = chaos_writers.furnish(writers, port)
        killer = Killer(folder, chance)
        with ledger.writing():
            for number in range(kills):
                time.sleep(chance.uniform(0.3, 1.2))
                killer.kill_a_worker()
                if number == kills // 3:
                    killer.empty_and_kill_the_broker()
                if number == 2 * kills // 3:
                    killer.kill_the_database()
        print(f"{killer.said()}; {ledger.said()}", flush=True)
        return Verdict(_judged(ledger)).print()
    finally:
        product.send_signal(signal.SIGTERM)
        product.wait(60)


def _judged(ledger: chaos_writers.Ledger) -> dict[str, str]:  # type: ignore[name-defined]  # noqa: F821  imported once Django is up
    from bench import chaos_verdict

    caught_up = chaos_verdict.catches_up(within=_CATCHES_UP_WITHIN)
    return {
        "the product catches up by itself": caught_up,
        "drift: 0 cells": chaos_verdict.drift(),
        "lost updates: 0": ledger.lost(),
        "double runs: 0": chaos_verdict.double_runs(),
        "runs that nobody works on: 0": chaos_verdict.orphans(),
    }


def _wait_until_ready(output: Path, product: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while "is ready" not in output.read_text():
        if product.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(output.read_text())
        time.sleep(0.2)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
