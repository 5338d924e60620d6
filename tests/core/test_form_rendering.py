"""Selects are drawn without a template for each option; what comes out is what Django draws."""

from __future__ import annotations

import pytest
from django.forms import ChoiceField, Form, MultipleChoiceField
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import Widget
from django.test.html import parse_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.form_rendering import Renderer

CHOICES = [
    ("", _("Any")),
    ("a&b", "Größe <b> & “mehr”"),
    ("safe", SafeString("<i>as it is</i>")),
    ("Group <1>", [("x", "X"), (7, "Seven")]),
]


class Choosing(Form):
    one = ChoiceField(choices=CHOICES, required=False)
    several = MultipleChoiceField(choices=CHOICES, required=False)


@pytest.mark.parametrize("given", [{}, {"one": "a&b", "several": ["x", "7"]}, {"one": "gone"}])
@pytest.mark.parametrize("name", ["one", "several"])
def test_a_select_is_what_django_draws(given: dict[str, object], name: str) -> None:
    widget: Widget = Choosing().fields[name].widget
    attributes = {"id": "id_<", "class": "form-select", "required": True, "hidden": False}
    ours, djangos = (
        widget.render(name, given.get(name), attributes, renderer) for renderer in (Renderer(), DjangoTemplates())
    )
    assert parse_html(ours) == parse_html(djangos)


def test_every_form_of_the_product_draws_so() -> None:
    assert isinstance(Choosing().renderer, Renderer)
