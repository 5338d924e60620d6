"""Figures that open their proof: `{% load proofs %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from rollups.figures import Unpriced
from rollups.templatetags.measures import figure
from workspace import proof_links
from workspace.lenses import PageLens

register = template.Library()


@register.simple_tag
def proves(drawn: Any, lens: PageLens, measure: str, **place: str) -> SafeString:
    """`{% money_short m.won unit as figure %}{% proves figure lens "won" region=code as figure %}`: a link to the proof."""
    return proof_links.link(drawn, lens, measure, place)


@register.simple_tag
def proven(amount: Any, lens: PageLens, measure: str, unpriced: Unpriced | None = None, **place: str) -> SafeString:
    """A measure in full, as `{% figure %}` draws it, as a link to its proof; nothing is a dash and has none."""
    drawn = figure(amount, unpriced)
    missing = unpriced.facts if unpriced else 0
    return proof_links.link(drawn, lens, measure, place) if amount or missing else drawn
