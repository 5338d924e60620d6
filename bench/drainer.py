"""A worker of the benchmark: drains until its standard input ends. `python -m bench.drainer`."""

from __future__ import annotations

import select
import sys

import django


def main() -> None:
    django.setup()
    from rollups import services

    services.has_work()  # connected
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        if not services.drain(wait=False).batches:
            select.select([sys.stdin], [], [], 0.002)


if __name__ == "__main__":
    main()
