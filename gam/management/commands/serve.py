"""`manage.py serve`: the running product, without demo data."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gam import supervisor


class Command(BaseCommand):
    help = "Starts the servers, the web, the worker and the timetable, and stops them on Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        sys.exit(supervisor.serve(port=options["port"], demo=options["demo"]))
