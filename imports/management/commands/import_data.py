from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from imports import services
from users.models import User
from users.queries import login_of


class Command(BaseCommand):
    help = "Load CSV files, folders of them or XLSX workbooks: one batch, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="load with the rights of this user")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._user(options["email"]) if options["email"] else None
        try:
            result = services.import_paths(options["paths"], by=by, dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(error.message) from error
        for refusal in result.refusals:
            self.stdout.write(str(refusal))
        for label, counts in result.counts.items():
            self.stdout.write(f"{label}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
        if not result.is_clean:
            rows = len({(refusal.file, refusal.line) for refusal in result.refusals})
            raise CommandError(_("%(rows)s rows were rejected; nothing was written.") % {"rows": rows})
        if options["dry_run"]:
            self.stdout.write(_("Dry run: nothing was written."))

    def _user(self, email: str) -> User:
        user = login_of(email=email)
        if user is None:
            raise CommandError(_("No active login has the e-mail address %(email)s.") % {"email": email})
        return user
