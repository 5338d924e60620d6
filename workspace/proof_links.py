"""Where the proof of a figure opens: beside the page by htmx, or as a page of its own behind the same address."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workspace.lenses import PageLens

Place = Mapping[str, str]
"""Of which node: `region` (empty: the world), `account`, `unit` of an account, `member`; `of` says which, and is `region` unless
given. Narrowed by `child`, `country`, `month` or, of a region or member, `account`. `book` where it is not the lens's."""


def url(lens: PageLens, measure: str, place: Place) -> str:
    """The address of a figure's proof under the lens of the page."""
    chosen = {name: value for name, value in place.items() if value} | {"measure": measure}
    if "book" in chosen:
        return f"{_address(get_script_prefix())}?{urlencode({**lens.params, **chosen})}"
    # A page has hundreds of them: the part that they share is written once.
    return f"{_address(get_script_prefix())}?{lens.query}&{urlencode(chosen)}"


@cache
def _address(prefix: str) -> str:
    """Where proofs are, by the prefix that the product is served under."""
    return reverse("workspace:proof")


def link(figure: Any, lens: PageLens, measure: str, place: Place) -> SafeString:
    """`figure` as drawn, as a link to its proof. The full figure stays what is said on hover."""
    return format_html(
        '<a class="proves" href="{0}" hx-get="{0}" hx-target="#sheet-content" hx-swap="innerHTML" aria-haspopup="dialog">{1}</a>',
        url(lens, measure, place),
        figure,
    )
