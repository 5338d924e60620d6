"""`manage.py check_translations [--update]`: what people would read untranslated, and whether the catalogues are fresh."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gam import translations, untranslated
from gam.environment import ROOT

# The gallery of components, for those who build pages: its examples say what an example says.
_UNREAD = {"core/gallery.py", "templates/core/gallery.html"}


class Command(BaseCommand):
    help = "Lists strings that are shown but not marked for translation, and catalogues that are behind the code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--update", action="store_true", help="bring the catalogues up to date first")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["update"]:
            for language in translations.LANGUAGES:
                translations.update(language)
        said = [str(finding) for finding in _findings()]
        for language in translations.LANGUAGES:
            said += [f"{language}: {line}" for line in translations.stale(language)]
        for line in said:
            self.stdout.write(line)
        if said:
            self.stderr.write(f"{len(said)} findings; catalogues are renewed by: manage.py check_translations --update")
            sys.exit(1)


def _findings() -> list[untranslated.Finding]:
    texts = {path: path.read_text(encoding="utf-8") for path in translations.sources("py") if _is_read(path)}
    errors = untranslated.domain_errors(ast.parse(text) for text in texts.values())
    found = []
    for path, text in texts.items():
        found += untranslated.in_module(path.relative_to(ROOT), text, errors)
    for path in filter(_is_read, translations.sources("html")):
        found += untranslated.in_template(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
    return found


def _is_read(path: Path) -> bool:
    return path.relative_to(ROOT).as_posix() not in _UNREAD
