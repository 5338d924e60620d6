"""Finding what a reader would see that nobody could translate: text of templates and literals of code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

# Two letters of any script in a row make a word; "·", "—" and "x" do not.
_WORD = re.compile(r"[^\W\d_]{2}")
_TRANSLATED = re.compile(r"{%\s*(blocktranslate|blocktrans|comment|verbatim)\b.*?{%\s*end\1\s*%}|{#.*?#}", re.DOTALL)
_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# A tag's argument that is shown: label="Delete" instead of a translated variable or _("Delete").
_SHOWN_ARGUMENT = re.compile(
    r"\b(label|title|text|heading|placeholder|help|caption|message|hint|empty|summary)=(?P<quote>[\"'])(?P<said>.*?)(?P=quote)"
)
_SHOWN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "data-confirm", "data-empty"}
# Elements whose text no person reads as prose.
_UNREAD = {"script", "style", "code", "kbd", "samp"}
# Names that are the same in every language.
_NAMES = {"GAM", "CSV", "XLSX", "API", "OpenAPI", "JSON", "HTTP", "LEI", "ISO"}

_SHOWN_KEYWORDS = {
    "label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "empty_text", "placeholder", "caption",
    "scroll_label", "heading", "hint", "violation_error_message", "error_message",
}  # fmt: skip
_SHOWN_ASSIGNMENTS = {"verbose_name", "verbose_name_plural", "short_description", "site_header", "site_title"}
_SHOWN_CALLS = {"ValidationError", "success", "warning", "info", "error"}
_MESSAGE_MODULES = {"messages"}


@dataclass(frozen=True, order=True)
class Finding:
    """One string that is shown as it stands, and where."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def in_template(path: Path, source: str) -> list[Finding]:
    """Text between tags, shown attributes, and shown arguments of template tags that stand outside a translation."""
    blanked = _TRANSLATED.sub(_blank, source)
    found = [
        Finding(path, blanked.count("\n", 0, tag.start()) + 1, argument["said"])
        for tag in _TAG.finditer(blanked)
        for argument in _SHOWN_ARGUMENT.finditer(tag.group())
        if _has_words(argument["said"])
    ]
    reader = _Reader()
    reader.feed(_TAG.sub(_blank, blanked))
    reader.close()
    return sorted(found + [Finding(path, line, text) for line, text in reader.found])


def _blank(match: re.Match[str]) -> str:
    """As many lines as before, no words; quotes inside tags no longer end an attribute."""
    lines = "\n" * match.group().count("\n")
    # An element whose name is chosen by a tag is an element all the same.
    return lines + ("x" if match.string[match.start() - 1 : match.start()] in {"<", "/"} else " ")


def _has_words(text: str) -> bool:
    rest = re.sub(r"&\w+;", " ", text)
    return any(_WORD.search(word) for word in rest.split() if word.strip(".,:()") not in _NAMES)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str]] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD or "code" in (dict(attrs).get("class") or "").split():
            self.unread.append(tag)
        is_named = tag == "input" and dict(attrs).get("type") in {"submit", "button"}
        for name, value in attrs:
            if value and (name in _SHOWN_ATTRIBUTES or (name == "value" and is_named)) and _has_words(value):
                self.found.append((self.getpos()[0], value.strip()))

    def handle_endtag(self, tag: str) -> None:
        if self.unread and self.unread[-1] == tag:
            self.unread.pop()

    def handle_data(self, data: str) -> None:
        if not self.unread and _has_words(data):
            before = len(data) - len(data.lstrip())
            line = self.getpos()[0] + data.count("\n", 0, before)
            self.found.append((line, " ".join(data.split())))


def in_module(path: Path, source: str, domain_errors: Iterable[str] = ()) -> list[Finding]:
    """Literals that become labels, messages, choices or the text of a domain error without a translation."""
    tree = ast.parse(source)
    errors = set(domain_errors)
    found = [literal for node in ast.walk(tree) for literal in _shown(node, errors)]
    lines = source.splitlines()
    return sorted(
        Finding(path, literal.lineno, text)
        for literal in found
        if (text := _said(literal)) and _has_words(text) and "untranslated:" not in lines[literal.lineno - 1]
    )


def domain_errors(trees: Iterable[ast.Module]) -> set[str]:
    """The names of all classes that descend from DomainError, whose first argument is shown to people."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    known = {"DomainError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known


def _shown(node: ast.AST, errors: set[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = _name(node.func)
        yield from (word.value for word in node.keywords if word.arg in _SHOWN_KEYWORDS)
        if name in errors or name == "ValidationError":
            yield from node.args[:1]
        if name in _SHOWN_CALLS and isinstance(node.func, ast.Attribute) and _name(node.func.value) in _MESSAGE_MODULES:
            yield from node.args[1:2]
    elif isinstance(node, ast.ClassDef) and {"TextChoices", "IntegerChoices"} & {_name(base) for base in node.bases}:
        values = [line.value for line in node.body if isinstance(line, ast.Assign)]
        yield from (value.elts[1] for value in values if isinstance(value, ast.Tuple) and len(value.elts) == 2)
    elif isinstance(node, ast.Assign) and {_name(target) for target in node.targets} & _SHOWN_ASSIGNMENTS:
        yield node.value


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _said(node: ast.expr) -> str:
    """The text of a literal or a formatted literal; empty for a call such as `_("…")` and for a name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return ""
