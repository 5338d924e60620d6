from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from rollups import services


class Command(BaseCommand):
    help = "Bring every roll-up up to date with what changed, compute everything again, or check the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--rebuild", action="store_true", help="recompute everything from the facts and publish it")
        what.add_argument("--verify", action="store_true", help="compare what is published with the facts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify()
        elif options["rebuild"]:
            run = services.rebuild()
            self.stdout.write(
                _("run %(run)d: %(facts)d facts, %(cells)d cells written")
                % {"run": run.pk, "facts": run.facts, "cells": run.cells}
            )
        else:
            done = services.drain()
            self.stdout.write(
                _("%(keys)d changed months drained, %(cells)d cells written") % {"keys": done.keys, "cells": done.cells}
            )

    def _verify(self) -> None:
        found = services.verify()
        self.stdout.write(f"drift: {found.drift} cells")
        if found.changing:
            self.stderr.write(
                _("%(keys)d months changed during the check and were not compared.") % {"keys": found.changing}
            )
        if found.drift:
            raise SystemExit(1)
