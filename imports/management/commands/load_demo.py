from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from imports.demo.loading import keep_forecasts, keep_history, load_demo
from imports.demo.logins import login_table


class Command(BaseCommand):
    help = "Load the demo data, pin the as-of date to their last rate date, and print the demo logins. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=_at_least_one, default=1, metavar="N", help="N times as many customers")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = load_demo(scale=options["scale"])
        except DomainError as error:
            raise CommandError(error.message) from error
        for refusal in result.refusals:
            self.stdout.write(str(refusal))
        for label, counts in result.counts.items():
            self.stdout.write(f"{label}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
        if not result.is_clean:
            raise CommandError(_("The demo was not loaded: the database holds other data that it contradicts."))
        days = keep_history()
        self.stdout.write(_("alignment: the scores of %(days)d days") % {"days": days})
        self.stdout.write(_("forecast: %(weeks)d weekly snapshots") % {"weeks": keep_forecasts()})
        self.stdout.write(login_table())


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(_("a whole number from 1 up"))
    return int(text)
