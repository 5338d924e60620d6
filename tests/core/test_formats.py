"""Figures and dates are written for the reader: exact, by language, and never a zero for what nobody knows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.translation import override

from core import formats, marks


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "−12,345,678.90"), ("de", "−12.345.678,90"), ("ar", "−12,345,678.90")],
)
def test_a_number_keeps_its_decimals_and_has_the_separators_of_its_language(language: str, written: str) -> None:
    with override(language):
        assert formats.number(Decimal("-12345678.90")) == written


def test_a_number_too_long_for_binary_floats_keeps_every_digit() -> None:
    with override("en"):
        assert formats.number("12345678901234567890.1234") == "12,345,678,901,234,567,890.1234"


@pytest.mark.parametrize(
    ("value", "written"),
    [("12345678.90", "12.3 m"), ("940000", "940.0 k"), ("-4321.05", "−4.3 k"), ("0.00", "0"), ("999", "999"), ("2500000000", "2.5 bn")],
)  # fmt: skip
def test_the_short_form_is_set_apart_from_its_scale(value: str, written: str) -> None:
    with override("en"):
        assert formats.short(value) == written


@pytest.mark.parametrize(
    ("language", "written"), [("en", "30 Oct 2026"), ("de", "30. Okt. 2026"), ("ar", "30 أكتوبر 2026")]
)
def test_a_date_is_written_out_in_every_language(language: str, written: str) -> None:
    with override(language):
        assert formats.day(dt.date(2026, 10, 30)) == written


def test_a_country_has_the_name_of_the_readers_language() -> None:
    with override("de"):
        assert formats.country("JP") == "Japan"
        assert formats.country("FR") == "Frankreich"
        assert formats.country(None) == "–"


def test_none_is_a_dash_with_a_word_for_screen_readers() -> None:
    shown = marks.amount_html(None, "EUR")
    assert "–" in shown
    assert "none" in shown
    assert "0" not in shown


def test_unknown_is_said_to_be_unknown() -> None:
    assert "unknown" in marks.amount_html(formats.UNKNOWN, "EUR")
    assert "unknown" in marks.short_amount_html(formats.UNKNOWN)


def test_the_short_form_carries_the_full_figure_for_hover_and_screen_readers() -> None:
    with override("en"):
        shown = marks.short_amount_html(Decimal("12345678.90"), "EUR")
    assert 'title="12,345,678.90 EUR"' in shown
    assert '<span class="visually-hidden">12,345,678.90 EUR</span>' in shown


def test_minor_units_are_placed_by_the_currencys_exponent() -> None:
    template = Template('{% load figures %}{% money_minor 1234567 "KWD" 3 %}|{% money_minor 1234567 "JPY" 0 %}')
    with override("en"):
        kwd, jpy = template.render(Context()).split("|")
    assert kwd.startswith('<bdi class="num">1,234<span class="cents">.567</span>')
    assert jpy.startswith('<bdi class="num">1,234,567 ')


def test_growth_without_a_base_is_not_a_percentage() -> None:
    template = Template("{% load figures %}{% change now before %}")
    with override("en"):
        assert "+12.2%" in template.render(Context({"now": Decimal("112.2"), "before": Decimal(100)}))
        assert "%" not in template.render(Context({"now": Decimal(5), "before": Decimal(0)}))


def test_names_from_data_are_escaped() -> None:
    assert "<script>" not in marks.tag_html("<script>alert(1)</script>")


def test_every_state_has_a_shape_and_a_word() -> None:
    shown = {state: str(marks.state_html(state)) for state in ("covered", "inherited", "gap", "unknown", "risk")}
    assert len({html.split("<svg")[1].split("</svg>")[0] for html in shown.values()}) == len(shown)
    assert marks.state_html("empty") == marks.state_html("gap")
