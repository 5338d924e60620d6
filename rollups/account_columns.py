"""The figures that roll-ups add to the accounts list."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import Figures, figures_come_from
from core import formats, marks
from core.cells import Column
from money.queries import exponents, reporting_currencies
from rollups.account_queries import with_account_figures


def register() -> None:
    """Called once, when the models are ready."""
    figures_come_from(Figures(columns=columns, annotate=with_account_figures, head=head))


def columns() -> tuple[Column, ...]:
    currency = reporting_currencies()[0]
    read = _reader(exponents()[currency])
    return (
        _column("revenue", _("Revenue, 12 months, %(currency)s") % {"currency": currency}, read),
        _column("open", _("Open pipeline, %(currency)s") % {"currency": currency}, read),
    )


def head() -> list[str]:
    return [
        _("Revenue recognised in the last 12 whole months and open pipeline, in %(currency)s as reported")
        % {"currency": reporting_currencies()[0]}
    ]


Read = Callable[[Any, str], Decimal | formats.Unknown | None]


def _reader(exponent: int) -> Read:
    def read(row: Any, name: str) -> Decimal | formats.Unknown | None:
        minor, unpriced = _sums(row, name)
        if minor is None:
            return None
        # Nothing but facts without a price: there is money, and nobody knows how much of this currency it is.
        if not minor and unpriced:
            return formats.UNKNOWN
        return minor.scaleb(-exponent)

    return read


def _sums(row: Any, name: str) -> tuple[Decimal | None, int]:
    """Minor units (None: no facts, or no lens that is ready), and how many facts have no price."""
    minor, unpriced = getattr(row, f"{name}_sums") or (None, 0)
    return minor, int(unpriced or 0)


def _column(name: str, label: str, read: Read) -> Column:
    def drawn(row: Any) -> str:
        return format_html("{}{}", marks.amount_html(read(row, name)), more_mark(_sums(row, name)[1]))

    return Column(
        name=name, label=label, kind="amount", value=lambda row: read(row, name), sort=f"{name}_sums__0", html=drawn
    )


def more_mark(unpriced: int) -> str:
    """A plus behind an amount that does not hold everything; its room is kept where there is none."""
    if not unpriced:
        return SafeString('<span class="more-mark"></span>')
    words = ngettext("%(number)d fact unpriced", "%(number)d facts unpriced", unpriced) % {"number": unpriced}
    return format_html(
        '<span class="more-mark" title="{0}"><span aria-hidden="true">+</span>'
        '<span class="visually-hidden"> {0}</span></span>',
        words,
    )
