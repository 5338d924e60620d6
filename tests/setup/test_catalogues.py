"""What translators wrote: it names the same values as the words that it stands for, and counts as its language does."""

from __future__ import annotations

import re
from gettext import c2py

import pytest
from babel.messages.catalog import Message

from gam import translations

_PLACE = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
_ENDS = re.compile(r"^\s*|\s*$")


def _texts(said: object) -> list[str]:
    return [str(form) for form in said] if isinstance(said, tuple | list) else [str(said)]


def _faults(message: Message) -> list[str]:
    """The message if a form names other values; a singular may leave its number out."""
    ids, forms = _texts(message.id), [form for form in _texts(message.string) if form]
    most = {place for text in ids for place in _PLACE.findall(text)}
    named = [set(_PLACE.findall(form)) for form in forms]
    if not forms:
        return []
    is_wrong = named[-1] != most or any(form - most for form in named)
    is_spaced = len(ids) == 1 and _ENDS.findall(forms[0]) != _ENDS.findall(ids[0])
    return [ids[0]] if is_wrong or is_spaced else []


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_translation_names_the_values_of_its_message(language: str) -> None:
    assert [fault for message in translations.read(language) if message.id for fault in _faults(message)] == []


@pytest.mark.parametrize(
    ("number", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (58, 4), (99, 4), (100, 5), (103, 3)]
)
def test_arabic_counts_by_six_forms_in_the_order_that_translators_know(number: int, form: int) -> None:
    assert c2py(translations.read("ar").plural_expr)(number) == form
