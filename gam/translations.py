"""The catalogues of translations: extracted from code and templates, merged, compiled, and checked to be fresh.

Babel does what gettext's programs do, so that nothing has to be installed on the machine. Catalogues name no
source lines: they change only when the words do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from gam.environment import ROOT

LOCALE = ROOT / "locale"
LANGUAGES = ("de", "ar")
_OUTSIDE = {"node_modules", "static", "var", "tests", "bench", "locale", "docs", ".venv", ".tools"}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_CALL = re.compile(r"\b(?:(?:np|n|p)?gettext(?:_noop)?|_)\(")
Message = tuple[str | tuple[str, ...], str | None]


def sources(kind: str) -> Iterator[Path]:
    """Every file of ours of this kind (`py`, `html`) whose words people may see."""
    for path in sorted(ROOT.rglob(f"*.{kind}")):
        place = path.relative_to(ROOT).parts
        if not _OUTSIDE & set(place) and "migrations" not in place and not place[0].startswith("."):
            yield path


def extracted() -> Catalog:
    """Every message of the project, without translations."""
    catalog = Catalog(project="GAM", charset="utf-8", fuzzy=False)
    for message, context in _messages():
        catalog.add(message, context=context)
    return catalog


def _messages() -> Iterator[Message]:
    for path in sources("py"):
        if path.name != "untranslated.py":
            yield from _of_python(path.read_bytes())
    for path in sources("html"):
        for call in _calls(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
            yield from _of_python(call.encode())


def _of_python(source: bytes) -> Iterator[Message]:
    keywords = {**_KEYWORDS, **_aliases(source)}
    for _, message, _, context in extract("python", BytesIO(source), keywords=keywords):
        yield (message if isinstance(message, str) else tuple(message)), context


def _aliases(source: bytes) -> dict[str, Any]:
    """What a module calls Django's functions: `gettext as _now` is read as `gettext` is."""
    names = [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
    ]
    return {name.asname: _KEYWORDS[name.name] for name in names if name.asname and name.name in _KEYWORDS}


def _calls(templatized: str) -> Iterator[str]:
    """The calls that Django makes of a template's tags; what stands between them is no Python."""
    for match in _CALL.finditer(templatized):
        rest = templatized[match.start() :]
        end = match.end() - match.start()
        while True:
            end = rest.index(")", end) + 1
            try:
                ast.parse(rest[:end].strip())
            except SyntaxError:
                continue
            yield rest[:end] + "\n"
            break


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with open(path, "rb") as file:
        return read_po(file, locale=language)


def stale(language: str) -> list[str]:
    """The messages that the catalogue lacks or has too many, with a sign before each."""
    wanted = {_key(message) for message in extracted() if message.id}
    there = {_key(message) for message in read(language) if message.id}
    return [f"+ {key}" for key in sorted(wanted - there)] + [f"- {key}" for key in sorted(there - wanted)]


def _key(message: object) -> str:
    return f"{getattr(message, 'context', '') or ''}|{getattr(message, 'id', '')}"


def update(language: str) -> None:
    """Merge the present messages into a catalogue: translations stay, new messages wait for theirs."""
    catalog = read(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, catalog, omit_header=False, no_location=True, sort_output=True, width=100)
    kept = re.sub(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By)[^\n]*\n', b"", buffer.getvalue())
    path_of(language).write_bytes(kept)


def compile_catalogues() -> None:
    """Write what Django reads beside each catalogue."""
    for language in LANGUAGES:
        if path_of(language).exists():
            with open(path_of(language).with_suffix(".mo"), "wb") as file:
                write_mo(file, read(language))


if __name__ == "__main__":
    compile_catalogues()
