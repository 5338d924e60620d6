"""A bar of choices that reads as a sentence: each word is a menu, and each choice stands in the address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Input:
    """A free entry at the foot of a menu: a date, a month. `type` is the HTML type."""

    name: str
    label: Text
    value: str = ""
    type: str = "date"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One word of the sentence: `options` are (value, words in the menu); `word` is what the sentence says now.

    `clears` names other parameters that choosing an option removes (a month range when a year is chosen).
    """

    param: str
    label: Text
    value: str
    word: Text
    options: tuple[tuple[str, Text], ...]
    inputs: tuple[Input, ...] = ()
    clears: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    words: Text
    url: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    choice: Choice
    options: list[Option]
    kept: list[tuple[str, str]]


@dataclass(frozen=True)
class Sentence:
    """`text` names its choices in braces: "{kind} in {currency}". `note` stands behind it: as of, rates, computed."""

    text: Text
    choices: Mapping[str, Choice]
    note: Text = ""

    def parts(self, path: str, query: QueryDict) -> Iterator[str | Menu]:
        """The sentence's words and menus in the order of the reader's language."""
        for part in re.split(r"(\{\w+\})", str(self.text)):
            choice = self.choices.get(part.strip("{}")) if part.startswith("{") else None
            if choice is not None:
                yield _menu(choice, path, query)
            elif part:
                yield part


def _menu(choice: Choice, path: str, query: QueryDict) -> Menu:
    dropped = {choice.param, "after", "before", *choice.clears}
    own = {field.name for field in choice.inputs}
    options = []
    for value, words in choice.options:
        changed = query.copy()
        for name in dropped:
            changed.pop(name, None)
        changed[choice.param] = value
        options.append(Option(words, f"{path}?{changed.urlencode()}", value == choice.value))
    kept = [(name, value) for name, values in query.lists() for value in values if name not in dropped | own]
    return Menu(choice, options, kept)
