"""The lens reads as a sentence, and each word of it changes one parameter of the address."""

from __future__ import annotations

from django.http import QueryDict

from core.sentences import Choice, Menu, Sentence

CURRENCY = Choice(
    param="currency", label="Currency", value="EUR", word="EUR", options=(("EUR", "euro"), ("USD", "US dollar"))
)
YEAR = Choice(
    param="fy", label="Period", value="2026", word="FY 2026", options=(("2025", "FY 2025"),), clears=("from", "to")
)
SENTENCE = Sentence("Revenue in {currency}, {period}.", {"currency": CURRENCY, "period": YEAR})


def menus(query: str) -> list[Menu]:
    return [part for part in SENTENCE.parts("/regions/", QueryDict(query)) if isinstance(part, Menu)]


def test_words_and_menus_stand_in_the_order_of_the_sentence() -> None:
    parts = [part if isinstance(part, str) else part.choice.param for part in SENTENCE.parts("/regions/", QueryDict())]
    assert parts == ["Revenue in ", "currency", ", ", "fy", "."]


def test_an_option_keeps_the_other_choices_and_leaves_the_page_of_a_list() -> None:
    currency, _ = menus("tree=now&currency=EUR&after=abc")
    assert [option.url for option in currency.options] == [
        "/regions/?tree=now&currency=EUR",
        "/regions/?tree=now&currency=USD",
    ]
    assert [option.is_current for option in currency.options] == [True, False]


def test_an_option_removes_what_it_replaces() -> None:
    _, year = menus("from=2026-01&to=2026-03&currency=EUR")
    assert year.options[0].url == "/regions/?currency=EUR&fy=2025"
