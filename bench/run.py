"""The benchmarks: every `bench/bench_*.py`, as a table and in `var/bench.json`.

A benchmark module has `run() -> list[Figure]` (bench/figures.py). It works in a throw-away database of the test suite's kind, so that
figures of two machines differ by the machine alone. `python -m bench.run imports` runs only what is named so.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure
from gam.environment import ROOT


def main(chosen: list[str]) -> int:
    """Run the benchmarks; the exit status is 1 when a figure misses what it is held to."""
    from tests import plugin  # before Django: it points the settings at throw-away servers

    servers = plugin.Servers()
    try:
        servers.start()
        os.environ["DJANGO_SETTINGS_MODULE"] = "gam.settings"
        import django

        django.setup()
        servers.make_template()
        figures = [figure for name in _modules(chosen) for figure in _measured(name, servers.clone)]
    finally:
        servers.end()
    _write(figures)
    print(_table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def _modules(chosen: list[str]) -> list[str]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    return [name for name in names if not chosen or name.removeprefix("bench_") in chosen]


def _measured(name: str, clone: Callable[[], None]) -> list[Figure]:
    """The figures of one module, in a database of its own."""
    from django.db import connections

    clone()
    print(f"{name} …", file=sys.stderr, flush=True)
    begun = time.perf_counter()
    figures: list[Figure] = importlib.import_module(f"bench.{name}").run()
    connections.close_all()
    print(f"{name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
    return figures


def _table(figures: list[Figure]) -> str:
    rows = [("benchmark", "value", "unit", "held to")]
    for figure in figures:
        held = [f"≥ {figure.least:,g}"] if figure.least is not None else []
        held += [f"≤ {figure.most:,g}"] if figure.most is not None else []
        rows.append(
            (figure.name, f"{figure.value:,.4g}", figure.unit, " ".join(held) + ("" if figure.is_met else "  MISSED"))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _write(figures: list[Figure]) -> None:
    machine = {"python": platform.python_version(), "system": platform.platform(), "processors": os.cpu_count()}
    rows = [{**asdict(figure), "met": figure.is_met} for figure in figures]
    path = ROOT / "var" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"machine": machine, "figures": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
